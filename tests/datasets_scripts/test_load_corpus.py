import os
import subprocess
import sys
from pathlib import Path

import pytest

from datasets_scripts import CORPORA, builder_of, load_corpus
from pixel.data.errors import ConversationError
from pixel.data.schema import features, validate

POSTS = [(f"p{number}", f"post {number} by sam{number}@example.org", number % 7) for number in range(40)]


@pytest.fixture
def root(raw):
    return raw("cssrs_sw1170/posts.csv", "id text cssrs_severity", POSTS)


def built(cache):
    return sorted(path.name for path in (cache / "corpora").iterdir())


def test_a_corpus_is_built_once_and_then_read_from_disk(root, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    first = load_corpus("cssrs", root, cache_dir=cache)
    monkeypatch.setattr("pixel.data.builder.write_corpus", lambda *_, **__: pytest.fail("built again"))
    second = load_corpus("cssrs", root, cache_dir=cache)
    assert {name: part.to_list() for name, part in first.items()} == {
        name: part.to_list() for name, part in second.items()
    }
    assert first["train"].features == features() and sum(part.num_rows for part in first.values()) == len(POSTS)
    assert first["train"][0]["messages"][0]["content"].endswith("by [EMAIL]")


def test_changed_raw_files_and_options_are_built_anew(root, raw, tmp_path):
    cache = tmp_path / "cache"
    load_corpus("cssrs", root, cache_dir=cache)
    plain = load_corpus("cssrs", root, deidentify=False, cache_dir=cache)
    assert "@example.org" in plain["train"][0]["messages"][0]["content"]
    raw("cssrs_sw1170/posts.csv", "id text cssrs_severity", POSTS[:-1])
    fewer = load_corpus("cssrs", root, cache_dir=cache)
    assert sum(part.num_rows for part in fewer.values()) == len(POSTS) - 1
    assert len(built(cache)) == 3


def test_one_split_can_be_asked_for(root, tmp_path, monkeypatch):
    monkeypatch.setenv("PIXEL_DATA_ROOT", str(root))
    monkeypatch.setenv("PIXEL_CACHE", str(tmp_path / "cache"))
    assert load_corpus("cssrs", split="validation").num_rows == load_corpus("cssrs")["validation"].num_rows
    with pytest.raises(ConversationError, match="cssrs has no split 'test'. Mend: use one of: train, validation"):
        load_corpus("cssrs", split="test")


def test_an_unknown_corpus_is_named(root):
    with pytest.raises(ConversationError, match="no corpus is called 'poems'"):
        load_corpus("poems", root)


@pytest.mark.parametrize("name", CORPORA)
def test_every_builder_says_what_it_builds(name):
    builder = builder_of(name)
    corpus = builder.CORPUS
    assert corpus.name == name and corpus.files and corpus.title and corpus.citation
    assert corpus.licence and (corpus.shipped or corpus.homepage.startswith("https://"))
    assert corpus.mapping == builder.__doc__ and "`group`" in corpus.mapping


HELP = """
import runpy, sys
sys.argv = ["epitome", "--help"]
try:
    runpy.run_module("datasets_scripts.epitome", run_name="__main__")
except SystemExit:
    print([name for name in ("torch", "datasets", "pyarrow") if name in sys.modules])
"""


def test_help_answers_without_heavy_imports():
    done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]" and "--skip_bad_rows" in done.stdout


@pytest.mark.skipif(not os.environ.get("PIXEL_DATA_ROOT"), reason="PIXEL_DATA_ROOT is not set")
@pytest.mark.parametrize("name", CORPORA)
def test_the_real_corpus_comes_out_whole(name):
    builder, root = builder_of(name), Path(os.environ["PIXEL_DATA_ROOT"])
    if not builder.CORPUS.path(root).is_dir():
        pytest.skip(f"{name} is not there")
    rows = list(builder.rows(root))
    assert len({row["id"] for row in rows}) == len(rows) > 50
    for row in rows[::97]:
        validate({key: value for key, value in row.items() if key not in ("split", "names")})
    assert {"goemotions": 48836, "meld": 1152, "emorynlp": 748, "annomi": 109}.get(name, len(rows)) == len(rows)


def test_what_ships_with_pixel_needs_no_data_root_and_its_card_names_its_licence(monkeypatch, tmp_path):
    monkeypatch.delenv("PIXEL_DATA_ROOT", raising=False)
    splits = load_corpus("persona_switching", cache_dir=tmp_path)
    assert set(splits) == {"train", "validation", "test"} and splits["test"].num_rows == 114
    (card,) = tmp_path.glob("corpora/persona_switching-*/README.md")
    text = card.read_text(encoding="utf-8")
    assert "license: cc0-1.0" in text and "]()" not in text
