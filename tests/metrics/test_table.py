"""A table keeps its columns whatever stands in a cell."""

from pixel.metrics.table import markdown


def test_floats_are_rounded_and_what_is_missing_is_a_dash():
    lines = markdown(["name", "value"], [["a", 0.12345], ["b", None], ["c", 3]], digits=2).splitlines()
    assert lines == ["| name | value |", "| --- | --- |", "| a | 0.12 |", "| b | - |", "| c | 3 |"]


def test_a_bar_or_a_new_line_in_a_cell_breaks_no_row():
    *_, line = markdown(["name", "value"], [["a|b\nc", 1]]).splitlines()
    assert line == r"| a\|b c | 1 |"
