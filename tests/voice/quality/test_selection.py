from pixel.voice.quality.dropped_table import dropped_rows
from pixel.voice.quality.selection import select
from pixel.voice.quality.thresholds import Threshold
from pixel.voice.segment import Segment

THRESHOLDS = {"snr_db": Threshold(least=10), "words": Threshold(least=3)}


def segment(start, text="We laughed a lot.", snr=20.0, seconds=60.0):
    return Segment("a.mp3", start, start + seconds, text, quality={"snr_db": snr})


def chosen():
    return select([segment(0), segment(60, snr=4.0), segment(120, "Yes.", snr=4.0), segment(180, "Yes.")], THRESHOLDS)


def test_what_passes_is_kept_and_what_fails_says_every_reason():
    selection = chosen()
    assert [one.start for one in selection.kept] == [0]
    assert [one.reasons for one in selection.dropped] == [
        ("snr_db below 10",),
        ("snr_db below 10", "words below 3"),
        ("words below 3",),
    ]


def test_nothing_is_lost_and_all_measures_are_written_down():
    selection = chosen()
    assert len(selection.kept) + len(selection.dropped) == 4
    assert {"snr_db", "words", "words_per_minute"} <= set(selection.kept[0].quality)
    assert selection.dropped[0].as_row()["reasons"] == ["snr_db below 10"]


def test_the_table_counts_minutes_and_what_one_threshold_alone_costs():
    rows = {row[0]: row[1:] for row in dropped_rows(chosen())}
    assert rows["snr_db below 10"] == (2, 2.0, 0.5, 1)
    assert rows["words below 3"] == (2, 2.0, 0.5, 1)
    assert rows["kept"] == (1, 1.0, 0.25, None)
    assert rows["all"] == (4, 4.0, 1.0, None)


def test_a_further_cut_moves_segments_with_its_reason():
    selection = chosen()
    cut = selection.without({selection.kept[0].id: "over the budget"})
    assert cut.kept == [] and cut.dropped[-1].reasons == ("over the budget",) and len(cut.dropped) == 4


def test_nothing_at_all_is_a_table_too():
    assert "| kept | 0 |" in select([], THRESHOLDS).table()
