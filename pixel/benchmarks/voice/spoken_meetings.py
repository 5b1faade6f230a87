"""AMI's words spoken by one synthetic voice and written down by Whisper: what a machine keeps of a manner."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from pixel.benchmarks.synthetic_speech import RATE, speak
from pixel.voice.personality.fingerprint.ami import Speaker
from pixel.voice.transcription.settings import Settings

VOICE, RATE_OF_WORDS = "en-us", 190
"""The same for everybody, so that only the words tell them apart."""
AT_ONCE = 150
"""Words spoken in one go; half a second of silence follows."""


def one_meeting_a_group(speakers: Sequence[Speaker], words: int = 1200) -> list[Speaker]:
    """Of each group the meeting whose speakers said most, counting `words` words of each at most."""
    said: dict[tuple[str, str], int] = {}
    for one in speakers:
        key = one.group, one.meeting
        said[key] = said.get(key, 0) + min(words, len(one.text.split()))
    best: dict[str, str] = {}
    for _, group, meeting in sorted((most, group, meeting) for (group, meeting), most in said.items()):
        best[group] = meeting
    return [one for one in speakers if best[one.group] == one.meeting]


def spoken(text: str, words: int = 1200) -> np.ndarray:
    """Float32 `[samples]` at 16 kHz: the first `words` words of a text."""
    said = text.split()[:words]
    parts = [speak(" ".join(said[at : at + AT_ONCE]), VOICE, RATE_OF_WORDS) for at in range(0, len(said), AT_ONCE)]
    return np.concatenate([part for one in parts for part in (one, np.zeros(RATE // 2, np.float32))])


def transcribe_meetings(
    speakers: Sequence[Speaker],
    folder: str | Path,
    settings: Settings | None = None,
    words: int = 1200,
    progress: Callable[[str], None] = lambda line: None,
) -> None:
    """
    Writes MEETING.CHANNEL.json for every speaker, `{"meeting", "channel", "words", "heard"}`; those there are kept.

    Args:
        speakers: whose words.
        folder: where to.
        settings: of the transcriber; default: Whisper tiny.en, greedy, int8, one thread.
        words: of each speaker at most.
        progress: told whom it is at.
    """
    from pixel.voice.transcription.transcriber import Transcriber

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    transcriber = Transcriber(settings or Settings(beam_size=1, compute_type="int8", language="en", device="cpu"))
    for one in speakers:
        file = folder / f"{one.meeting}.{one.channel}.json"
        if file.exists():
            continue
        progress(file.stem)
        found = transcriber.window(file.stem, spoken(one.text, words), 0.0)
        heard = " ".join(segment.text for segment in found.kept)
        row = {"meeting": one.meeting, "channel": one.channel, "words": words, "heard": heard}
        partial = file.with_suffix(".partial")
        partial.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
        partial.replace(file)
