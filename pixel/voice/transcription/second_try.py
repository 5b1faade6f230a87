"""What is decoded a second time: clips that show signs of failure, and speech for which no word was written."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pixel.voice.audio.activity import RATE, Activity
from pixel.voice.segment import Word
from pixel.voice.transcription.clips import GRID, Packed
from pixel.voice.transcription.decoded import NEAR, Decoded, holes
from pixel.voice.transcription.decoder import Decoder, inside
from pixel.voice.transcription.guards.repetition import looped
from pixel.voice.transcription.settings import Settings

AROUND = 0.2  # seconds heard on both sides of a hole


def retry(
    decoded: list[Decoded], packed: Packed, decoder: Decoder, language: str, activity: Activity, settings: Settings
) -> list[Decoded]:
    """Decodes failed clips by themselves, with Whisper's own fallback, and keeps the better of the two."""
    result = []
    for one, clip in zip(decoded, packed.clips, strict=True):
        if one.failures(settings):
            one = better(one, decoder.again(packed, clip, language), activity, settings)
        result.append(one)
    return result


def better(first: Decoded, second: Decoded, activity: Activity, settings: Settings) -> Decoded:
    """The one with fewer signs of failure; then the one that its model believes more; an empty one never."""
    if not second.words:
        return first

    def rank(one: Decoded) -> tuple[int, float]:
        uncovered = sum(activity.speech(*hole) for hole in holes(one.words, activity, one.start, one.end))
        spoken = max(activity.speech(one.start, one.end), 0.1)
        return -len(one.failures(settings)), one.word_probability * (1 - min(1.0, uncovered / spoken))

    return second if rank(second) > rank(first) else first


def fill(
    decoded: list[Decoded], samples: np.ndarray, decoder: Decoder, language: str, activity: Activity
) -> list[Decoded]:
    """
    Whisper without timestamps may stop before its clip ends and lose ten seconds of speech, or write a loop over them.
    Where voice activity finds speech that no word covers, loops not counting, that stretch is decoded as a clip of its
    own; its words are put in, and those of the loop go.
    """
    found = [
        (place, hole)
        for place, one in enumerate(decoded)
        for hole in holes(without_loops(one.words), activity, one.start, one.end)
    ]
    if not found:
        return decoded
    pieces, clips, begin = [], [], 0
    for _, (start, end) in found:
        first, last = round((start - AROUND) * RATE), round((end + AROUND) * RATE)
        first, last = max(0, first) // GRID * GRID, min(len(samples), last) // GRID * GRID
        pieces.append((first, last))
        clips.append((begin, begin + last - first))
        begin += last - first
    packed = Packed(np.concatenate([samples[a:b] for a, b in pieces]), tuple(pieces), tuple(clips))
    result = list(decoded)
    for (place, (start, end)), got in zip(found, decoder.batch(packed, language), strict=True):
        new = inside(without_loops(got.words), start, end)
        if new:
            one = result[place]
            steady = without_loops(one.words)
            stay = [word for word in one.words if word in steady or not inside([word], start - NEAR, end + NEAR)]
            result[place] = replace(one.with_words(stay + new), mean_logprob=min(one.mean_logprob, got.mean_logprob))
    return result


def without_loops(words: Sequence[Word]) -> list[Word]:
    """The words that are not in a loop."""
    return [word for word, loop in zip(words, looped([word.text for word in words]), strict=True) if not loop]
