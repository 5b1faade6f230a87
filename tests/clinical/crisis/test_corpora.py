import pytest

from pixel.clinical.crisis.corpora import cumulative, examples, posts
from pixel.data.errors import ConversationError


def test_our_own_sentences_cover_every_rung():
    rows = examples()
    assert {row.rung for row in rows} == set(range(7)) and all(row.text.strip() for row in rows)


def test_a_rung_is_all_the_rungs_up_to_it():
    assert cumulative(4).tolist() == [1, 1, 1, 1, 0, 0]


def test_posts_are_softened_by_what_models_said(tmp_path):
    folder = tmp_path / "cssrs_sw1170"
    folder.mkdir()
    (folder / "posts.csv").write_text(
        "id,text,cssrs_severity,gpt,claude,gemini,llama,mistral\na,some words,2,2,2,,4,4\nb,other words,0,,,,,\n"
    )
    first, second = posts(tmp_path)
    assert first.target.tolist() == [1, 1, 0.25, 0.25, 0, 0] and second.target.tolist() == [0] * 6


def test_a_missing_corpus_is_told_with_its_mend(tmp_path):
    with pytest.raises(ConversationError, match="no such corpus.*--data_root"):
        posts(tmp_path)
