"""
Fits anew what `pixel.voice.quality.accuracy` foretells word error rates by, and shows the scores it was fitted on.

    python -m pixel.benchmarks.voice.accuracy_file --data_root DATA
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pixel.benchmarks.voice.accuracy_weights import SIGNS, fit
from pixel.benchmarks.voice.decoded_noisy import MODELS, decoded_noisy
from pixel.benchmarks.voice.quality_errors import score_rows
from pixel.data.whole_files import write_in_one_step
from pixel.metrics.table import markdown
from pixel.voice.quality.accuracy import WEIGHTS


def weights_of(rows: Sequence[dict[str, Any]], scores: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """
    What `accuracy.json` holds: `about` (what it was fitted on), weights fitted on all speakers, and their validity on
    speakers left out.

    Args:
        rows: of one run of `decoded_noisy`, by two models.
        scores: of `score_rows` on these rows.

    Raises:
        ValueError: no segment has every sign.
    """
    found: dict[str, Any] = {"about": _about([row for row in rows if row["word_probability"] is not None])}
    for name, signs in SIGNS.items():
        known = [row for row in rows if all(row.get(sign) is not None for sign in signs)]
        if not known:
            raise ValueError(f"no segment has {', '.join(signs)}. Mend: decode with two models, as by default")
        found[name] = fit(known, signs)
    held_out = [score for score in scores if score["score"].startswith("expected_wer")]
    return found | {"validity": {score["score"]: _rounded(score) for score in held_out}}


def write_accuracy(rows: Sequence[dict[str, Any]], file: str | Path = WEIGHTS, resamples: int = 500) -> str:
    """
    Write `weights_of` rows, whole or not at all.

    Returns:
        the table of `score_rows`, Markdown.
    """
    scores = score_rows(rows, resamples)
    write_in_one_step(Path(file), json.dumps(weights_of(rows, scores), indent=2) + "\n")
    return markdown(list(scores[0]), [row.values() for row in scores])


def _about(rows: Sequence[dict[str, Any]]) -> str:
    names, speakers = ({row[of] for row in rows} for of in ("name", "speaker"))
    conditions = ", ".join(f"{name} {count}" for name, count in Counter(row["condition"] for row in rows).items())
    return (
        f"word error rate of {MODELS[0]} (agreement: with {MODELS[1]}), fitted on {len(rows)} segments of one run of "
        f"decoded_noisy: {len(names)} utterances of LibriSpeech test-other, {len(speakers)} speakers; segments by "
        f"condition: {conditions}; validity: each speaker foretold by weights of the others"
    )


def _rounded(score: dict[str, Any]) -> dict[str, Any]:
    return {k: round(v, 3) if isinstance(v, float) else v for k, v in score.items() if k != "score"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data_root", required=True, help="folder that holds speech/")
    parser.add_argument("--output", type=Path, default=WEIGHTS, help="file to write (default: the one that ships)")
    chosen = parser.parse_args()
    print(write_accuracy(list(decoded_noisy(chosen.data_root)), chosen.output))
    print(f"Written to {chosen.output}")
