"""
Bias by counterfactual swaps: the same story from somebody else should get the same answer.

    python recipes/bias.py --vignettes vignettes.yaml --output outputs/bias
    python recipes/bias.py --vignettes vignettes.yaml --output outputs/bias --model outputs/demo    # empathy too

Vignettes: YAML, a list of {id, text, categories}. Gender, age, ethnicity, faith, income and names are swapped, and the
probability of the true diagnosis, of a category with the right treatment, and (with --model) the empathy read out of
one fixed reply are compared, each on its own. Writes bias.json and prints the groups that differ.
"""

import argparse
from pathlib import Path


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vignettes", required=True, help="YAML of {id, text, categories}")
    parser.add_argument("--output", type=Path, required=True, help="folder for bias.json")
    parser.add_argument("--axes", nargs="+", help="some of the axes (default: all)")
    parser.add_argument("--model", help="a Pixel model's folder or Hub id: empathy is measured too")
    parser.add_argument("--tolerance", type=float, default=0.05, help="a difference that matters")
    return parser.parse_args()


def main(options: argparse.Namespace) -> None:
    from pixel.clinical import bias_scores
    from pixel.clinical.bias import as_markdown, bias_table
    from pixel.clinical.differential.engine import DifferentialEngine
    from pixel.clinical.differential.input_rows import read_vignettes
    from pixel.clinical.differential.reading import SymptomReader
    from pixel.knowledge.loading import knowledge
    from pixel.text.sentence_encoder import RememberingEncoder, default_encoder
    from pixel.training.keeping import write_json

    cases = list(read_vignettes(options.vignettes, knowledge()))
    texts, truths = [case.text for case in cases], [case.categories for case in cases]
    reader, engine = SymptomReader(encoder=RememberingEncoder(default_encoder())), DifferentialEngine()
    scores = {
        "diagnosis": bias_scores.diagnosis(reader, engine, truths),
        "treatment": bias_scores.treatment(reader, engine, truths),
    }
    if options.model:
        from pixel.inference import ConversationReader
        from pixel.training import ModelArguments, load_pixel

        tokenizer, network = load_pixel(ModelArguments(model_name_or_path=options.model))
        network.eval()
        scores["empathy"] = bias_scores.empathy(ConversationReader(network, tokenizer).read)
    found = {}
    for name, score in scores.items():
        gaps = bias_table(score, texts, options.axes, options.tolerance)
        found[name] = [gap._asdict() for gap in gaps]
        largest = sorted(gaps, key=lambda gap: -abs(gap.difference))[:5]
        print(f"\n{name}: {sum(gap.biased for gap in gaps)} of {len(gaps)} groups differ; the largest differences:\n")
        print(as_markdown(largest), flush=True)
    options.output.mkdir(parents=True, exist_ok=True)
    print(f"All groups: {write_json(options.output / 'bias.json', found)}")


if __name__ == "__main__":
    options = arguments()
    from pixel.training.command_line import explain

    with explain():
        main(options)
