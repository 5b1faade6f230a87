from pixel.voice.personality.fingerprint.restyle import restyle

TEXT = "Um, well, I'm gonna, uh, gonna say it. Mm. Okay, so so it is. " * 30


def test_the_same_seed_gives_the_same_and_another_one_something_else():
    assert restyle(TEXT, 1) == restyle(TEXT, 1) != restyle(TEXT, 2)


def test_half_of_the_fillers_and_more_are_gone_and_most_words_stay():
    said = TEXT.lower().split()
    for seed in range(5):
        left = restyle(TEXT, seed).lower().split()
        fillers = sum(word.strip(",.") in ("um", "uh", "mm") for word in left)
        assert fillers <= 0.65 * sum(word.strip(",.") in ("um", "uh", "mm") for word in said)
        assert sum(word.strip(",.") == "say" for word in left) >= 24


def test_nothing_but_fillers_may_leave_nothing():
    assert restyle("", 0) == ""
    assert set(restyle("um uh mm " * 20, 0).split()) <= {"um", "uh", "mm", "um,", "uh,", "mm,"}
