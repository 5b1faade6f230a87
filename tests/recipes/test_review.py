"""The command line of the review: what it prints, what it refuses in one line, what it never takes."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from pixel.review import FileReviewStore, ReviewDatabase
from pixel.review.mailbox import mailbox_folder
from tests.review.parts import GOOD, SECRET, rows

RECIPE = Path(__file__).parents[2] / "recipes" / "review.py"


@pytest.fixture
def run(recipe, monkeypatch, capsys, tmp_path):
    """Runs the recipe on `tmp_path/review.db`, as a process would."""
    monkeypatch.setattr("pixel.review.passwords.COST", 2)
    monkeypatch.setenv("PIXEL_REVIEW_DB", str(tmp_path / "review.db"))
    module = recipe("review")

    def call(*words, password=SECRET):
        monkeypatch.delenv("PIXEL_REVIEW_PASSWORD", raising=False)
        if password:
            monkeypatch.setenv("PIXEL_REVIEW_PASSWORD", password)
        capsys.readouterr()
        status, error = 0, ""
        try:
            module.main(module.options([str(word) for word in words]))
        except SystemExit as ended:
            status, error = (1, f"{ended.code}\n") if isinstance(ended.code, str) else (ended.code, "")
        said = capsys.readouterr()
        return SimpleNamespace(returncode=status, stdout=said.out, stderr=said.err + error)

    return call


def one_line(done):
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("error: ") and "Mend: " in done.stderr
    return done.stderr


def test_help_needs_nothing_heavy():
    script = f"""import runpy, sys
sys.argv = ["review.py", "--help"]
try:
    runpy.run_path({str(RECIPE)!r}, run_name="__main__")
except SystemExit:
    print(sorted({{"torch", "datasets", "numpy", "huggingface_hub"}} & set(sys.modules)))"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60).stdout
    assert "demo-gate" in said and said.endswith("[]\n")


def test_a_review_from_the_first_account_to_the_export(run, tmp_path):
    made = run("account", "add", "ann", "--role", "admin", "--credentials", "psychologist")
    assert made.returncode == 0 and "ann is a new admin" in made.stdout, made.stderr
    (tmp_path / "talk.jsonl").write_text("\n".join(map(json.dumps, rows(2))))
    assert "2 conversations are up for review" in run("load", "--input", tmp_path / "talk.jsonl").stdout
    again = run("load", "--input", tmp_path / "talk.jsonl").stdout
    assert "0 conversations are up" in again and "2 were there" in again
    with ReviewDatabase(tmp_path / "review.db") as database:
        given = database.next_item("ann")
        database.submit("ann", given.item_id, given.token, GOOD, edits={1: "Better."})
        status = run("status")  # while somebody writes
        refused = run("account", "add", "ben")
    for words in ("1 of 6 ratings", "chain whole", "ann (admin): 1 rated"):
        assert words in status.stdout
    assert "open for writing" in one_line(refused)
    assert "empathy: undefined (no item has two ratings)" in run("agreement").stdout
    assert run("export", "--output", tmp_path / "out").returncode == 0
    assert "Better." in (tmp_path / "out" / "preferences.jsonl").read_text()
    listed = run("account", "list").stdout
    assert listed.split() == ["R01", "ann", "admin", "psychologist", "-"]
    (tmp_path / "review.db").unlink()
    assert "2 items, 1 ratings" in run("restore").stdout


def test_a_waiting_run_is_answered_by_an_adjudicator_with_a_password(run, tmp_path):
    run("account", "add", "judge", "--role", "adjudicator")
    run("account", "add", "ann")
    box = FileReviewStore(mailbox_folder(tmp_path / "review.db"))
    box.request({"id": "run-step-5", "step": 5, "reason": "asked"})
    assert "do not go together" in one_line(
        run("verdict", "run-step-5", "approve", "--by", "judge", password="x" * 12)
    )
    assert "for adjudicators" in one_line(run("verdict", "run-step-5", "approve", "--by", "ann"))
    assert box.verdict("run-step-5") is None
    assert "waits: run-step-5, step 5, asked" in run("status").stdout
    done = run("verdict", "run-step-5", "rollback", "--by", "judge", "--comment", "too cold")
    assert done.returncode == 0 and box.verdict("run-step-5")["verdict"] == "rollback"


def test_bad_rows_are_named_or_skipped_and_never_lose_good_ones(run, tmp_path):
    run("account", "add", "ann")
    file = tmp_path / "talk.jsonl"
    file.write_text(json.dumps(rows(1)[0]) + "\n{secret words\n" + json.dumps(rows(2)[1]))
    said = one_line(run("load", "--input", file))
    assert "talk.jsonl" in said and "row 2" in said and "secret" not in said
    done = run("load", "--input", file, "--skip_bad_rows")
    assert "2 conversations are up for review" in done.stdout and "1 bad rows skipped" in done.stdout
    assert "row 2" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["status"],
        ["account", "list"],
        ["account", "deactivate", "nobody"],
        ["account", "add", "a b"],
        ["load", "--input", "none.jsonl"],
        ["restore"],
        ["restore", "--journal", "none.jsonl"],
    ],
)
def test_a_mistake_is_one_line(run, words):
    one_line(run(*words))


def test_a_password_is_never_taken_from_the_command_line_and_none_is_refused(run):
    assert run("account", "add", "ann", "--password", SECRET).returncode == 2
    assert "PIXEL_REVIEW_PASSWORD" in one_line(run("account", "add", "ann", password=None))
    assert "10 to 256" in one_line(run("account", "add", "ann", password="short"))


def test_every_command_that_is_written_down_is_one_that_the_recipe_has(recipe):
    root, module, written = RECIPE.parents[1], recipe("review"), []
    for file in (RECIPE, root / "README.md", *(root / "spaces").rglob("*.md"), *(root / "spaces").rglob("*.py")):
        written += re.findall(
            r"recipes/review\.py ([a-z](?:\"[^\"\n]*\"|[^\"`\n])*)", file.read_text(encoding="utf-8")
        )
    assert len(written) >= 12
    for words in written:
        assert module.options(shlex.split(words, comments=True)).command in module.DO, words
