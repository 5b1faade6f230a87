"""
Screen messages for crisis: suicide risk on a C-SSRS-derived ladder, and other crises, with reasons.

    python recipes/screen.py --input messages.jsonl --output risk.jsonl

Input: one JSON object a line, {"id": ..., "text": ...}.
Output, in the same order: {"id", "severity": [7 probabilities], "flag", "abstain", "kind", "reasons": [...]}. `flag`
asks for a person's eyes; `kind` is suicide, self_harm, harm_to_others, abuse, psychosis, overdose, disordered_eating
or none. Reasons name signals and probabilities and never repeat the text. A message that cannot be judged (empty,
another language, garbled) has "abstain": true and says why; a rule that fires in it is flagged all the same.

Works without a model. With --model, that model's risk head is a further voice. An interrupted run goes on where it
stopped when it is started again with the same input and choices. This is a screen, not a safety assessment.
"""

import argparse
import sys
import time

from pixel.training.command_line import explain

CHUNK = 64  # messages read and written together


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", required=True, help="messages, JSON lines")
    parser.add_argument("--output", required=True, help="assessments, JSON lines; appears when all are done")
    parser.add_argument("--model", help="a Pixel model's folder or Hub id: its risk head is a further voice")
    parser.add_argument("--weights", help="folder that recipes/train_screen.py wrote (default: Pixel's own)")
    parser.add_argument("--no_encoder", action="store_true", help="n-grams and rules only: faster, a little weaker")
    parser.add_argument("--device", default="auto", help="of --model: auto, cpu, cuda, ... (default: auto)")
    parser.add_argument("--skip_bad_rows", action="store_true", help='write {"id", "error"} for a bad row and go on')
    return parser.parse_args(arguments)


def load_model(name: str, device: str):
    """The risk head of a Pixel model as a voice; ends with one line where there is none."""
    from pixel.clinical.crisis.model_voice import risk_voice
    from pixel.inference import ConversationReader, choose_device, shown_fields
    from pixel.training import ModelArguments, load_pixel

    try:
        place, dtype = choose_device(device)
        tokenizer, network = load_pixel(ModelArguments(model_name_or_path=name), dtype=dtype)
        fields = shown_fields(network.config, ["risk"])
    except ValueError as error:  # bad models and bad choices
        sys.exit(f"error: {error}")
    except OSError:
        sys.exit(f"error: --model {name}: no model with its tokenizer there. Mend: name a folder, or leave it out")
    return risk_voice(ConversationReader(network.eval().to(place), tokenizer, fields=fields))


def main(chosen: argparse.Namespace) -> None:
    from itertools import islice

    from tqdm import tqdm

    from pixel.clinical.crisis import CrisisDetector
    from pixel.clinical.crisis.messages import message_rows
    from pixel.clinical.crisis.voices import WEIGHTS
    from pixel.inference.resumable import ResumableLines, fingerprint, model_fingerprint

    # ── look before loading ──
    started, total, bad = time.time(), 0, 0
    for row in message_rows(chosen.input):
        if row.error and not chosen.skip_bad_rows:
            raise row.error
        total += 1

    # ── voices ──
    weights = chosen.weights or WEIGHTS
    model = load_model(chosen.model, chosen.device) if chosen.model else None
    detector = CrisisDetector(weights, encoder=not chosen.no_encoder, model=model)

    # ── read ──
    made_from = {
        "input": fingerprint(chosen.input),
        "weights": model_fingerprint(str(weights)),
        "model": model_fingerprint(chosen.model) if chosen.model else None,
        "encoder": not chosen.no_encoder,
    }
    output = ResumableLines(chosen.output, made_from, step=CHUNK)
    if output.dropped:
        print("The unfinished output is from another input, model or choice: starting anew.", flush=True)
    elif output.done:
        print(f"Going on after {output.done} of {total} messages.", flush=True)
    flagged, abstained, rows = 0, 0, islice(message_rows(chosen.input), output.done, None)
    with tqdm(total=total, initial=output.done, unit=" messages", disable=None) as bar:
        while chunk := list(islice(rows, CHUNK)):
            found = iter(detector.read([row.text for row in chunk if not row.error]))
            lines = []
            for row in chunk:
                if row.error:
                    bad += 1
                    lines.append({"id": row.id, "error": str(row.error)})
                    continue
                one = next(found)
                flagged, abstained = flagged + one.flag, abstained + one.abstain
                lines.append({"id": row.id, **one.record()})
            output.write(lines)
            bar.update(len(chunk))
    output.finish()
    seconds, done = time.time() - started, total - output.done
    skipped = f", {bad} bad rows skipped" if chosen.skip_bad_rows else ""
    print(f"{done} messages, {flagged} flagged, {abstained} abstained{skipped} in {seconds:.1f} s: {chosen.output}")


if __name__ == "__main__":
    chosen = options()
    with explain():
        main(chosen)
