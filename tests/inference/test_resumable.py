import json
import os

from pixel.inference import ResumableLines
from pixel.inference.resumable import model_fingerprint


def rows(file):
    return [json.loads(line)["n"] for line in file.read_text().splitlines()]


def test_the_file_appears_only_when_it_is_complete(tmp_path):
    lines = ResumableLines(tmp_path / "new" / "out.jsonl", {"model": "m"})
    lines.write([{"n": 1}])
    assert not (tmp_path / "new" / "out.jsonl").exists()
    assert rows(lines.finish()) == [1]
    assert os.listdir(tmp_path / "new") == ["out.jsonl"]


def test_an_interrupted_run_goes_on_and_drops_the_half_line(tmp_path):
    out = tmp_path / "out.jsonl"
    first = ResumableLines(out, {"model": "m"})
    first.write([{"n": 1}, {"n": 2}])
    first.close()
    with first.partial.open("a") as file:
        file.write('{"n": 3')
    second = ResumableLines(out, {"model": "m"})
    assert second.done == 2 and not second.dropped
    second.write([{"n": 3}])
    assert rows(second.finish()) == [1, 2, 3]


def test_lines_are_kept_in_whole_steps(tmp_path):
    first = ResumableLines(tmp_path / "out.jsonl", {}, step=2)
    first.write([{"n": 1}, {"n": 2}, {"n": 3}])
    first.close()
    second = ResumableLines(tmp_path / "out.jsonl", {}, step=2)
    assert second.done == 2 and rows(second.finish()) == [1, 2]


def test_lines_made_from_something_else_are_dropped(tmp_path):
    out = tmp_path / "out.jsonl"
    first = ResumableLines(out, {"model": "m"})
    first.write([{"n": 1}])
    first.close()
    second = ResumableLines(out, {"model": "other"})
    assert second.done == 0 and second.dropped
    second.write([{"n": 9}])
    assert rows(second.finish()) == [9]


def test_a_model_is_another_one_when_a_file_of_it_changes(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"abc")
    before = model_fingerprint(str(tmp_path))
    assert model_fingerprint(str(tmp_path)) == before
    (tmp_path / "model.safetensors").write_bytes(b"abcd")
    assert model_fingerprint(str(tmp_path)) != before
    assert model_fingerprint("org/name", "1") != model_fingerprint("org/name", "2")
