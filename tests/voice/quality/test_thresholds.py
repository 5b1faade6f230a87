import pytest

from pixel.data.errors import ConversationError
from pixel.voice.quality.thresholds import Threshold, load_thresholds, measures_of, shortfalls
from pixel.voice.segment import Segment


def test_every_default_says_why():
    assert all(len(threshold.reason) > 20 for threshold in load_thresholds().values())


def test_a_file_changes_what_it_names_and_lifts_what_is_null(tmp_path):
    file = tmp_path / "my.yaml"
    file.write_text("snr_db: {least: 20}\nbandwidth_hz: null\n")
    changed, default = load_thresholds(file), load_thresholds()
    assert changed["snr_db"].least == 20 and "bandwidth_hz" not in changed
    assert changed["words"] == default["words"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("snr: {least: 3}", ("snr", "is no measure", "snr_db")),
        ("snr_db: {at_least: 3}", ("snr_db.at_least",)),
        ("snr_db: {least: quiet}", ("snr_db.least", "number")),
        ("snr_db: {reason: none}", ("snr_db", "neither")),
        ("seconds: {least: 3, most: 1}", ("seconds", "above")),
        ("- snr_db", ("is no mapping",)),
        ("snr_db: {least: 1}\nsnr_db: {least: 2}", ("stands twice",)),
        ("snr_db: {least: .nan}", ("snr_db.least",)),
    ],
)
def test_a_bad_file_is_named_with_field_and_mend(tmp_path, content, words):
    file = tmp_path / "bad.yaml"
    file.write_text(content)
    with pytest.raises(ConversationError) as error:
        load_thresholds(file)
    assert all(word in str(error.value) for word in (*words, str(file), "Mend:"))
    assert "\n" not in str(error.value)


def test_bounds_themselves_pass_and_missing_measures_pass():
    thresholds = {"snr_db": Threshold(least=10), "seconds": Threshold(least=1, most=30)}
    assert shortfalls({"snr_db": 10.0, "seconds": 30.0}, thresholds) == []
    assert shortfalls({"snr_db": None}, thresholds) == []


def test_a_shortfall_reads_as_a_sentence():
    found = shortfalls(
        {"snr_db": 3.2, "seconds": 31.0}, {"snr_db": Threshold(least=10), "seconds": Threshold(most=30)}
    )
    assert [one.reason for one in found] == ["snr_db below 10", "seconds above 30"]


def test_measured_sound_stands_beside_the_transcript():
    measures = measures_of(Segment("a.mp3", 2.0, 4.5, "We laughed a lot.", quality={"snr_db": 17.0}))
    assert (measures["seconds"], measures["words"], measures["snr_db"]) == (2.5, 4, 17.0)
