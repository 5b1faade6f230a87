"""The measurements of `recipes/benchmark.py voice`, by name."""

import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from pixel.data.errors import ConversationError

PARTS = {
    "throughput": "throughput:throughput",
    "words": "word_errors:word_errors",
    "hallucinations": "hallucinations:hallucinations",
    "clipped": "hallucinations:on_speech",
    "snr": "noise_ladder:noise_ladder",
    "quality": "quality_errors:quality_errors",
    "budget": "budget_selection:budget_selection",
    "diarization": "diarization:diarization_errors",
    "same_speaker": "diarization:same_speaker",
    "word_speakers": "word_speakers:word_speakers",
    "fingerprints": "fingerprints:fingerprints",
    "other_speakers": "other_speakers:other_corpora",
    "markers": "markers:how_many_reliable",
    "statements": "marker_statements:statements_hold",
    "markers_heard": "markers:through_whisper",
    "consistency": "consistency:consistency_figures",
    "drift": "drift:drift",
    "interviews": "dialogues:who_asks",
    "flow": "dialogues:dialogue_flow",
    "topics": "dialogues:topic_boundaries",
    "kills": "kill_resume:kill_resume",
    "long_file": "kill_resume:long_file",
}
"""Name -> module and function of this folder."""


def measure(part: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """
    Rows of one measurement, e.g. `measure("throughput", {"data_root": "data", "minutes": 5})`.

    Args:
        part: one of `PARTS`.
        given: arguments by name; those that the measurement does not take are passed by, so that one set serves all.

    Raises:
        KeyError: no such part.
        ConversationError: a given argument that no part takes.
    """
    functions = {name: _function(name) for name in PARTS}
    taken = {name for function in functions.values() for name in inspect.signature(function).parameters}
    if unknown := sorted(set(given) - taken):
        mend = f"take of {' '.join(sorted(taken))}"
        raise ConversationError(f"no measurement takes {', '.join(unknown)}", field="--set", mend=mend)
    function = functions[part]
    takes = inspect.signature(function).parameters
    if "encoder" in takes and "encoder" not in given:
        from pixel.text.sentence_encoder import RememberingEncoder, default_encoder

        given = {**given, "encoder": RememberingEncoder(default_encoder())}
    return function(**{name: value for name, value in given.items() if name in takes})


def _function(part: str):
    module, name = PARTS[part].split(":")
    return getattr(import_module(f"pixel.benchmarks.voice.{module}"), name)
