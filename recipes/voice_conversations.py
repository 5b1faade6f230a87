"""
Make training conversations of transcribed recordings.

    python recipes/voice_conversations.py --input outputs/voice --output outputs/voice_set
    python recipes/voice_conversations.py --input outputs/voice --output outputs/voice_set --only_consented \\
        --push_to_hub org/name
    accelerate launch recipes/train.py --config recipes/configs/voice_cpu.yaml --dataset outputs/voice_set

--input is what recipes/transcribe.py wrote (selected.jsonl of recipes/voice_quality.py is taken where it is there).
Where two people speak, the one whose voice is learnt is the assistant: the one who answers, or with --voice asks the
one who asks (a therapist). Where one speaks, the talk is cut into passages, and the user asks what the talk itself
asks, or what --writer asks and a check keeps. Crisis, ethics, appropriateness and flow are checked; what fails is
left out and counted, and a crisis is answered by the safety guide.

Writes data/*.parquet (Pixel's schema and `voice`, a JSON string with what is known of the voice), README.md and
stats.json. A killed run goes on where it was (same command). Recordings without recorded consent are used here, with
a warning, and never pushed.
"""

import argparse
import sys
from pathlib import Path

from pixel.training.command_line import explain


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--input", type=Path, required=True, help="folder that recipes/transcribe.py wrote")
    add("--output", type=Path, required=True, help="dataset folder")
    add("--voice", default="auto", help="whose words the assistant learns: auto, answers, asks, or a speaker: S2")
    add("--most_turns", type=int, default=8, help="messages of a conversation cut from an interview (default: 8)")
    add("--writer", default="embedded", help="writes questions: embedded (SmolLM2), a Hub id or folder, or none")
    add("--tries", type=int, default=4, help="questions a passage (default: 4)")
    add("--reader", help="a trained Pixel model whose read-outs go into the metadata")
    add("--empathetic_only", action="store_true", help="keep only what --reader takes for empathetic")
    add("--fingerprint", help="folder of a fingerprint, or none (default: the one that ships with Pixel)")
    add("--group_by", default="auto", choices=("auto", "file", "folder", "channel", "playlist", "persona"),
        help="who must not be split (default: files that share a persona or channel; else each file)")  # fmt: skip
    add("--names", type=Path, help="names of people to replace, one a line")
    add("--region", help="country for crisis lines, e.g. GB")
    add("--audio", type=Path, metavar="RECORDINGS", help="folder of the recordings: adds their sound")
    add("--only_consented", action="store_true", help="leave recordings without recorded consent out")
    add("--validation", type=float, default=0.1, help="share of groups (default: 0.1)")
    add("--seed", type=int, default=0)
    add("--device", default="auto", help="of writer and reader: auto, cpu, cuda, ...")
    add("--push_to_hub", metavar="ID", help="org/name of the dataset repository")
    add("--public", action="store_true", help="push to a public repository; needs consent to publication")
    chosen = parser.parse_args(arguments)
    if chosen.empathetic_only and not chosen.reader:
        parser.error("--empathetic_only needs --reader, a trained Pixel model")
    if chosen.most_turns < 2 or chosen.tries < 1 or not 0 <= chosen.validation < 1:
        parser.error("--most_turns is at least 2, --tries at least 1, --validation in [0, 1)")
    return chosen


