"""Sounds in which nobody speaks: noises, hum and music-like tones."""

from collections.abc import Callable

import numpy as np

RATE = 16_000


def sound(kind: str, seconds: float, level: float, seed: int) -> np.ndarray:
    """
    Args:
        kind: a name in `KINDS`.
        level: root mean square in dBFS; silence has none.

    Returns:
        float32 `[samples]` at 16 kHz, in [-1, 1].
    """
    samples = KINDS[kind](np.random.default_rng(seed), round(seconds * RATE))
    power = np.sqrt((samples**2).mean())
    scaled = samples / power * 10 ** (level / 20) if power else samples
    return scaled.clip(-1, 1).astype(np.float32)


def coloured(slope: float) -> Callable[[np.random.Generator, int], np.ndarray]:
    """Noise whose power falls as frequency to this power: 0 white, 1 pink, 2 brown; nothing below 20 Hz."""

    def make(generator: np.random.Generator, size: int) -> np.ndarray:
        frequencies = np.fft.rfftfreq(size, 1 / RATE)
        spectrum = np.fft.rfft(generator.standard_normal(size))
        spectrum *= np.where(frequencies >= 20, np.maximum(frequencies, 20) ** (-slope / 2), 0)
        return np.fft.irfft(spectrum, size)

    return make


def overtones(frequency: float | np.ndarray, seconds: np.ndarray, count: int) -> np.ndarray:
    """A tone with `count` partials, each weaker than the one below."""
    return sum(np.sin(2 * np.pi * frequency * part * seconds) / part for part in range(1, count + 1))


def hum(generator: np.random.Generator, size: int) -> np.ndarray:
    seconds = np.arange(size) / RATE
    return overtones(generator.choice([50, 60]), seconds, 10) * (1 + 0.1 * np.sin(2 * np.pi * 0.3 * seconds))


def chords(generator: np.random.Generator, size: int) -> np.ndarray:
    """Major and minor chords of 0.4 to 2.5 s."""
    found = np.zeros(size)
    place = 0
    while place < size:
        length = min(size - place, round(generator.uniform(0.4, 2.5) * RATE))
        seconds, root = np.arange(length) / RATE, 110 * 2 ** (generator.integers(24) / 12)
        swell = np.minimum(1, np.minimum(seconds / 0.02, (seconds[-1] - seconds) / 0.2))
        for step in (0, generator.choice([3, 4]), 7):
            found[place : place + length] += overtones(root * 2 ** (step / 12), seconds, 8) * swell
        place += length
    return found


def arpeggios(generator: np.random.Generator, size: int) -> np.ndarray:
    """Plucked notes, five and a half a second."""
    found, length = np.zeros(size), round(0.18 * RATE)
    seconds = np.arange(length) / RATE
    for count, place in enumerate(range(0, size - length, length)):
        if count % 24 == 0:
            root = 220 * 2 ** (generator.integers(12) / 12)
        note = root * 2 ** ((0, 4, 7, 12, 7, 4)[count % 6] / 12)
        found[place : place + length] = overtones(note, seconds, 6) * np.exp(-6 * seconds)
    return found


def sweeps(generator: np.random.Generator, size: int) -> np.ndarray:
    """A siren: a tone that glides up and down over several octaves."""
    seconds = np.arange(size) / RATE
    frequency = 300 * 2 ** (1.8 * np.sin(2 * np.pi * seconds * generator.uniform(0.1, 0.6)))
    return overtones(1.0, np.cumsum(frequency) / RATE, 3)


def drums(generator: np.random.Generator, size: int) -> np.ndarray:
    """Kick, hat and snare by chance, four beats a second."""
    found, length = np.zeros(size), RATE // 4
    seconds = np.arange(length) / RATE
    for place in range(0, size - length, length):
        hit = found[place : place + length]
        if generator.random() < 0.5:
            hit += np.sin(2 * np.pi * 60 * seconds * np.exp(-4 * seconds)) * np.exp(-15 * seconds)
        if generator.random() < 0.5:
            hit += 0.4 * generator.standard_normal(length) * np.exp(-40 * seconds)
        if generator.random() < 0.25:
            hit += 0.7 * generator.standard_normal(length) * np.exp(-18 * seconds)
    return found


def melody(generator: np.random.Generator, size: int) -> np.ndarray:
    """A tune with vibrato, each note gliding into the next: the nearest of these to a voice."""
    notes: list[np.ndarray] = []
    while sum(map(len, notes)) < size:
        pitch = 180 * 2 ** (generator.choice([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
        notes.append(np.full(round(generator.uniform(0.15, 0.6) * RATE), pitch))
    pitches = np.convolve(np.concatenate(notes)[:size], np.ones(800) / 800, "same")
    pitches = pitches * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * np.arange(size) / RATE))
    return overtones(1.0, np.cumsum(pitches) / RATE, 11)


KINDS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "silence": lambda _, size: np.zeros(size),
    "white noise": coloured(0),
    "pink noise": coloured(1),
    "brown noise": coloured(2),
    "hum": hum,
    "chords": chords,
    "arpeggios": arpeggios,
    "sweeps": sweeps,
    "drums": drums,
    "melody": melody,
}
