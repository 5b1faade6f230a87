"""
Generate training conversations from the knowledge base.

    python recipes/generate.py --count 10000 --output outputs/generated
    python recipes/generate.py --count 10000 --output outputs/generated --workers 8 --shard 0/4      # one of four
    python recipes/generate.py --count 200 --output outputs/cbt --modality cbt --categories panic_disorder agoraphobia
    python recipes/generate.py --count 100 --output outputs/model --generator model --model path/to/model

Every row depends on the seed and its index alone, so shards and workers make the same rows, and a run that was killed
goes on where it stopped (same command). Every conversation passes the gates of pixel.knowledge.quality, or another is
made in its place. Writes data/*.parquet (a Hugging Face dataset in Pixel's schema with `rationale`, `category` and
`scenario`), README.md, stats.json. Reviews (--verdicts FILE, JSON lines {"id" or "template", "verdict": "accept" or
"reject", "reason"}) drop rows and change the weights of templates.
"""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="conversations in all shards together")
    parser.add_argument("--output", type=Path, required=True, help="dataset folder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--modality", nargs="+", default=[], help="only these ways of working")
    parser.add_argument("--categories", nargs="+", default=[], help="only these DSM-5-TR categories")
    parser.add_argument("--level", type=int, choices=range(1, 6), help="only this complexity")
    parser.add_argument("--switches", type=float, default=0.05, help="share with a practical request in between")
    parser.add_argument("--generator", choices=("grammar", "model"), default="grammar")
    parser.add_argument("--model", help="folder of a transformers model; default for --generator model: the small one")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--shard", default="0/1", help="i/n: make only every n-th row, from the i-th")
    parser.add_argument("--validation", type=float, default=0.05, help="share of scenarios for validation")
    parser.add_argument("--verdicts", help="JSON lines of a review")
    parser.add_argument("--push_to_hub", metavar="ID", help="org/name of the dataset repository")
    return parser.parse_args()


def main(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from pixel.knowledge.conversations.dataset import card, complete, push, recount, write
    from pixel.knowledge.conversations.making import Job, chunks, count_defects, indices, read_chunk
    from pixel.training.keeping import write_json

    # ── plan ──
    shard, shards = shard_of(options.shard)
    job = Job(settings(options), model=model_folder(options))
    rows = indices(options.count, shard, shards)
    parts = options.output / ".parts" / f"{job.fingerprint}-{options.count}-{shard}-of-{shards}"

    # ── make ──
    begun, files, before = time.time(), [], len(list(parts.glob("*.jsonl")))
    with tqdm(total=len(rows), unit=" conversations", desc="Generating") as bar:
        for file, size in chunks(job, rows, parts, options.workers):
            files.append(file)
            bar.update(size)
    seconds = time.time() - begun

    # ── keep ──
    made = (one["row"] for file in files for one in read_chunk(file))
    counts, statistics = write(
        (row for row in made if row), options.output, shard=shard, shards=shards,
        validation=options.validation, seed=options.seed,
    )  # fmt: skip
    report = statistics.record() | {
        "asked_for": len(rows),
        "made_anew_for": dict(count_defects(files).most_common()),
        "seconds": round(seconds, 1),
        "conversations_per_second": round(statistics.rows / seconds, 1) if seconds > 0 and not before else None,
        "workers": options.workers,
        "command": " ".join(sys.argv[1:]),
    }
    name = "stats.json" if shards == 1 else f"stats-{shard:05d}-of-{shards:05d}.json"
    write_json(options.output / name, report)
    how = f"By hash of `group` (seed {options.seed}), {options.validation:.0%} of scenarios for validation."
    if shards > 1 and complete(options.output, shards):  # the last one counts for all
        counts, whole = recount(options.output)
        write_json(options.output / "stats.json", whole.record())
    elif shards > 1:
        how += f" Counted so far: shard {shard} of {shards}."
    (options.output / "README.md").write_text(card(counts, how), encoding="utf-8")
    shutil.rmtree(parts)
    if not any((options.output / ".parts").iterdir()):
        (options.output / ".parts").rmdir()

    # ── say ──
    say(report, options.output)
    if options.push_to_hub:
        push(options.output, options.push_to_hub)


def settings(options: argparse.Namespace):
    """The generator's settings, names checked, verdicts read."""
    from pixel.knowledge.conversations.generator import Settings, play
    from pixel.knowledge.conversations.scenarios import MODALITIES
    from pixel.knowledge.conversations.verdicts import read_verdicts, weigh
    from pixel.knowledge.errors import KnowledgeError
    from pixel.knowledge.loading import knowledge

    for field, given, known in (
        ("--modality", options.modality, MODALITIES),
        ("--categories", options.categories, knowledge().categories),
    ):
        for name in given:
            if name not in known:
                raise KnowledgeError(f"{name!r} is unknown", field=field, mend=f"use some of: {', '.join(known)}")
    plain = Settings(options.seed, tuple(options.categories), tuple(options.modality), options.level, options.switches)
    if not options.verdicts:
        return plain

    def templates_of(id: str) -> list[str]:
        seed, _, index = id.removeprefix("generated-").rpartition("-")
        return list(play(knowledge(), plain, int(index)).chooser.used) if seed == str(options.seed) else []

    found = weigh(read_verdicts(options.verdicts), templates_of)
    print(f"verdicts: {len(found.dropped)} rows dropped, {len(found.weights)} templates weighed anew")
    return Settings(*list(vars(plain).values())[:5], weights=found.weights, dropped=found.dropped)


def shard_of(text: str) -> tuple[int, int]:
    """`i/n` as two numbers, 0 <= i < n."""
    from pixel.knowledge.errors import KnowledgeError

    shard, _, shards = text.partition("/")
    if not (shard.isdigit() and shards.isdigit() and int(shard) < int(shards)):
        raise KnowledgeError(f"{text!r} is no shard", field="--shard", mend="give i/n with 0 <= i < n, such as 0/4")
    return int(shard), int(shards)


def model_folder(options: argparse.Namespace) -> str | None:
    """The model that puts the turns into words, or `None` for the grammar."""
    if options.generator == "grammar":
        return None
    if options.model:
        return options.model
    from pixel.training.embedded import smollm2

    return str(smollm2())


def say(report: dict, folder: Path) -> None:
    """Speed, techniques and what was mended on the way."""
    print(f"{report['conversations']} conversations, {report['turns']} turns, {report['words']} words")
    if report["conversations_per_second"]:
        print(f"{report['conversations_per_second']} conversations a second ({report['seconds']} s)")
    print(json.dumps(report["distinct"]))
    for name in ("modality", "intervention"):
        total = sum(report[name].values())
        shares = ", ".join(f"{key} {count / total:.1%}" for key, count in report[name].items())
        print(f"{name}: {shares}")
    print(f"made anew for: {report['made_anew_for'] or 'nothing'}")
    print(f"data, README.md and stats are in {folder}")


if __name__ == "__main__":
    options = arguments()
    from pixel.training.command_line import explain

    with explain():
        main(options)
