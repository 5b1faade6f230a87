"""Fitting the readers of this package on human conversations; a tenth of the people is left to be evaluated on."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pixel.empathy.mechanisms import unseen
from pixel.evaluation.conversation.ami_speakers import reference_of, unseen_pairs
from pixel.evaluation.conversation.authenticity import fit_calibration
from pixel.evaluation.conversation.coherence import fit_coherence, relations
from pixel.evaluation.conversation.exchanges import exchanges, swapped
from pixel.evaluation.conversation.naturalness import chunks, fit_naturalness
from pixel.evaluation.conversation.phases import fit_phases, labelled_phases, phase_features, replies_of
from pixel.evaluation.conversation.text_marks import order_table
from pixel.voice.personality.fingerprint.ami import Speaker

Rows = Sequence[Mapping[str, Any]]
PEOPLE = 600
"""Chunks of a corpus in the reference of naturalness at most, so that none outweighs the others."""


def people_chunks(rows: Rows, seed: int = 0, most: int = PEOPLE) -> list[tuple[str, str, list[str]]]:
    """Corpus, group and replies of chunks of helpers' talk; dialogues of one group are joined where they are short."""
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        said[row["source"], row["group"]] += [reply for reply, _ in replies_of(row["messages"])]
    found: dict[str, list[tuple[str, str, list[str]]]] = defaultdict(list)
    for (source, group), replies in sorted(said.items()):
        found[source] += [(source, group, chunk) for chunk in chunks(replies)]
    generator, out = np.random.default_rng(seed), []
    for source in sorted(found):
        chosen = generator.permutation(len(found[source]))[:most]
        out += [found[source][index] for index in sorted(chosen)]
    return out


def phase_cases(rows: Rows, encoder) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features, phase numbers (-1: none), dialogues and words of all replies of labelled rows."""
    pairs, phase, group = [], [], []
    for row in rows:
        numbers = [n for n, message in zip(labelled_phases(row), row["messages"], strict=True)
                   if message["role"] == "assistant"]  # fmt: skip
        own = replies_of(row["messages"])
        pairs, phase, group = pairs + own, phase + numbers, group + [row["group"]] * len(own)
    x = phase_features([reply for reply, _ in pairs], [heard for _, heard in pairs], encoder)
    return x, np.array(phase), np.array(group), np.array([len(reply.split()) for reply, _ in pairs])


def fit_all(talks: Rows, labelled: Rows, helpers: Rows, speakers: Sequence[Speaker], encoder, folder: Path) -> None:
    """
    Fit and write all weights. Conversations of `unseen` groups are left out, whatever list they stand in.

    Args:
        talks: conversations whose replies fit (EmpatheticDialogues, ESConv).
        labelled: with strategies (ESConv).
        helpers: whose talk counts as natural (the same and AnnoMI).
        speakers: of AMI.
        encoder: of sentences.
        folder: for the weights.
    """
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    talks, labelled, helpers = (
        [row for row in rows if not unseen(str(row["group"]))] for rows in (talks, labelled, helpers)
    )
    given = exchanges(talks)
    weights = fit_coherence(relations(given, encoder), relations(swapped(given), encoder))
    _write(folder / "coherence.json", weights)
    x, phase, _, _ = phase_cases(labelled, encoder)
    save_file(fit_phases(x, phase), folder / "phases.safetensors")
    people = [chunk for _, _, chunk in people_chunks(helpers)]
    table = order_table([reply for chunk in people for reply in chunk])
    save_file(fit_naturalness(people, table), folder / "naturalness.safetensors")
    reference_of(speakers).save(folder / "style_reference.json")
    lengths = (300, 600)
    found = [unseen_pairs(speakers, words) for words in lengths]
    _write(
        folder / "authenticity.json", fit_calibration([p.similarity for p in found], [p.same for p in found], lengths)
    )


def _write(file: Path, content: dict[str, float]) -> None:
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
