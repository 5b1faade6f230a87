"""Real speech with noise of a known level: what a noise ladder is built of."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pixel.voice.quality.active_level import active_level

RATE = 16_000
NOISES = ("white", "pink", "hum", "babble")
BABBLERS = 6
LOWEST_HZ = 20.0


@dataclass(frozen=True)
class Utterance:
    """`samples` float32 `[samples]` at 16 kHz, as recorded; `text` in lower case without marks."""

    name: str
    speaker: str
    samples: np.ndarray
    text: str


def read_utterances(data_root: str | Path) -> list[Utterance]:
    """
    The recordings with a trusted transcript: LibriSpeech test-other (5 readers, 10 utterances each).

    Raises:
        FileNotFoundError: `speech/librispeech_5spk_417s.flac` is not below the data root.
    """
    import soundfile

    audio = Path(data_root) / "speech" / "librispeech_5spk_417s.flac"
    if not audio.is_file():
        raise FileNotFoundError(f"{audio}: no such file. Mend: give the folder of the corpora, --data_root")
    samples, rate = soundfile.read(audio, dtype="float32")
    rows = json.loads(audio.with_suffix(".json").read_text(encoding="utf-8"))
    spans = [slice(round(row["start"] * rate), round(row["end"] * rate)) for row in rows]
    return [
        Utterance(row["id"], row["speaker"], samples[span], row["text"]) for row, span in zip(rows, spans, strict=True)
    ]


def noise(kind: str, size: int, generator: np.random.Generator, others: Sequence[np.ndarray] = ()) -> np.ndarray:
    """
    Noise of level 1 (root mean square), float64 `[size]`.

    Args:
        kind: `white`; `pink` (power falling as 1/f above 20 Hz); `hum` (50 or 60 Hz and eleven overtones of random
            strength); `babble` (six of `others` at equal level, each from a random place).
        size: samples.
        generator: of the draws.
        others: recordings of other people, for babble.

    Raises:
        ValueError: no such kind, or babble of fewer than six recordings.
    """
    if kind == "white":
        made = generator.standard_normal(size)
    elif kind == "pink":
        lines = np.fft.rfft(generator.standard_normal(size))
        made = np.fft.irfft(lines / np.sqrt(np.maximum(np.fft.rfftfreq(size, 1 / RATE), LOWEST_HZ)), size)
    elif kind == "hum":
        seconds, base = np.arange(size) / RATE, generator.choice([50, 60])
        strengths, phases = generator.uniform(0.2, 1, 12), generator.uniform(0, 2 * np.pi, 12)
        made = sum(
            strengths[n] / (n + 1) * np.sin(2 * np.pi * base * (n + 1) * seconds + phases[n]) for n in range(12)
        )
    elif kind == "babble":
        if len(others) < BABBLERS:
            raise ValueError(f"babble of {len(others)} recordings. Mend: give at least {BABBLERS} of other people")
        made = np.zeros(size)
        for index in generator.choice(len(others), BABBLERS, replace=False):
            voice = others[index] / np.sqrt(np.mean(np.square(others[index], dtype=np.float64)))
            made += np.resize(np.roll(voice, generator.integers(len(voice))), size)
    else:
        raise ValueError(f"no noise {kind!r}. Mend: take one of {', '.join(NOISES)}")
    return made / np.sqrt(np.mean(made**2))


def mixed(speech: np.ndarray, noise_of_one: np.ndarray, snr: float, level: float | None = None) -> np.ndarray:
    """
    Speech and noise, float32, so that active speech (ITU-T P.56; `level` where it is known) is `snr` dB above the
    noise; turned down where it would clip.

    Raises:
        ValueError: the speech is silent.
    """
    if level is None:
        measured = active_level(speech, RATE)
        if measured is None:
            raise ValueError("no speech in this recording. Mend: leave it out")
        level = measured[0]
    sound = speech + noise_of_one * 10 ** ((level - snr) / 20)
    return (sound * min(1.0, 0.95 / np.abs(sound).max())).astype(np.float32)


def ladder(
    utterances: Sequence[Utterance],
    kinds: Sequence[str] = NOISES,
    levels: Sequence[float] = range(-5, 41, 5),
    seed: int = 0,
) -> Iterator[tuple[Utterance, str, float, np.ndarray]]:
    """
    Every utterance with every kind of noise at every level; one noise an utterance and kind, babble of others than the
    speaker.

    Yields:
        utterance, kind, level in dB, sound.
    """
    for index, utterance in enumerate(utterances):
        others = [other.samples for other in utterances if other.speaker != utterance.speaker]
        speech_level = (active_level(utterance.samples, RATE) or (None,))[0]
        for kind in kinds:
            generator = np.random.default_rng([seed, index, NOISES.index(kind)])
            made = noise(kind, len(utterance.samples), generator, others)
            for level in levels:
                yield utterance, kind, float(level), mixed(utterance.samples, made, level, speech_level)
