import pytest

from datasets_scripts.goemotions import rows
from pixel.data.errors import ConversationError
from pixel.models.labels import EMOTIONS


@pytest.fixture
def root(raw_text):
    raw_text("goemotions/labels.txt", "\n".join(EMOTIONS))
    raw_text("goemotions/dev.tsv", "so-so\t27\tc3\n")
    return raw_text("goemotions/train.tsv", 'He said "wow\t0,26\tc1\nthank you [NAME]\t15\tc2\n')


def test_label_ids_become_the_full_vector(root, named):
    first, second, third = rows(root)
    label = named("emotion", first["emotion"][0])
    assert len(label) == 28 and {name for name, value in label.items() if value} == {"admiration", "surprise"}
    assert {name for name, value in named("emotion", second["emotion"][0]).items() if value} == {"gratitude"}
    assert [row["split"] for row in (first, second, third)] == ["train", "train", "validation"]
    assert first["messages"] == [{"role": "user", "content": 'He said "wow'}]
    assert first["learn"] == [False] and first["group"] == first["id"] == "c1"


def test_a_test_file_is_read_where_there_is_one(root, raw_text):
    raw_text("goemotions/test.tsv", "late\t27\tc9\n")
    assert [row["id"] for row in rows(root) if row["split"] == "test"] == ["c9"]


@pytest.mark.parametrize("line", ["text only\n", "odd label\t28\tc4\n", "odd label\tjoy\tc4\n", " \t3\tc4\n"])
def test_a_damaged_line_is_named_and_can_be_skipped(root, raw_text, line):
    raw_text("goemotions/train.tsv", f"fine\t17\tc1\n{line}")
    with pytest.raises(ConversationError, match="train.tsv, row 1, field"):
        list(rows(root))
    skipped = []
    assert [row["id"] for row in rows(root, skipped)] == ["c1", "c3"] and skipped[0].row == 1
