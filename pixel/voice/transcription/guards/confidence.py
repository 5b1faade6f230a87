"""What Whisper itself says of its text: nobody speaks, the words are guesses, they go round in circles."""

import zlib

from pixel.voice.segment import Segment
from pixel.voice.transcription.settings import Settings


def compression_ratio(text: str) -> float:
    """
    Bytes before zlib to bytes after it; ordinary sentences 0.8 to 2.

    Source: https://github.com/openai/whisper, `whisper/utils.py`.
    """
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 1.0


def doubts(segment: Segment, settings: Settings) -> list[str]:
    """Names of the signs that an utterance shows; empty where there is none."""
    probability = segment.word_probability
    signs = {
        "no_speech": segment.no_speech > settings.most_no_speech and segment.mean_logprob < settings.least_logprob,
        "compression_ratio": compression_ratio(segment.text) > settings.most_compression,
        "word_probability": probability is not None and probability < settings.least_word_probability,
    }
    return [name for name, shown in signs.items() if shown]
