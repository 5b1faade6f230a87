import json
import subprocess
import sys

import pytest

LONG = "well so i think that it is just the thing you know but " * 25
OTHER = "right okay, we have to have the price of it. maybe, yeah. actually sort of. " * 20


def _run(*arguments):
    command = [sys.executable, "recipes/fingerprint.py", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _write(file, rows):
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def _read(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_vectors_and_profiles_come_in_order_and_a_short_text_is_refused_alone(tmp_path):
    texts = _write(
        tmp_path / "texts.jsonl",
        [{"id": "b", "text": LONG}, {"id": "s", "text": "hello"}, {"id": "a", "text": OTHER}],
    )
    done = _run("--input", texts, "--output", tmp_path / "out" / "vectors.jsonl")
    assert done.returncode == 0, done.stderr
    rows = _read(tmp_path / "out" / "vectors.jsonl")
    assert [row["id"] for row in rows] == ["b", "s", "a"]
    assert set(rows[0]) == set(rows[2]) == {"id", "vector", "profile"} and set(rows[1]) == {"id", "error"}
    assert sum(x * x for x in rows[0]["vector"]) == pytest.approx(1, abs=1e-3)
    assert len(rows[0]["vector"]) == len(rows[2]["vector"]) and rows[0]["profile"]["words"] > 300
    assert "line 2, id 's': 1 words are too few" in done.stderr
    assert "2 fingerprints, 1 rows refused" in done.stderr and "hello" not in done.stderr


def test_the_exit_status_is_2_where_no_row_could_be_used(tmp_path):
    texts = _write(tmp_path / "texts.jsonl", [{"id": "s", "text": "hello"}])
    done = _run("--input", texts, "--output", tmp_path / "vectors.jsonl", "--no_profile")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert [set(row) for row in _read(tmp_path / "vectors.jsonl")] == [{"id", "error"}]


def test_pairs_are_compared_with_their_probability(tmp_path):
    rows = [{"id": "a", "text": LONG}, {"id": "b", "text": OTHER}, {"id": "c", "text": LONG + " and so on"}]
    texts = _write(tmp_path / "texts.jsonl", rows)
    done = _run("--input", texts, "--compare")
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t") for line in done.stdout.strip().splitlines()]
    assert lines[0] == ["one", "other", "cosine", "same speaker"] and len(lines) == 4
    assert lines[1][:2] == ["a", "c"] and float(lines[1][2]) > 0.9 > float(lines[3][2])
    assert float(lines[1][3]) > 0.9 > float(lines[3][3])
    done = _run("--input", texts, "--compare", "a", "nobody")
    assert done.returncode == 1 and "nobody" in done.stderr and "Traceback" not in done.stderr


def test_missing_files_and_options_are_told_in_one_line(tmp_path):
    done = _run("--input", tmp_path / "nowhere.jsonl", "--output", tmp_path / "v.jsonl")
    assert done.returncode == 1 and done.stderr.strip().count("\n") == 0 and "nowhere.jsonl" in done.stderr
    done = _run("--fit", "--data_root", tmp_path, "--weights", tmp_path / "w")
    assert done.returncode == 1 and "ami" in done.stderr and "Traceback" not in done.stderr
    assert _run("--input", "x").returncode == 2


def test_outputs_that_cannot_be_and_weights_that_are_not_there_are_told_in_one_line(tmp_path):
    texts = _write(tmp_path / "texts.jsonl", [{"id": "a", "text": LONG}])
    for given, told in (
        (("--output", tmp_path), "a folder is in its place"),
        (("--output", texts / "below" / "v.jsonl"), "a file is in its folder's place"),
        (("--compare", "--weights", tmp_path), "fingerprint.json: not there"),
    ):
        done = _run("--input", texts, *given)
        assert done.returncode == 1 and told in done.stderr and done.stderr.count("\n") == 1


def test_the_input_is_never_overwritten(tmp_path):
    texts = _write(tmp_path / "texts.jsonl", [{"id": "a", "text": LONG}])
    done = _run("--input", texts, "--output", tmp_path / "." / "texts.jsonl")
    assert done.returncode == 2 and "overwrite" in done.stderr and _read(texts) == [{"id": "a", "text": LONG}]
