"""
Fit the crisis screen's learned voices anew and print what they reach out of fold.

    python recipes/train_screen.py --data_root corpora --output_dir outputs/screen

Learns from cssrs_sw1170 (a person's rung of the ladder, softened by five language models' labels), ordinary talk
(AnnoMI, CounselChat, EPITOME, Dreaddit, EmpatheticDialogues; assumed to be without risk unless it mentions suicide)
and sentences of our own. Everything printed is out of fold: no post, client or session is on both sides of a split.
Writes screen.safetensors, screen.json and README.md; recipes/screen.py reads them with --weights.
"""

import argparse
import os

from pixel.training.command_line import explain


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = os.environ.get("PIXEL_DATA_ROOT")
    parser.add_argument("--data_root", default=root, required=root is None, help="folder of the corpora")
    parser.add_argument("--output_dir", default="outputs/screen", help="folder to write (default: outputs/screen)")
    parser.add_argument("--no_encoder", action="store_true", help="n-grams and rules only")
    return parser.parse_args(arguments)


def main(chosen: argparse.Namespace) -> None:
    import time
    from pathlib import Path

    from pixel.clinical.crisis import corpora, fitting, voices
    from pixel.clinical.crisis.report import card, figures, table

    started = time.time()
    rows = [*corpora.posts(chosen.data_root), *corpora.ordinary(chosen.data_root), *corpora.examples()]
    print(f"{len(rows)} texts; reading them", flush=True)
    rules, ngrams, embeddings = fitting.read_windows(rows, embed=not chosen.no_encoder)
    fitted, out = fitting.fit_voices(rows, rules, ngrams, embeddings, told=lambda line: print(line, flush=True))
    fitted.figures = figures(rows, out, fitted.thresholds)
    voices.save(fitted, chosen.output_dir)
    (Path(chosen.output_dir) / "README.md").write_text(card(fitted), encoding="utf-8")
    print(table(fitted.figures))
    print(f"{chosen.output_dir} in {time.time() - started:.0f} s")


if __name__ == "__main__":
    chosen = options()
    with explain():
        main(chosen)
