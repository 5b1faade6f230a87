import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def write(file, rows):
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.fixture
def messages(tmp_path):
    texts = ["I want to kill myself tonight.", "Lunch was nice.", "", "x\x00\u200by", None]
    return write(tmp_path / "in.jsonl", [{"id": f"m{n}", "text": text} for n, text in enumerate(texts)])


def run(recipe, source, target, *more):
    module = recipe("screen")
    module.main(module.options(["--input", str(source), "--output", str(target), "--no_encoder", *more]))
    return [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]


def test_every_message_has_an_assessment_in_order(recipe, messages, tmp_path):
    rows = run(recipe, messages, tmp_path / "out.jsonl")
    assert [row["id"] for row in rows] == [f"m{n}" for n in range(5)]
    assert set(rows[0]) == {"id", "severity", "flag", "abstain", "kind", "reasons"}
    assert [row["flag"] for row in rows] == [True, False, False, False, False]
    assert [row["abstain"] for row in rows] == [False, False, True, True, True]
    assert all(len(row["severity"]) == 7 and abs(sum(row["severity"]) - 1) < 1e-4 for row in rows)


def test_an_interrupted_run_goes_on_and_ends_the_same(recipe, tmp_path):
    source = write(tmp_path / "in.jsonl", [{"id": n, "text": f"I feel sad number {n}"} for n in range(70)])
    whole = run(recipe, source, tmp_path / "whole.jsonl")
    module, seen = recipe("screen"), []
    from pixel.inference.resumable import ResumableLines

    class Stops(ResumableLines):
        def write(self, rows):
            if seen:
                raise KeyboardInterrupt
            seen.append(1)
            super().write(rows)

    import pixel.inference.resumable as resumable

    original, resumable.ResumableLines = resumable.ResumableLines, Stops
    chosen = module.options(["--input", str(source), "--output", str(tmp_path / "out.jsonl"), "--no_encoder"])
    try:
        with pytest.raises(KeyboardInterrupt):
            module.main(chosen)
    finally:
        resumable.ResumableLines = original
    assert not (tmp_path / "out.jsonl").exists() and (tmp_path / "out.jsonl.partial").exists()
    assert run(recipe, source, tmp_path / "out.jsonl") == whole


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "row 2: is not JSON"),
        ("[]", "row 2: is not a JSON object"),
        ('{"text": "a"}', "row 2, field 'id': is missing"),
        ('{"id": "a"}', "row 2, field 'text': is missing"),
        ('{"id": "a", "text": 3}', "row 2, field 'text': is int"),
    ],
)
def test_a_bad_row_is_named_with_its_file_field_and_mend(recipe, tmp_path, line, problem):
    from pixel.data.errors import ConversationError

    source = tmp_path / "in.jsonl"
    source.write_text('{"id": "fine", "text": "hello there"}\n' + line + "\n")
    with pytest.raises(ConversationError) as told:
        run(recipe, source, tmp_path / "out.jsonl")
    assert problem in str(told.value) and "Mend" in str(told.value) and "in.jsonl" in str(told.value)
    rows = run(recipe, source, tmp_path / "out.jsonl", "--skip_bad_rows")
    assert "error" in rows[1] and "severity" in rows[0]


def test_a_models_risk_head_is_a_further_voice(recipe, messages, tmp_path, model_folder):
    alone = run(recipe, messages, tmp_path / "alone.jsonl")
    with_model = run(recipe, messages, tmp_path / "with.jsonl", "--model", model_folder(), "--device", "cpu")
    assert alone[1]["severity"] != with_model[1]["severity"]


def test_a_model_without_a_risk_head_is_refused_in_one_line(recipe, messages, tmp_path, model_folder):
    with pytest.raises(SystemExit, match="error: .*risk.*Mend"):
        run(recipe, messages, tmp_path / "out.jsonl", "--model", model_folder(("emotion",)), "--device", "cpu")


def test_help_is_quick_and_loads_nothing_heavy():
    code = "import sys; sys.argv = ['screen.py', '--help']; import runpy\ntry: runpy.run_path('recipes/screen.py', run_name='__main__')\nexcept SystemExit: pass\nassert 'torch' not in sys.modules and 'sklearn' not in sys.modules"  # noqa: E501
    started = time.time()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}
    )  # noqa: E501
    assert done.returncode == 0, done.stderr
    assert time.time() - started < 10  # a second and a half where nothing else runs
