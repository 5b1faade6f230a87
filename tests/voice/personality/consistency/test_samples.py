from pixel.voice.personality.consistency.samples import samples_of, voices_of
from tests.voice.personality.consistency.speakers import segments, talk


def test_samples_hold_every_word_of_long_recordings_once_and_never_reach_over_two():
    own = segments("a.wav", talk(1, 700)) + segments("b.wav", talk(1, 350, 1))
    found = samples_of("anna", own)
    assert [one.words for one in found] == [300, 400, 350]
    assert [one.file for one in found] == ["a.wav", "a.wav", "b.wav"]
    assert " ".join(one.text for one in found) == " ".join(one.text for one in own)
    assert [id for one in found for id in one.segments] == [one.id for one in own]


def test_a_sample_knows_where_it_is():
    own = segments("a.wav", talk(1, 600), start=5.0)
    second = samples_of("anna", own)[1]
    assert (second.id, second.start, second.end) == (own[15].id, own[15].start, own[29].end)


def test_a_recording_with_too_few_words_gives_no_sample():
    assert samples_of("anna", segments("a.wav", talk(1, 280))) == []


def test_the_main_speaker_of_a_channel_is_one_voice_and_guests_are_of_one_recording():
    said = (
        segments("1.wav", talk(1, 400), "S1") + segments("1.wav", talk(2, 100), "S2", 900)
        + segments("2.wav", talk(1, 400), "S2") + segments("2.wav", talk(3, 100), "S1", 900)
    )  # fmt: skip
    files = [{"file": "1.wav", "channel": "talks"}, {"file": "2.wav", "channel": "talks"}]
    found = voices_of(said, files)
    assert {name: len(own) for name, own in found.items()} == {"talks": 40, "1.wav:S2": 5, "2.wav:S1": 5}
    assert [one.file for one in found["talks"]] == ["1.wav"] * 20 + ["2.wav"] * 20


def test_without_a_channel_every_recording_is_a_voice_of_its_own():
    found = voices_of(segments("1.wav", talk(1, 40)) + segments("2.wav", talk(1, 40)))
    assert sorted(found) == ["1.wav", "2.wav"]


def test_a_persona_comes_before_the_channel():
    found = voices_of(segments("1.wav", talk(1, 40)), [{"file": "1.wav", "channel": "talks", "persona": "p7"}])
    assert list(found) == ["p7"]
