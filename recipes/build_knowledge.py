"""
Build the psychology knowledge base, check it, and say what is in it.

    python recipes/build_knowledge.py
    python recipes/build_knowledge.py --outside my_clinic/ --output_dir outputs/knowledge

Reads the YAML files of pixel/knowledge/data, and folders of the same form on top of them (--outside). Every defect is
listed: missing categories, dangling ids, one-sided differentials, circles, codes that are not in force. Writes
passages.jsonl ({"id", "text"}, for recipes/index.py), graph.json (symptoms and categories) and report.json.
Exit status 1 where there is a defect. Codes need: pip install "pixel-eq[knowledge]"
"""

import argparse
import json
import sys
from pathlib import Path


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--outside", nargs="+", default=[], help="folders with dsm/ and symptoms/ to add")
    parser.add_argument("--output_dir", type=Path, default=Path("outputs/knowledge"), help="where to write")
    return parser.parse_args()


def main(options: argparse.Namespace) -> None:
    from pixel.knowledge.checks import check, invalid_codes
    from pixel.knowledge.graph import SymptomGraph
    from pixel.knowledge.loading import load_knowledge
    from pixel.knowledge.passages import knowledge_passages
    from pixel.training.keeping import write_json

    # ── read and check ──
    base = load_knowledge(outside=options.outside)
    defects = check(base)
    try:
        defects += invalid_codes(base)
        codes = "checked"
    except ImportError as missing:
        codes = f"not checked: {missing}"

    # ── keep ──
    graph, passages = SymptomGraph(base), knowledge_passages(base)
    options.output_dir.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps({"id": id, "text": text}, ensure_ascii=False) for id, text in passages.items())
    (options.output_dir / "passages.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    write_json(options.output_dir / "graph.json", [vars(edge) for edge in graph.edges])
    report = {
        "categories": len(base.categories),
        "symptoms": len(base.symptoms),
        "edges": len(graph.edges),
        "differentials": sum(len(category.differentials) for category in base.categories.values()),
        "interventions": sum(len(category.interventions) for category in base.categories.values()),
        "passages": len(passages),
        "codes": codes,
        "defects": [defect._asdict() for defect in defects],
    }
    write_json(options.output_dir / "report.json", report)

    # ── say ──
    for name, value in report.items():
        print(f"{name:14} {len(value) if name == 'defects' else value}")
    for defect in defects:
        print(f"  {defect.kind}: {defect.entry}: {defect.problem}")
    print(f"passages.jsonl, graph.json and report.json are in {options.output_dir}")
    sys.exit(1 if defects else 0)


if __name__ == "__main__":
    options = arguments()
    from pixel.training.command_line import explain

    with explain():
        main(options)
