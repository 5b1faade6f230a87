"""How well the signal-to-noise ratio is found without a reference, on real speech with noise of known level."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from pixel.benchmarks.voice.noisy_speech import NOISES, RATE, Utterance, ladder, read_utterances
from pixel.metrics.bootstrap import bootstrap_interval
from pixel.metrics.pearson import pearson
from pixel.voice.quality.active_level import active_level
from pixel.voice.quality.snr import QUIET_SHARE, snr_db

QUANTILES = (0.1, 0.15, 0.2, 0.25, 0.3)
LEVELS = range(-5, 41, 5)  # dB
VARIED_ON = 5  # every fifth utterance, two a speaker
QUIETEST_SPEAKER = "2033"
"""The only one recorded with hardly any noise (about 57 dB): with this voice the level of the added noise is the truth
over the whole ladder, whatever is assumed about a recording's own noise."""


def noise_ladder(data_root: str | Path, seed: int = 0) -> list[dict[str, Any]]:
    """
    Pearson's r of estimated and true signal-to-noise ratio over utterances x kinds of noise x levels (-5 to 40 dB).

    True: active speech level (ITU-T P.56) over added noise and the recording's own. Its own counts because most of
    these recordings have one at 13 to 25 dB, above much of what is added; it is the median power of the speaker's
    pauses (Silero's detector on the recordings as they are), not what is under test. Rows "added noise alone" leave
    it out.

    These are no held-out figures: the constants of the estimate, its quantile of .2 above all, were set by hand by
    somebody who had seen these recordings. The last rows vary the quantile on a fifth of the utterances; r was .948
    with .1, .959 with .15, .967 with .2, .972 with .25 and .973 with .3.

    Args:
        data_root: with `speech/`.
        seed: of the noises.

    Returns:
        rows `of`, `r`, `low`, `high` (95 percent, drawing utterances), `bias` and `error` (mean and mean absolute
        difference in dB), `n`, `utterances`.
    """
    utterances = read_utterances(data_root)
    own = own_noise(utterances)
    varied_on = {utterance.name for utterance in utterances[::VARIED_ON]}
    told, estimates = [], []
    steps = len(utterances) * len(NOISES) * len(LEVELS)
    for utterance, kind, level, sound in tqdm(ladder(utterances, NOISES, LEVELS, seed), desc="Mixtures", total=steps):
        told.append((utterance.name, utterance.speaker, kind, level))
        shares = QUANTILES if utterance.name in varied_on else (QUIET_SHARE,)
        estimates.append({share: snr_db(sound, RATE, quiet_share=share) for share in shares})
    names, speakers, kinds, added = (np.array(column) for column in zip(*told, strict=True))
    true = -10 * np.log10(10 ** (-added / 10) + 10 ** (-np.array([own[speaker] for speaker in speakers]) / 10))
    found = np.array([shares[QUIET_SHARE] for shares in estimates], dtype=float)
    all_of_them = np.ones(len(found), dtype=bool)
    clean_voice = speakers == QUIETEST_SPEAKER
    rows = [_row("all kinds", true, found, all_of_them, names)]
    rows += [_row(kind, true, found, kinds == kind, names) for kind in NOISES]
    rows += [_row("the recording without noise of its own", added, found, clean_voice, names)]
    rows += [
        _row(f"the recording without noise of its own, {kind}", added, found, clean_voice & (kinds == kind), names)
        for kind in NOISES
    ]
    rows += [_row("all kinds, added noise alone, up to 10 dB", added, found, added <= 10, names)]
    rows += [_row("all kinds, added noise alone", added, found, all_of_them, names)]
    rows += [
        _row(f"{kind} at {level:.0f} dB", true, found, (kinds == kind) & (added == level), names, r=False)
        for kind in NOISES
        for level in (-5, 0, 5, 10, 20)
    ]
    some = np.flatnonzero([name in varied_on for name in names])
    for share in QUANTILES:
        varied = np.array([estimates[place][share] for place in some], dtype=float)
        for of, chosen in (("all kinds", kinds[some] != ""), ("babble", kinds[some] == "babble")):
            rows.append(_row(f"{of}, quantile {share}", true[some], varied, chosen, names[some]))
    return rows


def own_noise(utterances: Sequence[Utterance]) -> dict[str, float]:
    """Each speaker's active level over the median power of the pauses that the voice detector is sure of, dB."""
    from faster_whisper.vad import get_vad_model

    detector, size = get_vad_model(), 512
    found = {}
    for speaker in dict.fromkeys(utterance.speaker for utterance in utterances):
        spoken = [utterance.samples for utterance in utterances if utterance.speaker == speaker]
        powers: list[np.ndarray] = []
        for samples in spoken:
            frames = samples[: len(samples) // size * size].reshape(-1, size)
            probability = detector(frames.ravel()).ravel()
            around = np.convolve(probability, np.ones(5) / 5, mode="same")
            powers.append(np.mean(frames.astype(np.float64) ** 2, axis=1)[(probability < 0.1) & (around < 0.1)])
        level = active_level(np.concatenate(spoken), RATE)
        found[speaker] = level[0] - 10 * np.log10(np.median(np.concatenate(powers)))
    return found


def _row(of: str, true, found, chosen, names, r: bool = True) -> dict[str, Any]:
    true, found, names = true[chosen], found[chosen], names[chosen]
    value = pearson(true, found).value if r else None
    interval = None
    if r:
        interval = bootstrap_interval(lambda some: pearson(true[some], found[some]), len(true), names, resamples=300)
    low, high = interval or (None, None)
    return {
        "of": of,
        "r": value,
        "low": low,
        "high": high,
        "bias": float(np.mean(found - true)),
        "error": float(np.mean(np.abs(found - true))),
        "n": len(true),
        "utterances": len(set(names)),
    }
