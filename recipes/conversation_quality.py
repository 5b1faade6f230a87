"""
Measures of conversations: fit them, and hold each against people beside message length and a constant answer.

    python recipes/conversation_quality.py measure --data_root DATA [--model FOLDER]    # the validity table; minutes
    python recipes/conversation_quality.py fit --data_root DATA                          # writes the weights

Needs DATA/empatheticdialogues, esconv, annomi and ami. What is fitted is measured on people it was not fitted on.
`measure --write` keeps the figures beside the measures, where evaluations read which of them are validated. With
--model, naturalness is also held against that language model's own replies.
"""

import argparse
from pathlib import Path

DIALOGUES = 1200  # of EmpatheticDialogues that are read: some 5,000 messages, minutes of encoding on two cores
CONTEXTS = 160  # that --model answers


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("measure", "fit"))
    parser.add_argument("--data_root", required=True, help="folder of corpora")
    parser.add_argument("--model", help="a language model whose replies naturalness is held against")
    parser.add_argument("--write", action="store_true", help="keep the figures beside the measures")
    parser.add_argument("--dialogues", type=int, default=DIALOGUES, help="of EmpatheticDialogues")
    return parser.parse_args(arguments)


def corpora(chosen: argparse.Namespace) -> tuple[list, list, list]:
    """Rows of EmpatheticDialogues (whole groups, drawn by a seed) and ESConv, and AnnoMI's sessions."""
    import numpy as np

    from datasets_scripts import empatheticdialogues, esconv
    from pixel.clinical.appropriateness.annomi_sessions import read_sessions

    root = Path(chosen.data_root)
    talks = list(empatheticdialogues.rows(root))
    names = sorted({row["group"] for row in talks})
    rank = dict(zip(np.random.default_rng(0).permutation(names).tolist(), range(len(names)), strict=True))
    talks = sorted(talks, key=lambda row: rank[row["group"]])[: chosen.dialogues]
    return talks, list(esconv.rows(root)), read_sessions(root)


def as_rows(sessions: list) -> list[dict]:
    return [{"source": "annomi", "id": one.id, "group": one.video, "messages": one.messages} for one in sessions]


def fit(chosen: argparse.Namespace) -> None:
    from pixel.evaluation.conversation.coherence import WEIGHTS
    from pixel.evaluation.conversation.fitting import fit_all
    from pixel.text.sentence_encoder import RememberingEncoder, default_encoder
    from pixel.voice.personality.fingerprint.ami import read_speakers

    talks, support, sessions = corpora(chosen)
    encoder = RememberingEncoder(default_encoder())
    speakers = read_speakers(chosen.data_root)
    fit_all([*talks, *support], support, [*talks, *support, *as_rows(sessions)], speakers, encoder, WEIGHTS.parent)
    print(f"Weights: {WEIGHTS.parent}")


def measure(chosen: argparse.Namespace) -> None:
    from pixel.evaluation.conversation import measured, session_studies, studies
    from pixel.evaluation.conversation.phases import PhaseReader
    from pixel.text.sentence_encoder import RememberingEncoder, default_encoder
    from pixel.voice.personality.fingerprint.ami import read_speakers

    talks, support, sessions = corpora(chosen)
    encoder, found = RememberingEncoder(default_encoder()), []
    for corpus, rows in (("EmpatheticDialogues", talks), ("ESConv", support)):
        found += studies.coherence_study(rows, encoder, corpus)
    sets = {"templates of pixel.knowledge": templates()}
    if chosen.model:
        sets[f"replies of {Path(chosen.model).name}"] = replies_of_model(chosen.model, support)
    found += studies.naturalness_study([*talks, *support, *as_rows(sessions)], disorders(), sets)
    found += studies.authenticity_study(read_speakers(chosen.data_root))
    phases, read, summary = studies.phase_study(support, encoder)
    found += phases + studies.order_study(support, read)
    found += session_studies.flow_study(sessions, PhaseReader(encoder))
    found += session_studies.quality_study(sessions, encoder)
    found += session_studies.relief_study(support, encoder)
    found += session_studies.helpfulness_study(support, encoder)
    print(measured.table(found))
    print("Phases, likeliest against the strategies': " + ", ".join(f"{k} {v:.3g}" for k, v in summary.items()))
    if chosen.write:
        measured.save(found)
        print(f"Kept: {measured.FILE}")


def disorders() -> dict:
    """What is done to people's replies; the words stay the same, so that length tells nothing."""

    def shuffled(share: float):
        def work(chunk, generator):
            out = []
            for reply in chunk:
                words = reply.split()
                places = [place for place in range(len(words)) if generator.random() < share]
                for place, other in zip(
                    places, generator.permutation([words[place] for place in places]), strict=True
                ):
                    words[place] = str(other)
                out.append(" ".join(words))
            return out

        return work

    def looped(chunk, generator):
        count = len(" ".join(chunk).split())
        first = chunk[int(generator.integers(len(chunk)))].split()[:12]
        words = (first * count)[:count]
        return [" ".join(words[start : start + len(first)]) for start in range(0, count, len(first))]

    return {"all words in any order": shuffled(1.0), "three in ten words in any order": shuffled(0.3),
            "one reply again and again": looped}  # fmt: skip


def templates(count: int = 60) -> list[list[str]]:
    """Helpers' chunks out of Pixel's own grammar."""
    from pixel.evaluation.conversation.naturalness import chunks
    from pixel.knowledge.conversations.generator import Settings, make
    from pixel.knowledge.loading import knowledge

    out = []
    for index in range(count):
        row = make(knowledge(), Settings(), index).row
        if row is not None:
            out += chunks([m["content"] for m in row["messages"] if m["role"] == "assistant"])[:2]
    return out


def replies_of_model(name: str, support: list) -> list[list[str]]:
    """A model's replies in ESConv's places: whole sentences, until they have as many words as the human reply had."""
    import re

    from pixel.evaluation.conversation.exchanges import exchanges
    from pixel.evaluation.conversation.naturalness import chunks
    from pixel.evaluation.subjects import Subject

    given = [one for one in exchanges(support) if len(one.reply.split()) >= 8]
    given = given[:: max(1, len(given) // CONTEXTS)][:CONTEXTS]
    system = {"role": "system", "content": "You support the other person in a chat. Answer in one or two sentences."}
    talks = [[system, *one.messages[-5:]] for one in given]
    said = Subject(name, batch_tokens=8192).generate(talks, max_new_tokens=40, temperature=0.7, seed=0)
    cut = []
    for text, one in zip(said, given, strict=True):
        kept: list[str] = []
        for sentence in re.findall(r"[^.!?]+[.!?]+", text):
            if len(" ".join(kept).split()) < len(one.reply.split()):
                kept.append(sentence.strip())
        cut.append(" ".join(kept))
    return chunks([text for text in cut if text])


if __name__ == "__main__":
    chosen = options()
    from pixel.training.command_line import explain

    with explain():
        {"measure": measure, "fit": fit}[chosen.command](chosen)
