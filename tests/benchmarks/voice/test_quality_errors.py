import numpy as np

from pixel.benchmarks.voice.decoded_noisy import agreed, wer
from pixel.benchmarks.voice.quality_errors import score_rows
from pixel.voice.segment import Segment, Word


def planted(count=120):
    """The words' probability tells the errors, the signal-to-noise ratio half, loudness nothing."""
    draw = np.random.default_rng(0)
    rows = []
    for place in range(count):
        wrong = draw.uniform(0, 0.8)
        rows.append(
            {
                "name": f"u{place // 4}",
                "speaker": f"s{place % 5}",
                "wer": wrong,
                "word_probability": 1 - wrong + draw.normal(0, 0.02),
                "snr_db": 20 - 20 * wrong + draw.normal(0, 8),
                "loudness_lufs": draw.normal(-20, 3),
                "mean_logprob": draw.normal(-0.5, 0.1),
                "agreement": None,
            }
        )
    return rows


def test_scores_come_in_the_order_of_what_they_tell():
    found = {row["score"]: row for row in score_rows(planted(), 20)}
    assert found["word_probability"]["spearman"] > 0.97 > 0.9 > found["snr_db"]["spearman"] > 0.3
    assert abs(found["loudness_lufs"]["spearman"]) < 0.3
    assert found["word_probability"]["auc"] > 0.97 and found["expected_wer, alone"]["auc"] > 0.97
    assert found["snr_db"]["spearman_low"] < found["snr_db"]["spearman"] < found["snr_db"]["spearman_high"]


def test_what_was_not_measured_has_no_row():
    names = [row["score"] for row in score_rows(planted(), 20)]
    assert "agreement" not in names and "expected_wer, with agreement" not in names


def test_errors_are_counted_after_whispers_own_normalising():
    assert wer("mister smith is ten", "Mr. Smith is 10.") == 0
    assert wer("we went home early", "We went away") == 0.5
    assert wer("yes", "") == 1


def test_two_models_agree_in_the_share_of_words_that_they_share():
    words = tuple(Word(f" {word}", 0, 1, 0.9) for word in "We went home, early.".split())
    segment = Segment("a.flac", 0.0, 2.0, "We went home, early.", words)
    assert agreed(segment, "we went home late").agreement == 0.75
    assert agreed(segment, "We went home early").agreement == 1
    assert agreed(segment, "").agreement == 0
    assert agreed(Segment("a.flac", 0.0, 2.0, ""), "We went").agreement is None
