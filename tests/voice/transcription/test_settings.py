import json

import pytest

from pixel.voice.transcription.settings import Settings


def test_settings_are_plain_json():
    assert json.loads(json.dumps(Settings().as_dict()))["model"] == "embedded:tiny.en"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"beam_size": 0}, "beam_size"),
        ({"batch_size": 0}, "batch_size"),
        ({"cpu_threads": -1}, "cpu_threads"),
        ({"word_timestamps": False}, "guards look at words"),
        ({"language": "english"}, "language"),
        ({"temperatures": ()}, "temperatures"),
    ],
)
def test_what_cannot_be_is_refused_with_its_mend(change, words):
    with pytest.raises(ValueError, match=f"{words}.*Mend"):
        Settings(**change)
