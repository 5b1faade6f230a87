import numpy as np
import pytest

from pixel.benchmarks.voice.speaker_scenes import RATE, Scene, conversations, planted, readers
from pixel.data.errors import ConversationError

NAMES = ("a", "b", "c")


@pytest.fixture
def source():
    """Three readers, four utterances of 12 s each; the samples of a reader are all the reader's number."""
    true, parts = [], []
    for number, name in enumerate(NAMES, 1):
        for _ in range(4):
            start = 12.0 * len(true)
            true.append((start, start + 12, name))
            parts.append(np.full(12 * RATE, number, np.float32))
    return Scene("three", np.concatenate(parts), true)


def test_a_planted_conversation_has_the_sound_of_who_is_said_to_speak_and_silence_between(source):
    scene = planted(source, NAMES, seed=1, seconds=40)
    spoken = np.zeros(len(scene.samples), bool)
    for start, end, name in scene.true:
        part = slice(round(start * RATE), round(end * RATE))
        assert (scene.samples[part] == NAMES.index(name) + 1).all() and 1 <= end - start <= 7
        spoken[part] = True
    assert not scene.samples[~spoken].any() and scene.speakers == 3
    assert all(a[2] != b[2] for a, b in zip(scene.true, scene.true[1:], strict=False))


def test_the_same_seed_plants_the_same_and_another_one_another(source):
    first, again, other = (planted(source, NAMES, seed, 30) for seed in (1, 1, 2))
    assert first.true == again.true != other.true


def test_no_sound_of_a_reader_is_used_twice():
    steps = np.arange(48 * RATE, dtype=np.float32)  # float32 holds integers up to 16.7 million
    source = Scene("one", steps, [(12.0 * i, 12.0 * (i + 1), "a") for i in range(4)])
    scene = planted(source, ["a"], seed=0, seconds=1000)
    heard = scene.samples[scene.samples > 0]
    assert len(heard) == len(np.unique(heard)) and len(heard) > 40 * RATE


def test_there_is_one_conversation_for_every_choice_of_readers(source):
    assert [scene.name for scene in conversations(source, 2)] == ["a+b", "a+c", "b+c"]


def test_turns_that_overlap_are_one_stretch_of_speech():
    scene = Scene("x", np.zeros(0), [(0, 3, "a"), (2, 5, "b"), (2.5, 2.6, "a"), (6, 7, "a")])
    assert scene.speech == [(0, 5), (6, 7)]


def test_missing_recordings_are_named(tmp_path):
    with pytest.raises(ConversationError, match="librispeech_5spk_417s.json: file not found. Mend: .*--data_root"):
        readers(tmp_path)
