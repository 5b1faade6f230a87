"""The building of a dataset folder, on a corpus made up here."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from huggingface_hub import DatasetCard, HfApi

from pixel.data.builder import Corpus, find_root, main, push, write_corpus
from pixel.data.errors import ConversationError
from pixel.data.parquet import load_folder
from pixel.data.schema import conversation, features
from tests.hub_standin import session_hub

TOY = Corpus(
    name="toy", title="Toy", folder="toy", files=("lines.txt",), licence="CC-BY-4.0", homepage="https://example.org",
    citation="Nobody, 2026.", mapping="A line `text|level` is a post; level is the risk.", limits=("Invented.",),
)  # fmt: skip
LINES = [f"post number {number}|{number % 7}" for number in range(30)]


def toy_rows(root, skipped=None):
    for number, line in enumerate((TOY.path(root) / "lines.txt").read_text().splitlines()):
        text, level = line.split("|")
        try:
            yield conversation(
                [{"role": "user", "content": text}], id=text, source="toy", licence="CC-BY-4.0",
                group=f"person {number // 2}", learn=False, risk=[int(level)],
            )  # fmt: skip
        except ConversationError as error:
            if skipped is None:
                raise
            skipped.append(ConversationError(error.problem, file="lines.txt", row=number, field=error.field))


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "raw" / "toy"
    folder.mkdir(parents=True)
    (folder / "lines.txt").write_text("\n".join(LINES))
    return tmp_path / "raw"


def damage(root, line):
    (root / "toy" / "lines.txt").write_text("\n".join([*LINES[:5], line, *LINES[5:]]))


def test_what_is_written_reads_back_as_it_was(root, tmp_path):
    folder = write_corpus(TOY, toy_rows, root, tmp_path / "out" / "toy", validation=0.3)
    splits = load_folder(folder, tmp_path / "cache")
    assert list(splits) == ["train", "validation"]
    assert splits["train"].features == features()
    read = {row["id"]: row for part in splits.values() for row in part}
    assert read == {row["id"]: row for row in toy_rows(root)}
    assert not {row["group"] for row in splits["train"]} & {row["group"] for row in splits["validation"]}


def test_datasets_loads_the_folder_by_its_card(root, tmp_path):
    from datasets import load_dataset

    folder = write_corpus(TOY, toy_rows, root, tmp_path / "toy", validation=0.3)
    splits = load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert sum(part.num_rows for part in splits.values()) == len(LINES) and set(splits) == {"train", "validation"}


def test_the_card_carries_licence_mapping_and_true_counts(root, tmp_path):
    folder = write_corpus(TOY, toy_rows, root, tmp_path / "toy", validation=0)
    card = DatasetCard.load(folder / "README.md")
    assert card.data.license == "cc-by-4.0" and card.data.size_categories == ["n<1K"]
    assert card.data.to_dict()["configs"][0]["data_files"] == [{"split": "train", "path": "data/train-*.parquet"}]
    for part in (TOY.mapping, TOY.citation, "Invented.", "De-identified by rule", "| train | 30 | 15 | 30 | 0 | 0 |"):
        assert part in card.text
    assert "| `risk` | train | 30 | 0 5, 1 5, 2 4, 3 4, 4 4, 5 4, 6 4 |" in card.text


def test_text_is_deidentified_unless_asked_not_to(root, tmp_path):
    damage(root, "write to sam@example.org|1")
    for flag, text in ((True, "write to [EMAIL]"), (False, "write to sam@example.org")):
        folder = write_corpus(TOY, toy_rows, root, tmp_path / "toy", deidentify=flag)
        texts = {
            row["messages"][0]["content"]
            for part in load_folder(folder, tmp_path / f"{flag}").values()
            for row in part
        }
        assert text in texts
        assert ("was **not** de-identified" in (folder / "README.md").read_text()) is not flag


def test_a_damaged_row_stops_the_build_and_leaves_nothing_behind(root, tmp_path):
    damage(root, "an odd post|9")
    with pytest.raises(ConversationError, match="row an odd post, field 'risk': class 9 is outside 0..6. Mend: "):
        write_corpus(TOY, toy_rows, root, tmp_path / "out" / "toy")
    assert list((tmp_path / "out").iterdir()) == []


def test_damaged_rows_are_skipped_counted_and_listed_without_text_when_asked(root, tmp_path):
    damage(root, "a secret of mine|9")
    folder = write_corpus(TOY, toy_rows, root, tmp_path / "toy", skip_bad_rows=True)
    listed = [json.loads(line) for line in (folder / "skipped.jsonl").read_text().splitlines()]
    assert listed == [{"file": "lines.txt", "row": 5, "field": "risk", "reason": "class 9 is outside 0..6"}]
    assert "1 damaged rows were left out" in (folder / "README.md").read_text()
    assert sum(part.num_rows for part in load_folder(folder, tmp_path / "cache").values()) == len(LINES)


def test_an_id_that_comes_twice_is_named(root, tmp_path):
    damage(root, LINES[3])
    with pytest.raises(ConversationError, match="row post number 3, field 'id': appears twice"):
        write_corpus(TOY, toy_rows, root, tmp_path / "toy")


def test_a_missing_file_is_named_with_its_mend(root, tmp_path):
    (root / "toy" / "lines.txt").unlink()
    with pytest.raises(ConversationError, match=r"lines.txt: file not found. Mend: give --data_root"):
        write_corpus(TOY, toy_rows, root, tmp_path / "toy")


def test_a_new_build_replaces_the_old_one_and_a_failed_one_does_not(root, tmp_path):
    target = write_corpus(TOY, toy_rows, root, tmp_path / "out" / "toy")
    before = {path.name: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    damage(root, "an odd post|9")
    with pytest.raises(ConversationError):
        write_corpus(TOY, toy_rows, root, target)
    assert {path.name: path.read_bytes() for path in target.rglob("*") if path.is_file()} == before
    damage(root, "one more post|6")
    write_corpus(TOY, toy_rows, root, target)
    assert sum(part.num_rows for part in load_folder(target, tmp_path / "cache").values()) == len(LINES) + 1
    assert [path.name for path in target.parent.iterdir()] == ["toy"]


def test_of_two_processes_that_build_the_same_the_first_one_wins(root, tmp_path):
    def rows_while_another_finishes(root, skipped=None):
        yield from toy_rows(root)
        write_corpus(TOY, toy_rows, root, tmp_path / "out" / "toy", limit=1)

    write_corpus(TOY, rows_while_another_finishes, root, tmp_path / "out" / "toy", keep=True)
    assert load_folder(tmp_path / "out" / "toy", tmp_path / "cache")["train"].num_rows == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["toy"]


def test_a_folder_that_no_build_wrote_is_left_alone(root, tmp_path):
    target = tmp_path / "toy"
    target.mkdir()
    (target / "thesis.txt").write_text("do not lose me")
    with pytest.raises(ConversationError, match="was not built here"):
        write_corpus(TOY, toy_rows, root, target)
    assert (target / "thesis.txt").read_text() == "do not lose me"


def test_limit_holds_for_each_split(root, tmp_path):
    folder = write_corpus(TOY, toy_rows, root, tmp_path / "toy", validation=0.3, limit=3)
    assert {name: part.num_rows for name, part in load_folder(folder, tmp_path / "c").items()} == {
        "train": 3,
        "validation": 3,
    }


def test_official_splits_are_kept(root, tmp_path):
    def rows(root, skipped=None):
        for number, row in enumerate(toy_rows(root)):
            yield row | {"split": ("train", "validation", "test")[min(number // 10, 2)]}

    folder = write_corpus(TOY, rows, root, tmp_path / "toy", validation=0.9)
    splits = load_folder(folder, tmp_path / "cache")
    assert {name: part.num_rows for name, part in splits.items()} == {"train": 10, "validation": 10, "test": 10}


def test_the_data_root_comes_from_the_argument_or_the_environment(root, monkeypatch):
    monkeypatch.setenv("PIXEL_DATA_ROOT", str(root))
    assert find_root(None) == root and find_root(root.parent) == root.parent
    monkeypatch.delenv("PIXEL_DATA_ROOT")
    for wrong in (None, root / "nowhere"):
        with pytest.raises(ConversationError, match="data root"):
            find_root(wrong)


def test_the_data_root_can_be_a_dataset_repository(root):
    session_hub().reset()
    api = HfApi()
    api.create_repo("someone/raw", repo_type="dataset")
    api.upload_file(
        path_or_fileobj=root / "toy" / "lines.txt",
        path_in_repo="toy/lines.txt",
        repo_id="someone/raw",
        repo_type="dataset",
    )
    assert list(toy_rows(find_root("hub:someone/raw"))) == list(toy_rows(root))
    with pytest.raises(ConversationError, match="hub:someone/nothing: cannot be downloaded"):
        find_root("hub:someone/nothing")


def test_the_command_line_ends_by_printing_the_folder(root, tmp_path, capsys):
    main(TOY, toy_rows, ["--data_root", str(root), "--output_dir", str(tmp_path / "out")])
    assert capsys.readouterr().out.splitlines()[-1] == str(tmp_path / "out" / "toy")


def test_the_command_line_says_an_error_in_one_line(root, tmp_path, capsys):
    damage(root, "an odd post|9")
    with pytest.raises(SystemExit) as stop:
        main(TOY, toy_rows, ["--data_root", str(root), "--output_dir", str(tmp_path / "out")])
    assert stop.value.code == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("error: row an odd post, field 'risk'")


def test_a_stopped_build_removes_what_it_began(root, tmp_path):
    def endless(root, skipped=None):
        yield from toy_rows(root)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    handler = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit):
            main(TOY, endless, ["--data_root", str(root), "--output_dir", str(tmp_path / "out")])
    finally:
        signal.signal(signal.SIGTERM, handler)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_build_goes_to_the_hub_and_comes_back(root, tmp_path):
    from datasets import load_dataset

    session_hub().reset()
    folder = write_corpus(TOY, toy_rows, root, tmp_path / "toy", validation=0.3)
    push(folder, "someone/toy")
    assert session_hub().repos["dataset", "someone/toy"]["private"]
    assert session_hub().files("someone/toy", "dataset")["README.md"] == Path(folder / "README.md").read_bytes()
    again = load_dataset("someone/toy", cache_dir=str(tmp_path / "cache"))
    local = load_folder(folder, tmp_path / "local")
    assert {name: part.to_list() for name, part in again.items()} == {
        name: part.to_list() for name, part in local.items()
    }


def test_a_failed_push_keeps_the_build_and_says_how_to_go_on(root, tmp_path, capsys, monkeypatch):
    session_hub().reset()
    session_hub().fail = ("/api/repos/create", 403)
    monkeypatch.setattr(sys, "argv", ["toy.py", "--push_to_hub"])
    arguments = [
        "--data_root",
        str(root),
        "--output_dir",
        str(tmp_path / "out"),
        "--push_to_hub",
        "--hub_id",
        "someone/toy",
    ]
    with pytest.raises(SystemExit) as stop:
        main(TOY, toy_rows, arguments)
    session_hub().reset()
    assert stop.value.code == 1 and "not pushed to someone/toy" in capsys.readouterr().err
    assert (tmp_path / "out" / "toy" / "README.md").is_file()
