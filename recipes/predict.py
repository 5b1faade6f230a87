"""
Read out every turn of many conversations.

    python recipes/predict.py --model outputs/demo --input conversations.jsonl --output readouts.jsonl

Input: one JSON object a line, {"id": ..., "messages": [{"role": "system|user|assistant", "content": ...}, ...]}.
Output, in the same order: {"id", "turns": [{"index", "role", "emotion": {"labels", "vad"}, "eq", "persona",
"clinical", "risk", "empathy"}, ...]}, probabilities and scores in [0, 1]. Heads that were not trained are left out.

An interrupted run goes on where it stopped when it is started again with the same model and input.
"""

import argparse
import sys
import time

from pixel.training.command_line import explain

CHUNK = 64  # conversations sorted by length, read and written together


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="model folder or Hub id")
    parser.add_argument("--input", required=True, help="conversations, JSON lines")
    parser.add_argument("--output", required=True, help="read-outs, JSON lines; appears when all are done")
    parser.add_argument("--batch_tokens", type=int, default=4096, help="padded tokens a batch (default: 4096)")
    parser.add_argument("--max_length", type=int, help="tokens a window; longer conversations are read in several")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, ... (default: auto)")
    parser.add_argument("--fields", nargs="+", help="only these label fields, e.g. emotion vad risk")
    parser.add_argument("--all_fields", action="store_true", help="also heads that were not trained (random numbers)")
    parser.add_argument("--skip_bad_rows", action="store_true", help='write {"id", "error"} for a bad row and go on')
    chosen = parser.parse_args(arguments)
    if chosen.batch_tokens < 1 or (chosen.max_length is not None and chosen.max_length < 16):
        parser.error("--batch_tokens must be at least 1 and --max_length at least 16")
    return chosen


def main(chosen: argparse.Namespace) -> None:
    from itertools import islice

    from tqdm import tqdm

    from pixel.inference import ConversationReader, ResumableLines, choose_device, input_rows, shown_fields
    from pixel.inference.resumable import fingerprint, model_fingerprint
    from pixel.training import ModelArguments, load_pixel

    # ── look before loading ──
    started, total, bad = time.time(), 0, 0
    for row in input_rows(chosen.input):
        if row.error and not chosen.skip_bad_rows:
            raise row.error
        total += 1

    # ── model ──
    try:
        device, dtype = choose_device(chosen.device)
        tokenizer, network = load_pixel(ModelArguments(model_name_or_path=chosen.model), dtype=dtype)
        fields = shown_fields(network.config, chosen.fields, chosen.all_fields)
    except ValueError as error:  # bad models and bad choices
        sys.exit(f"error: {error}")
    except OSError:
        sys.exit(f"error: --model {chosen.model}: no model with its tokenizer there. Mend: name a model folder")
    network.eval().to(device)
    reader = ConversationReader(
        network, tokenizer, fields=fields, max_length=chosen.max_length, batch_tokens=chosen.batch_tokens
    )

    # ── read ──
    revision = getattr(network.config, "_commit_hash", None)
    made_from = {
        "model": model_fingerprint(chosen.model, revision),
        "input": fingerprint(chosen.input),
        "fields": fields,
        "max_length": reader.max_length,
    }
    output = ResumableLines(chosen.output, made_from, step=CHUNK)
    if output.dropped:
        print("The unfinished output is from another model, input or choice of fields: starting anew.", flush=True)
    elif output.done:
        print(f"Going on after {output.done} of {total} conversations.", flush=True)
    turns, rows = 0, islice(input_rows(chosen.input), output.done, None)
    with tqdm(total=total, initial=output.done, unit=" conversations", disable=None) as bar:
        while chunk := list(islice(rows, CHUNK)):
            good = [row for row in chunk if not row.error]
            results = iter(reader.read([row.messages for row in good], [row.number for row in good]))
            lines = []
            for row in chunk:
                result = row.error or next(results)
                if isinstance(result, Exception):
                    if not chosen.skip_bad_rows:
                        output.write(lines)
                        raise result.at(file=chosen.input)
                    bad += 1
                    lines.append({"id": row.id, "error": str(result)})
                else:
                    turns += len(result)
                    lines.append({"id": row.id, "turns": result})
            output.write(lines)
            bar.update(len(chunk))
    output.finish()
    seconds = time.time() - started
    skipped = f", {bad} bad rows skipped" if chosen.skip_bad_rows else ""
    print(f"{total - output.done} conversations, {turns} turns{skipped} in {seconds:.1f} s: {chosen.output}")


if __name__ == "__main__":
    chosen = options()
    with explain():
        main(chosen)
