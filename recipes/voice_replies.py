"""
Answer messages in the manner of a recorded voice.

    python recipes/voice_replies.py --input outputs/voice --messages messages.jsonl --output replies.jsonl
    python recipes/voice_replies.py --input outputs/voice --voice "Tea with Ann" --messages m.jsonl --output r.jsonl

--input is what recipes/transcribe.py wrote (selected.jsonl of recipes/voice_quality.py is taken where it is there).
Messages: one JSON object a line, {"id", "message"} or {"id", "messages": [{"role", "content"}, ...]}. Replies, in the
same order: {"id", "reply", "likeness", "candidates", "usable", "refused", "crisis"}.

--writer writes candidates. Those that fail the checks of crisis, ethics, appropriateness and form are counted in
"refused" by reason; of the rest the one is taken with which the replies so far are most like the voice ("likeness": a
cosine, null for the first 280 words). "usable": how many were to the point and no copy of the recordings; at 0 the one
most to the point stands. "reply" is null where none passed. A message in crisis gets the safety guide's reply, not the
voice's. A killed run goes on where it was (same command). Recordings whose consent was withdrawn are left out.
"""

import argparse
import sys
from pathlib import Path

from pixel.training.command_line import explain


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--input", type=Path, required=True, help="folder that recipes/transcribe.py wrote")
    add("--messages", type=Path, required=True, help="what users say, JSON lines")
    add("--output", type=Path, required=True, help="replies, JSON lines; appears when all are done")
    add("--voice", help="a file, channel, persona or speaker (S2, FILE:S2); default: the only one")
    add("--writer", default="embedded", help="a causal model: embedded (SmolLM2), a Hub id or a folder")
    add("--candidates", type=int, default=4, help="of a reply (default: 4)")
    add("--region", help="country for crisis lines, e.g. GB")
    add("--seed", type=int, default=0)
    add("--device", default="auto", help="of the writer: auto, cpu, cuda, ...")
    chosen = parser.parse_args(arguments)
    if chosen.candidates < 1:
        parser.error("--candidates is at least 1")
    if chosen.output.is_dir() or chosen.output.resolve() == chosen.messages.resolve():
        parser.error("--output is a folder or would overwrite --messages: name another file")
    return chosen


def main(chosen: argparse.Namespace) -> None:
    from itertools import islice

    from tqdm import tqdm

    from pixel.data.json_lines import json_rows
    from pixel.inference.resumable import ResumableLines, fingerprint, model_fingerprint
    from pixel.text.sentence_encoder import default_encoder
    from pixel.voice.conversations.answering import answer, message_rows
    from pixel.voice.conversations.inputs import segments_file
    from pixel.voice.conversations.known_voices import find_voice, known_voices
    from pixel.voice.conversations.replies import Voice
    from pixel.voice.conversations.therapeutic import TherapeuticGate
    from pixel.voice.personality.fingerprint.fingerprint import Fingerprint

    # ── look before loading ──
    total = sum(1 for _ in message_rows(chosen.messages))
    name, passages = find_voice(known_voices(chosen.input), chosen.voice, chosen.input)

    # ── load ──
    writer, folder = load_writer(chosen)
    try:
        voice, gate = Voice(passages, Fingerprint.load(), default_encoder()), TherapeuticGate(region=chosen.region)
    except ValueError as error:
        sys.exit(f"error: {error}")
    made_from = {
        "writer": model_fingerprint(folder), "messages": fingerprint(chosen.messages), "voice": name,
        "segments": fingerprint(segments_file(chosen.input)), "files": fingerprint(chosen.input / "files.jsonl"),
        "candidates": chosen.candidates, "seed": chosen.seed, "region": chosen.region,
    }  # fmt: skip

    # ── answer ──
    output = ResumableLines(chosen.output, made_from)
    if output.dropped:
        print("The unfinished output is of another voice, writer, input or choice: starting anew.", flush=True)
    elif output.done:
        print(f"Going on after {output.done} of {total} messages.", flush=True)
        before = [row for _, row in json_rows(output.partial, "delete it to start anew")]
        voice.said += [row["reply"] for row in before if row["reply"] and not row["crisis"]]
    silent = 0
    with tqdm(total=total, initial=output.done, unit=" messages", disable=None) as bar:
        for row_id, messages in islice(message_rows(chosen.messages), output.done, None):
            found = answer(voice, messages, writer, gate, count=chosen.candidates, seed=chosen.seed)
            silent += found["reply"] is None
            output.write([{"id": row_id} | found])
            bar.update()
    output.finish()
    print(f"{total - output.done} messages answered as {name}, {silent} of them with no reply: {chosen.output}")


def load_writer(chosen: argparse.Namespace):
    """The model that writes, and where it lies."""
    from pixel.inference.device import choose_device
    from pixel.training.embedded import smollm2
    from pixel.voice.conversations.writer import CausalWriter

    try:
        device = str(choose_device(chosen.device)[0])
    except ValueError as error:
        sys.exit(f"error: {error}")
    folder = str(smollm2()) if chosen.writer == "embedded" else chosen.writer
    try:
        writer = CausalWriter(folder, device)
    except (OSError, ValueError):
        sys.exit(f"error: --writer {chosen.writer}: no causal model there. Mend: name a folder, or embedded")
    if not writer.tokenizer.chat_template:
        sys.exit(f"error: --writer {chosen.writer}: has no chat template. Mend: name a model made for chat")
    return writer, folder


if __name__ == "__main__":
    chosen = options()
    with explain():
        main(chosen)