def main(chosen: argparse.Namespace) -> int:
    from functools import partial

    from tqdm import tqdm

    from pixel.hub import push_or_explain
    from pixel.training.keeping import write_json
    from pixel.voice.conversations.building import Settings
    from pixel.voice.conversations.card import built_with, card
    from pixel.voice.conversations.clips import cut
    from pixel.voice.conversations.consent import lacks, refuse_push
    from pixel.voice.conversations.dataset import assemble, write
    from pixel.voice.conversations.inputs import read_files
    from pixel.voice.conversations.making import make

    # ── may it be used ──
    files = read_files(chosen.input)
    refused = [row for row in files if lacks(row, public=chosen.public)]
    if chosen.push_to_hub and not chosen.only_consented:
        refuse_push(files, public=chosen.public)
    if refused and not chosen.only_consented:
        print(f"warning: {len(refused)} of {len(files)} recordings have no recorded consent to training: "
              "what comes of them stays here.", file=sys.stderr)  # fmt: skip

    # ── make ──
    settings = Settings(chosen.voice, chosen.most_turns, chosen.tries, region=chosen.region,
                        empathetic_only=chosen.empathetic_only, seed=chosen.seed)  # fmt: skip
    only = (lambda facts: not lacks(facts, public=chosen.public)) if chosen.only_consented else (lambda facts: True)
    making = make(chosen.input, settings, tools(chosen), only=only)
    making = tqdm(making, total=len(files), unit=" recordings", desc="Conversations", disable=None)
    assembled = assemble(making, fingerprint=fingerprint(chosen), by=chosen.group_by)

    # ── keep ──
    how = f"By hash of `group` (seed {chosen.seed}), {chosen.validation:.0%} of groups for validation."
    command = built_with("recipes/voice_conversations.py", sys.argv[1:])
    face = partial(card, assembled, how_split=how, audio=bool(chosen.audio), command=command)
    counts = write(assembled, chosen.output, face, clips=partial(cut, chosen.audio) if chosen.audio else None,
                   validation=chosen.validation, seed=chosen.seed)  # fmt: skip
    splits = {name: {"conversations": one.rows, "groups": len(one.groups)} for name, one in counts.items()}
    write_json(chosen.output / "stats.json", {"splits": splits, "counts": dict(sorted(assembled.counts.items()))})

    # ── say ──
    for name, count in sorted(assembled.counts.items()):
        print(f"{count:8d}  {name}")
    print(f"{len(assembled.rows)} conversations, README.md and stats.json are in {chosen.output}")
    if chosen.push_to_hub:
        refuse_push(assembled.files.values(), public=chosen.public)  # also of files that files.jsonl does not know
        url = push_or_explain(chosen.output, chosen.push_to_hub, "dataset", private=not chosen.public)
        print(f"Pushed: {url}" if url else "Not pushed.")
        return 0 if url else 1
    return 0


def tools(chosen: argparse.Namespace):
    """Encoder, gate, and the models that were asked for."""
    from pixel.inference.resumable import model_fingerprint
    from pixel.text.sentence_encoder import default_encoder
    from pixel.voice.conversations.building import Tools
    from pixel.voice.conversations.therapeutic import TherapeuticGate
    from pixel.voice.conversations.writer import CausalWriter

    device = None if chosen.device == "auto" else chosen.device
    made = Tools(default_encoder(), TherapeuticGate(region=chosen.region))
    identity: dict[str, str] = {}
    if chosen.writer != "none":
        name = chosen.writer
        if name == "embedded":
            from pixel.training.embedded import smollm2

            name = str(smollm2())
        try:
            made.writer = CausalWriter(name, device)
        except (OSError, ValueError):
            sys.exit(f"error: --writer {chosen.writer}: no model there. Mend: name a folder, or none")
        identity["writer"] = model_fingerprint(name)
    if chosen.reader:
        try:
            made.reader, identity["reader"] = reader(chosen.reader, chosen.device), model_fingerprint(chosen.reader)
        except ValueError as error:
            sys.exit(f"error: --reader {chosen.reader}: {error}")
    if chosen.names:
        made.names = tuple(filter(None, map(str.strip, chosen.names.read_text(encoding="utf-8").splitlines())))
    made.identity = identity
    return made


def reader(name: str, device: str):
    """A Pixel model's reader of feelings and of EPITOME's mechanisms."""
    from pixel.inference import ConversationReader, choose_device, shown_fields
    from pixel.training import ModelArguments, load_pixel
    from pixel.voice.conversations.empathetic import MECHANISMS

    place, dtype = choose_device(device)
    tokenizer, network = load_pixel(ModelArguments(model_name_or_path=name), dtype=dtype)
    fields = shown_fields(network.config, ["emotion", *MECHANISMS])
    return ConversationReader(network.eval().to(place), tokenizer, fields=fields)


def fingerprint(chosen: argparse.Namespace):
    """The fingerprint that likeness is measured by, or `None`."""
    if chosen.fingerprint == "none":
        return None
    from pixel.voice.personality.fingerprint.fingerprint import Fingerprint

    return Fingerprint.load(chosen.fingerprint)


if __name__ == "__main__":
    chosen = options()
    with explain():
        sys.exit(main(chosen))
