"""Corpora whose row is one text: EmoBank, C-SSRS posts, Dreaddit."""

import pytest

from datasets_scripts import cssrs, dreaddit, emobank
from pixel.data.errors import ConversationError

EMOBANK, CSSRS, DREADDIT = "id split V A D text", "id text cssrs_severity gpt", "post_id sentence_range text id label"


def test_emobank_scales_one_to_five_into_zero_to_one_and_keeps_its_splits(raw):
    root = raw("emobank/emobank.csv", EMOBANK, [("a", "train", 1, 3, 5, "A grey day"), ("b", "dev", 2.2, 3, 3, "Hm")])
    first, second = emobank.rows(root)
    assert first["vad"] == [[0.0, 0.5, 1.0]] and second["vad"][0][0] == pytest.approx(0.3)
    assert (first["split"], second["split"]) == ("train", "validation") and first["learn"] == [False]


def test_cssrs_takes_the_human_severity(raw):
    root = raw("cssrs_sw1170/posts.csv", CSSRS, [("p1", "I am tired of all this", 2, 6), ("p2", "Just sad", 0, 1)])
    assert [(row["group"], row["risk"], row["distress"], row["learn"]) for row in cssrs.rows(root)] == [
        ("p1", [2], None, [False]), ("p2", [0], None, [False]),
    ]  # fmt: skip


def test_dreaddit_groups_segments_by_post(raw):
    root = raw("dreaddit/train.csv", DREADDIT, [("x", "(0, 5)", "So much", 1, 1), ("x", "(5, 9)", "All fine", 2, 0)])
    first, second = dreaddit.rows(root)
    assert (first["distress"], second["distress"]) == ([[1.0]], [[0.0]])
    assert first["group"] == second["group"] == "x" and first["id"] != second["id"]


def test_bytes_that_are_not_utf8_are_read_as_windows_1252(raw_text):
    head = DREADDIT.replace(" ", ",").encode()
    root = raw_text("dreaddit/train.csv", head + b'\nx,"(0, 5)",I can\x92t \xc2\xa35,1,1\n')
    (row,) = dreaddit.rows(root)
    assert row["messages"][0]["content"] == "I can’t £5"


@pytest.mark.parametrize(("builder", "file", "columns", "cells", "field"), [
    (emobank, "emobank/emobank.csv", EMOBANK, ("a", "train", 0.9, 3, 3, "x"), "V"),
    (emobank, "emobank/emobank.csv", EMOBANK, ("a", "sometime", 3, 3, 3, "x"), "split"),
    (emobank, "emobank/emobank.csv", EMOBANK, ("a", "train", 3, 3, "nan", "x"), "D"),
    (cssrs, "cssrs_sw1170/posts.csv", CSSRS, ("p", "x", 7, 1), "cssrs_severity"),
    (cssrs, "cssrs_sw1170/posts.csv", CSSRS, ("p", "x", 1.5, 1), "cssrs_severity"),
    (cssrs, "cssrs_sw1170/posts.csv", CSSRS, ("p", "", 1, 1), "text"),
    (dreaddit, "dreaddit/train.csv", DREADDIT, ("x", "(0, 5)", "y", 1, "yes"), "label"),
    (dreaddit, "dreaddit/train.csv", DREADDIT, ("x", "(0, 5)", "y"), "post_id"),
])  # fmt: skip
def test_a_damaged_cell_is_named_by_file_row_and_field(raw, builder, file, columns, cells, field):
    root = raw(file, columns, [cells])
    with pytest.raises(ConversationError, match=rf"{file}, row 0, field '{field}': .* Mend: "):
        list(builder.rows(root))


def test_a_missing_column_is_named(raw):
    root = raw("cssrs_sw1170/posts.csv", "id text", [("p", "x")])
    with pytest.raises(ConversationError, match="posts.csv, field 'cssrs_severity': column is missing"):
        list(cssrs.rows(root))


def test_a_file_cut_off_within_a_quoted_cell_is_named(raw_text):
    root = raw_text("cssrs_sw1170/posts.csv", 'id,text,cssrs_severity\np1,fine,0\np2,"cut of')
    with pytest.raises(ConversationError, match="posts.csv, row 1: not a whole table"):
        list(cssrs.rows(root))
