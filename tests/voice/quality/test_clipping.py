import numpy as np
import pytest

from pixel.voice.quality.clipping import clipped_share


def clipped(speech, share):
    """Speech of which this share of samples lies beyond the ceiling."""
    ceiling = np.quantile(np.abs(speech), 1 - share)
    return np.clip(speech, -ceiling, ceiling)


@pytest.mark.parametrize("share", [0.005, 0.02, 0.05, 0.2])
def test_the_share_beyond_the_ceiling_is_found(speech, share):
    assert clipped_share(clipped(speech, share)) == pytest.approx(share, rel=0.1)


def test_speech_as_it_is_has_none(speech):
    assert clipped_share(speech) < 0.0005


def test_a_quiet_copy_of_clipped_speech_is_still_clipped(speech):
    assert clipped_share(0.01 * clipped(speech, 0.05)) == pytest.approx(0.05, rel=0.1)


def test_clipping_is_seen_through_resampling(speech):
    from scipy.signal import resample_poly

    fast = clipped(resample_poly(speech, 441, 160), 0.1)
    assert 0.05 < clipped_share(resample_poly(fast, 160, 441)) < 0.11


def test_clipping_of_the_crests_alone_counts(speech):
    ceiling = np.quantile(speech, 0.95)
    assert clipped_share(np.minimum(speech, ceiling)) == pytest.approx(0.05, rel=0.1)


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(1000)])
def test_silence_has_no_share(samples):
    assert clipped_share(samples) is None
