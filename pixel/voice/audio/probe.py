"""What a recording is, before it is decoded."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixel.voice.audio.errors import AudioError

GUESSING = ("mp3", "aac", "ac3", "eac3", "mpeg", "mpegts", "amr")  # containers whose length is an estimate


@dataclass(frozen=True)
class AudioFacts:
    """
    Attributes:
        seconds: as the container says, or null where it does not; never to be trusted blindly.
        rate: samples a second of the first audio stream.
        channels: of it.
        codec: its name in ffmpeg, e.g. `flac`.
    """

    seconds: float | None
    rate: int
    channels: int
    codec: str


def probe(path: str | Path) -> AudioFacts:
    """
    Looks at the headers of the first audio stream; the file's ending is not asked.

    Raises:
        AudioError: the file is missing, empty, unreadable, or has no audio stream.
    """
    with opened(path) as container:
        stream = container.streams.audio[0]
        seconds = container.duration / 1e6 if container.duration is not None else None
        if stream.duration is not None and stream.time_base is not None:
            seconds = float(stream.duration * stream.time_base)
        context = stream.codec_context
        return AudioFacts(seconds, context.sample_rate, context.channels, context.name)


def length(container: Any) -> float | None:
    """
    Seconds that an open container promises for its first audio stream, where the promise is to be trusted.

    MP3 and AAC without a container guess from the bit rate, and so promise nothing.
    """
    stream = container.streams.audio[0]
    if container.format.name in GUESSING or stream.duration is None or stream.time_base is None:
        return None
    return float(stream.duration * stream.time_base)


def opened(path: str | Path) -> Any:
    """
    The open container; its first audio stream can be decoded.

    Raises:
        AudioError: as `probe`.
    """
    import av

    path = Path(path)
    if not path.is_file():
        raise AudioError(f"{path}: no such file. Mend: check the path")
    if not path.stat().st_size:
        raise AudioError(f"{path}: empty file. Mend: fetch it again")
    try:
        container = av.open(str(path), mode="r", metadata_errors="ignore")
    except (av.error.FFmpegError, ValueError) as error:
        raise AudioError(f"{path}: not a recording that can be read ({reason(error)}). Mend: fetch it again") from None
    streams = container.streams.audio
    if not streams or not streams[0].codec_context or not streams[0].codec_context.sample_rate:
        container.close()
        raise AudioError(f"{path}: no audio in it. Mend: leave it out")
    return container


def reason(error: Exception) -> str:
    """ffmpeg's own words for an error, on one line, without the path."""
    return str(getattr(error, "strerror", None) or error).splitlines()[0]
