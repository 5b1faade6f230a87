import pytest

from pixel.voice.sources.failures import FAILURES, failed_before, note_failures


def test_failures_are_noted_by_slot_in_the_order_they_were_tried(tmp_path):
    note_failures(tmp_path, "one", ["b", "a"])
    note_failures(tmp_path, "two", ["c"])
    assert (failed_before(tmp_path, "one"), failed_before(tmp_path, "two")) == (["b", "a"], ["c"])
    note_failures(tmp_path, "one", [])
    assert (failed_before(tmp_path, "one"), failed_before(tmp_path, "two")) == ([], ["c"])


def test_nothing_is_written_where_nothing_failed(tmp_path):
    note_failures(tmp_path, "one", [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[1]", '{"one": "a"}', '{"one": [{}]}', "{half"])
def test_a_note_that_cannot_be_read_is_no_failure(tmp_path, text):
    (tmp_path / FAILURES).write_text(text)
    assert failed_before(tmp_path, "one") == []
