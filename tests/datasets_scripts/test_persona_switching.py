from datasets_scripts import load_corpus
from datasets_scripts.persona_switching import CORPUS, rows
from pixel.persona import load_dialogues


def test_the_test_part_stays_the_test_split_and_every_dialogue_comes_once():
    made = list(rows())
    splits = {row["id"]: row["split"] for row in made}
    assert len(splits) == len(made) == len(load_dialogues())
    assert {name for name, split in splits.items() if split == "test"} == {one.id for one in load_dialogues("test")}
    assert {split for split in splits.values()} == {"train", "validation", "test"}


def test_it_is_built_without_raw_files_and_keeps_its_labels(tmp_path):
    built = load_corpus("persona_switching", tmp_path, cache_dir=tmp_path / "cache")
    row = next(row for part in built.values() for row in part if row["id"] == "work_to_distress-01")
    assert row["persona_switch"][4] == [1.0] and row["persona_mode"][1] is None and row["licence"] == "CC0-1.0"
    assert CORPUS.sources(tmp_path) and not any(part.endswith(".csv") for part in CORPUS.files)
