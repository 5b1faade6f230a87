import pytest
from pydantic import ValidationError

from pixel.voice.sources.settings import DownloadSettings


def test_waits_double_up_to_the_most():
    settings = DownloadSettings(backoff=2, backoff_most=10)
    assert [settings.wait(tries) for tries in (1, 2, 3, 4, 400)] == [2, 4, 8, 10, 10]


@pytest.mark.parametrize("wrong", [{"sleep": -1}, {"most": 0}, {"rate_limit": 0}, {"speed": 1}, {"sleep": 7}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValidationError):
        DownloadSettings(**wrong)
