"""
Differentials from what a person discloses: which criteria are met, missing or excluded, ranked, with reasons.

    python recipes/differential.py rank --input vignettes.jsonl --output differentials.jsonl
    python recipes/differential.py measure                     # on made vignettes in held-back wordings
    python recipes/differential.py measure --vignettes FILE    # on vignettes of your own
    python recipes/differential.py fit                         # after the knowledge base has changed

Input of `rank`: a JSON object a line, either {"id", "text"} or {"id", "findings": [{"symptom", "present", "days"}],
"days", "age"}. Output: {"id", "findings", "differential": [{"category", "probability", "supported", "met", "missing",
"denied", "excluded", "reasons", "separates"}, ...]}. `supported` are those the engine would name; an empty list means
that nothing fits. This is no diagnosis: it orders what a clinician would ask about next.
Vignettes of `measure`: YAML, a list of {id, text, categories}.
"""

import argparse

FITTED_ON = 1500
"""Made vignettes that the ranking is fitted on."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("rank", "measure", "fit"))
    parser.add_argument("--input", help="vignettes or findings, JSON lines (rank)")
    parser.add_argument("--output", help="differentials, JSON lines (rank); appears when all are done")
    parser.add_argument("--k", type=int, default=10, help="categories in a differential, at most (rank)")
    parser.add_argument("--vignettes", help="YAML of {id, text, categories} (measure)")
    parser.add_argument("--count", type=int, default=400, help="made vignettes (measure)")
    parser.add_argument("--seed", type=int, default=1, help="of made vignettes (measure)")
    parser.add_argument("--outside", nargs="+", default=[], help="folders with dsm/ and symptoms/ to add")
    chosen = parser.parse_args()
    if chosen.command == "rank" and not (chosen.input and chosen.output):
        parser.error("rank needs --input and --output")
    return chosen


def rank(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from pixel.clinical.differential.engine import DifferentialEngine
    from pixel.clinical.differential.input_rows import read_rows
    from pixel.clinical.differential.reading import SymptomReader
    from pixel.inference.resumable import ResumableLines, fingerprint
    from pixel.knowledge.loading import load_knowledge

    base = load_knowledge(outside=options.outside)
    rows = list(read_rows(options.input, base))
    reader = SymptomReader(base) if any(row.text for row in rows) else None
    engine = DifferentialEngine(base)
    output = ResumableLines(options.output, {"input": fingerprint(options.input), "k": options.k})
    for row in tqdm(rows[output.done :], total=len(rows), initial=output.done, unit=" vignettes"):
        picture = row.picture or reader.read(row.text)
        findings = [
            {"symptom": f.symptom, "present": f.present, "days": f.days, "probability": round(f.probability, 3)}
            for f in picture.findings.values()
        ]
        found = [one.record() for one in engine.rank(picture, options.k)]
        output.write([{"id": row.id, "findings": findings, "differential": found}])
    output.finish()
    print(f"{len(rows)} differentials: {options.output}")


def measure(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from pixel.clinical.differential.engine import DifferentialEngine
    from pixel.clinical.differential.input_rows import read_vignettes
    from pixel.clinical.differential.made_vignettes import made_vignettes
    from pixel.clinical.differential.measuring import measure, top
    from pixel.clinical.differential.reading import SymptomReader
    from pixel.knowledge.loading import load_knowledge

    base = load_knowledge(outside=options.outside)
    engine, reader = DifferentialEngine(base), SymptomReader(base)
    if options.vignettes:
        cases = list(read_vignettes(options.vignettes, base))
    else:
        cases = list(made_vignettes(base, options.count, options.seed, "held_back"))
    truths = [case.categories for case in cases]
    sources = {"text": [reader.read(case.text) for case in tqdm(cases, desc="Reading")]}
    if cases[0].picture is not None:
        sources["findings"] = [case.picture for case in cases]
    print(f"{len(cases)} vignettes\n\n| from | top-1 | top-3 | sensitivity | PPV | named | over-diagnosed |")
    print("|---|---|---|---|---|---|---|")
    for name, pictures in sources.items():
        ranked = [engine.rank(picture) for picture in pictures]
        order = [[one.outcome.category for one in many] for many in ranked]
        found = measure([[one.outcome.category for one in many if one.supported] for many in ranked], truths)
        figures = [top(order, truths, 1), top(order, truths, 3), *found.values()]
        print(f"| {name} | " + " | ".join(f"{value:.3f}" for value in figures) + " |")


def fit(options: argparse.Namespace) -> None:
    import tempfile
    from pathlib import Path

    from tqdm import tqdm

    from pixel.clinical.differential.engine import DifferentialEngine
    from pixel.clinical.differential.made_vignettes import made_vignettes
    from pixel.clinical.differential.ranking_fit import fit_ranking, keep_weights
    from pixel.clinical.differential.reader_fit import FOLDS, fit_reader
    from pixel.clinical.differential.reading import SymptomReader
    from pixel.knowledge.loading import load_knowledge
    from pixel.text.sentence_encoder import RememberingEncoder, default_encoder

    base, encoder = load_knowledge(outside=options.outside), RememberingEncoder(default_encoder())
    engine = DifferentialEngine(base, {})

    # ── the ranking, on pictures that readers made of wordings they had not seen ──
    pictures, truths = [], []
    with tempfile.TemporaryDirectory() as folder:
        for fold in range(FOLDS):
            file = Path(folder) / f"{fold}.safetensors"
            print(f"fold {fold}: right symptom first {fit_reader(base, encoder, file, fold):.3f}", flush=True)
            reader = SymptomReader(base, encoder, file)
            made = list(made_vignettes(base, FITTED_ON // FOLDS, fold, "phrasings", fold))
            pictures += [reader.read(one.text) for one in tqdm(made, desc="Reading")]
            truths += [one.categories for one in made]
    print("read:", fit_ranking(engine, pictures, truths, "read"), flush=True)
    made = list(made_vignettes(base, FITTED_ON))
    print("entered:", fit_ranking(engine, [m.picture for m in made], [m.categories for m in made], "entered"))

    # ── what is kept ──
    fit_reader(base, encoder)
    print(f"weights: {keep_weights(engine)}")


if __name__ == "__main__":
    options = arguments()
    from pixel.training.command_line import explain

    with explain():
        {"rank": rank, "measure": measure, "fit": fit}[options.command](options)
