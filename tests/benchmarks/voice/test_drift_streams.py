import numpy as np

from pixel.benchmarks.voice.ami_pairs import pairs_of, unseen
from pixel.benchmarks.voice.ami_streams import drifting, planted, sentences, unchanged
from pixel.benchmarks.voice.naturalness import paired, shuffled
from pixel.voice.personality.fingerprint.ami import Speaker
from tests.voice.personality.consistency.speakers import talk, vector


def speaker(group, meeting, channel, number, words=1200):
    said = [f"{text}." for text in talk(number, words)]
    return Speaker(group, meeting, channel, " ".join(f"{channel}{meeting}said {one}" for one in said))


MET = [
    speaker(f"G{group}", f"G{group}{part}", channel, 10 * group + number)
    for group in (1, 2, 3)
    for part in "ab"
    for number, channel in enumerate("XY")
]


def test_a_planted_stream_goes_over_to_another_of_the_meeting_at_its_place_and_later_in_time():
    for stream in planted(MET):
        marks = [text.split()[0] for text in stream.texts]
        assert len(set(marks[: stream.place])) == len(set(marks[stream.place :])) == 1
        assert marks[0] != marks[-1] and marks[0][1:] == marks[-1][1:]
        assert stream.word == sum(len(text.split()) for text in stream.texts[: stream.place]) >= 300
    elsewhere = planted(MET, elsewhere=True)
    assert elsewhere and all(one.texts[0].split()[0][1:3] != one.texts[-1].split()[0][1:3] for one in elsewhere)


def test_the_second_speaker_goes_on_where_the_first_one_stopped():
    stream = planted(MET)[0]
    whole = sentences(MET[1].text)
    assert stream.texts[stream.place :] == whole[len(whole) - len(stream.texts) + stream.place :]
    assert abs(stream.place + (len(stream.texts) - stream.place) - len(whole)) <= 1  # both said as many sentences


def test_a_slow_drift_begins_with_one_and_ends_with_the_other():
    for stream in drifting(MET):
        second = [text[0] != stream.texts[0][0] for text in stream.texts]
        third = len(second) // 3
        assert np.mean(second[:third]) < np.mean(second[third : 2 * third]) < np.mean(second[-third:])


def test_short_talk_is_no_stream():
    assert unchanged([speaker("G1", "G1a", "X", 1, words=700)]) == []
    assert len(unchanged(MET)) == len(MET)


def test_nobody_is_read_by_a_fingerprint_that_knew_the_group():
    fitted_on = []

    def fit(some):
        fitted_on.append({one.group for one in some})
        return vector

    known = unseen(MET, fit, folds=3)
    assert len(known) == len(MET)
    for fold, groups in enumerate(fitted_on):
        assert not groups & {one.group for one in known if one.fold == fold}


def test_pairs_are_within_a_meeting_and_never_hold_a_sample_twice():
    known = unseen(MET, lambda some: vector, folds=3)
    found = pairs_of(known, sizes=(1, 2))
    assert found.same.sum() == len(MET) * 4 and (~found.same).sum() == len(MET) * 4
    assert found.cosine[found.same].max() < 0.9999
    assert found.cosine[found.same].mean() > found.cosine[~found.same].mean()
    assert set(zip(found.words.tolist(), found.others.tolist(), strict=True)) == {
        (300, 300), (300, 600), (600, 300), (600, 600)
    }  # fmt: skip


def dialogue(name, turns=6):
    return [{"role": ("user", "assistant")[n % 2], "content": f"{name}{n}"} for n in range(turns)]


def test_shuffled_dialogues_hold_the_same_turns_and_the_same_roles_elsewhere():
    made = shuffled(dialogue("a", 8), np.random.default_rng(0))
    assert [one["role"] for one in made] == [one["role"] for one in dialogue("a", 8)]
    assert sorted(one["content"] for one in made) == sorted(one["content"] for one in dialogue("a", 8))
    assert all(a["content"] != b["content"] for a, b in zip(made, dialogue("a", 8), strict=True))


def test_paired_dialogues_are_answered_by_another_group():
    given = [("g1", dialogue("a")), ("g1", dialogue("b")), ("g2", dialogue("c"))]
    made = paired(given, np.random.default_rng(0))
    assert [one["content"] for one in made[0]] == ["a0", "c1", "a2", "c3", "a4", "c5"]
    assert {one["content"][0] for one in made[2]} <= {"a", "b", "c"} and made[2][1]["content"][0] != "c"


def test_who_has_no_partner_has_no_planted_stream():
    alone = [one for one in MET if one.group == MET[0].group][:1]
    assert planted(alone) == [] and planted(alone, elsewhere=True) == []
