import json
from dataclasses import replace

import pytest

from pixel.voice.segment import Segment, Word
from tests.voice.personality.consistency.conftest import likeness, reference  # noqa: F401
from tests.voice.personality.consistency.speakers import segments, talk


def with_words(one: Segment, probability: float, snr: float | None) -> Segment:
    words = tuple(Word(f" {text}", one.start, one.end, probability) for text in one.text.split())
    return replace(one, words=words, quality={"snr_db": snr})


@pytest.fixture
def folder(tmp_path):
    """What a transcription leaves: two talks of a channel (the second goes over to somebody else), one bad file."""
    said = segments("anna smith/one.wav", talk(1, 1200), "S1")
    said += segments("anna smith/two.wav", talk(1, 700, 3) + talk(2, 800), "S1")
    said = [with_words(one, 0.9, float(place)) for place, one in enumerate(said)]
    guarded = Segment("anna smith/one.wav", 900.0, 936.0, "you you <b>you</b> you", flags=("repetition", "silence"))
    unsaid = [replace(one, flags=("snr_db",)) for one in said[:3]]
    common = {"state": "done", "reason": None, "language": "en", "channel": "Anna's talks"}
    files = [
        {"file": "anna smith/one.wav", "seconds": 720.0, "speech_seconds": 600.0, **common},
        {"file": "anna smith/two.wav", "seconds": 1080.0, "speech_seconds": 900.0, **common},
        {"file": "bad/ben.mp3", "seconds": 0.0, "speech_seconds": 0.0, "state": "quarantined", "language": None,
         "reason": "bad/ben.mp3: holds no sound. Mend: give a recording"},
    ]  # fmt: skip
    rows = {
        "files": files,
        "segments": [one.as_row() for one in said],
        "dropped": [guarded.as_row()],
        "selected": [one.as_row() for one in said[3:]],
        "dropped_by_quality": [one.as_row() | {"reasons": ["snr_db below 10"]} for one in unsaid],
    }
    for name, lines in rows.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in lines))
    (tmp_path / "summary.json").write_text(json.dumps({"settings": {"model": "embedded:tiny.en"}}))
    return tmp_path
