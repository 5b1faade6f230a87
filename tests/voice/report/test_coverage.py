import pytest

from pixel.voice.personality.consistency.samples import voices_of
from pixel.voice.report.coverage import coverage, quarantined, reasons, totals
from pixel.voice.report.names import Names
from pixel.voice.report.reading import read_folder


@pytest.fixture
def heard(folder):
    return read_folder(folder)


@pytest.fixture
def names(heard):
    return Names([row["file"] for row in heard.files])


def test_hours_and_counts_add_up(heard):
    found = totals(heard)
    assert found["recorded_hours"] == pytest.approx((720 + 1080) / 3600)
    assert found["segment_hours"] == pytest.approx(135 * 9 / 3600)
    assert found["selected_hours"] == pytest.approx(132 * 9 / 3600)
    assert (found["words"], found["quarantined"], found["guards_words"]) == (2700, 1, 4)


def test_a_file_of_unknown_length_is_listed_with_its_reason(heard, names):
    heard.files.append({"file": "z.wav", "seconds": None, "state": "quarantined", "reason": "is empty"})
    assert quarantined(heard, names)[-1] == {"name": "file ?", "reason": "is empty", "hours": 0.0}


def test_a_copy_is_not_recorded_twice(heard):
    heard.files.append({"file": "z.wav", "seconds": 720.0, "speech_seconds": 600.0, "same_as": "anna smith/one.wav"})
    assert totals(heard)["recorded_hours"] == pytest.approx((720 + 1080) / 3600)
    assert totals(heard)["copies"] == 1


def test_rows_of_every_kind_hold_all_hours(heard, names):
    found = coverage(heard, voices_of(heard.segments, heard.files), names)
    assert list(found) == ["source", "language", "voice"]
    for rows in found.values():
        assert sum(row["hours"] for row in rows) == pytest.approx(135 * 9 / 3600)
        assert sum(row["selected_hours"] for row in rows) == pytest.approx(132 * 9 / 3600)
    assert [row["name"] for row in found["source"]] == ["source 1"]
    assert found["source"][0]["files"] == 2


def test_a_segment_with_two_reasons_counts_under_both(heard):
    rows = reasons([(one, one.flags) for one in heard.dropped])
    assert [(row["name"], row["segments"], row["words"]) for row in rows] == [("repetition", 1, 4), ("silence", 1, 4)]
    assert rows[0]["hours"] == pytest.approx(0.01)


def test_quarantined_files_are_named_by_number_in_their_reason_too(heard, names):
    (row,) = quarantined(heard, names)
    assert row["name"] == "file 3"
    assert row["reason"] == "file 3: holds no sound. Mend: give a recording"


def test_names_are_shown_where_asked(heard):
    shown = Names([row["file"] for row in heard.files], shown=True)
    assert quarantined(heard, shown)[0]["name"] == "bad/ben.mp3"
    assert shown.segment("bad/ben.mp3#000000010") == "bad/ben.mp3#000000010"


def test_numbers_stay_the_same_within_a_page():
    names = Names(["a.wav"])
    assert [names.of("voice", name) for name in ("x", "y", "x")] == ["voice 1", "voice 2", "voice 1"]
    assert names.segment("a.wav#000001200") == "file 1#000001200"
