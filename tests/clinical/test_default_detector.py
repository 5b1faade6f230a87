"""Where the detector's weights or its encoder are not there the monitor is not, or makes do; it never raises."""

import pytest

from pixel.clinical import monitor
from tests.clinical.made_readings import Table


@pytest.fixture(autouse=True)
def unremembered():
    monitor.default_detector.cache_clear()
    yield
    monitor.default_detector.cache_clear()


def test_without_weights_there_is_no_monitor(monkeypatch, caplog):
    def missing(**options):
        raise FileNotFoundError("no weights there")

    monkeypatch.setattr("pixel.clinical.crisis.CrisisDetector", missing)
    assert monitor.default_monitor("GB") is None and "no weights there" in caplog.text


def test_without_the_encoder_the_other_voices_speak(monkeypatch):
    made = []

    class Screen(Table):
        def __init__(self, encoder):
            super().__init__()
            self.encoder = encoder
            made.append(encoder)

        def read(self, texts):
            if self.encoder:
                raise FileNotFoundError("the encoder is not installed")
            return super().read(texts)

    monkeypatch.setattr("pixel.clinical.crisis.CrisisDetector", Screen)
    assert monitor.default_detector().encoder is False and made == [True, False]
