"""What a worker does with one recording: look at it, hear it window by window, say who speaks."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pixel.voice.audio.errors import AudioError
from pixel.voice.pipeline.memory import give_back
from pixel.voice.pipeline.tools import Tools
from pixel.voice.segment import Segment

RATE = 16_000
SURE = 0.5  # probability from which a language found in one window counts for those after it
AROUND = 0.5  # seconds before and after a segment that are measured with it: its noise lies there


def look(path: Path, tools: Tools) -> dict[str, Any]:
    """`sha256` of the bytes, `size`, `seconds` (none where the file does not say), `reason` where it is no sound."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
    seconds, reason = None, None
    try:
        seconds = tools.seconds_of(path)
    except AudioError as error:
        reason = one_line(error, path)
    return {"sha256": digest, "size": size, "seconds": seconds, "reason": reason}


def hear(
    file: str,
    path: Path,
    tools: Tools,
    transcriber: Any,
    seconds: float,
    known: Mapping[int, tuple[str, float, float]] = {},  # noqa: B006
    language: str | None = None,
) -> Iterator[tuple]:
    """
    Hear what has not been heard yet.

    Args:
        file: name of the recording, for the segments.
        path: where it lies.
        tools: decoder and measurements.
        transcriber: with its models.
        seconds: the most a window holds.
        known: windows that are already heard: number to `(language, probability, speech_seconds)`.
        language: what the user says it is; otherwise what the first window with speech is found to be.

    Yields:
        for each new window its values in the order of `manifest.WINDOW`.

    Raises:
        AudioError: the decoder broke off; what came before has been handed out.
    """
    found = None
    for window in tools.windows(path, seconds):
        if window.index in known:
            found = found or _sure(*known[window.index])
            continue
        heard = transcriber.window(file, window.samples, window.start, language or found)
        found = found or _sure(heard.language, heard.language_probability, heard.speech_seconds)
        kept = [_measured(segment, window, tools) for segment in heard.kept]
        dropped = [segment.as_row() for segment in heard.dropped]
        yield (
            window.index,
            window.start,
            len(window.samples) / RATE,
            _json([segment.as_row() for segment in kept]),
            _json(dropped),
            heard.language,
            float(heard.language_probability),
            float(heard.speech_seconds),
            _json(_mean(kept)),
        )
        del window  # its samples, before the next ones are decoded
        give_back()


def speakers(path: Path, rows: list[dict[str, Any]], tools: Tools) -> list[dict[str, Any]]:
    """A recording's segments with who says them; one in which the speaker changes may have become two."""
    segments = [Segment.from_row(row) for row in rows]
    return [segment.as_row() for segment in tools.label_speakers(path, segments)] if segments else []


def one_line(error: Exception, path: Path) -> str:
    """What went wrong, without the path: the row names the file."""
    text = " ".join(str(error).split()).removeprefix(f"{path}: ") or type(error).__name__
    return text if isinstance(error, AudioError) else f"{type(error).__name__}: {text}"


def _sure(language: str | None, probability: float, speech_seconds: float) -> str | None:
    return language if speech_seconds > 0 and probability >= SURE else None


def _measured(segment: Segment, window: Any, tools: Tools) -> Segment:
    """With measurements of its own stretch of sound."""
    start = max(segment.start - window.start - AROUND, 0.0)
    samples = window.samples[round(start * RATE) : round((segment.end - window.start + AROUND) * RATE)]
    if not len(samples):
        return segment
    speech = [(segment.start - window.start - start, segment.end - window.start - start)]
    return replace(segment, quality=dict(segment.quality) | _plain(tools.measure(samples, speech, tools.mos)))


def _mean(segments: list[Segment]) -> dict[str, float | None]:
    """Of a window's segments, by their length: measuring the window itself would cost as much again."""
    mean: dict[str, float | None] = {}
    for name in sorted({name for segment in segments for name in segment.quality}):
        known = [(s.end - s.start, s.quality[name]) for s in segments if s.quality.get(name) is not None]
        seconds = sum(length for length, _ in known)
        mean[name] = round(sum(length * value for length, value in known) / seconds, 6) if seconds else None
    return mean


def _plain(measured: Mapping[str, Any]) -> dict[str, float | None]:
    """Numbers that JSON knows, to six digits after the point."""
    numbers = {name: None if value is None else float(value) for name, value in measured.items()}
    return {
        name: None if value is None or value != value or abs(value) == float("inf") else round(value, 6)
        for name, value in numbers.items()
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
