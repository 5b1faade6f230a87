"""
Make passages searchable, change them, search them, check them.

    python recipes/index.py build --output outputs/index                      # the knowledge base
    python recipes/index.py build --input passages.jsonl --output outputs/index
    python recipes/index.py add --index outputs/index --input more.jsonl --remove old-id
    python recipes/index.py search --index outputs/index --query "I wake at four and cannot sleep again"
    python recipes/index.py check --index outputs/index

Input: one JSON object a line, {"id": ..., "text": ...}. An interrupted build goes on where it stopped when it is
started again. `add` replaces passages whose id is there, and embeds only texts that are new.
"""

import argparse
import json
import sys

from pixel.training.command_line import explain


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build an index")
    build.add_argument("--input", nargs="+", help="passages, JSON lines (default: the knowledge base)")
    build.add_argument("--output", required=True, help="folder of the index")
    add = commands.add_parser("add", help="add, replace and remove passages")
    add.add_argument("--input", nargs="+", default=[], help="passages, JSON lines, new or changed")
    add.add_argument("--remove", nargs="+", default=[], help="ids of passages to remove")
    search = commands.add_parser("search", help="print passages, best first, as JSON lines")
    search.add_argument("--query", required=True, help="a question, a symptom, a message")
    search.add_argument("--k", type=int, default=5, help="passages at most (default: 5)")
    search.add_argument("--floor", type=float, default=0.0, help="least relevance in [0, 1] (default: 0)")
    search.add_argument("--diversity", type=float, default=1.0, help="1: relevance alone; .7: fewer that are alike")
    search.add_argument("--adaptive", action="store_true", help="stop before a wide gap in relevance")
    search.add_argument("--cache", help="file that keeps embeddings of queries")
    check = commands.add_parser("check", help="compare every file of an index with its manifest")
    for command in (add, search, check):
        command.add_argument("--index", required=True, help="folder of the index")
    for command in (build, add, search):
        command.add_argument("--encoder", help="folder or Hub id of a sentence encoder (default: the embedded MiniLM)")
    for command in (build, add):
        command.add_argument("--shard_rows", type=int, default=1_048_576, help="passages a shard (default: 1,048,576)")
    chosen = parser.parse_args(arguments)
    if getattr(chosen, "shard_rows", 1) < 1:
        parser.error("--shard_rows must be at least 1")
    if chosen.command == "search" and not 0 <= chosen.diversity <= 1:
        parser.error("--diversity must be in [0, 1]")
    return chosen


def passages(files: list[str] | None) -> dict[str, str]:
    if files is None:
        from pixel.knowledge.passages import knowledge_passages

        return dict(knowledge_passages())
    from pixel.training.passages import read_passages

    seen: set[str] = set()
    return dict(passage for file in files for passage in read_passages(file, seen=seen))


def encoder(name: str | None):
    from pixel.text.sentence_encoder import SentenceEncoder, default_encoder

    return SentenceEncoder(name) if name else default_encoder()


def main(chosen: argparse.Namespace) -> None:
    from pixel.knowledge.retrieval import Manifest, PassageSearcher, build_index, check, update_index

    if chosen.command == "build":
        texts = passages(chosen.input)
        manifest = build_index(texts, chosen.output, encoder(chosen.encoder), shard_rows=chosen.shard_rows)
        kinds = ", ".join(f"{shard['rows']} in {shard['kind']}" for shard in manifest.shards)
        print(f"{len(texts)} passages ({kinds}): {chosen.output}")
    elif chosen.command == "add":
        counts = update_index(
            chosen.index,
            encoder(chosen.encoder),
            passages(chosen.input),
            chosen.remove,
            shard_rows=chosen.shard_rows,
        )
        print(", ".join(f"{count} {name}" for name, count in counts.items()) + f": {chosen.index}")
    elif chosen.command == "search":
        searcher = PassageSearcher(
            chosen.index, encoder(chosen.encoder) if chosen.encoder else None, cache=chosen.cache
        )
        found = searcher.search(
            chosen.query, chosen.k, floor=chosen.floor, diversity=chosen.diversity, adaptive=chosen.adaptive
        )
        for key, text, relevance in found:
            print(json.dumps({"id": key, "relevance": round(relevance, 4), "text": text}, ensure_ascii=False))
        if not found:
            print("No passage is relevant enough.", file=sys.stderr)
    else:
        manifest = Manifest.read(chosen.index)
        problems = check(chosen.index, manifest, progress=True)
        for problem in problems:
            print(problem)
        if problems:
            sys.exit(f"error: {chosen.index}: {len(problems)} of {len(manifest.files)} files are not as they were "
                     "written. Mend: restore them, or build the index again")  # fmt: skip
        PassageSearcher(chosen.index, verify=False)
        print(f"{sum(shard['rows'] for shard in manifest.shards)} passages, {len(manifest.files)} files: all well")


if __name__ == "__main__":
    chosen = options()
    with explain():
        main(chosen)
