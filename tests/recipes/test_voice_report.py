import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.voice.personality.consistency.speakers import segments

RECIPE = Path(__file__).resolve().parents[2] / "recipes" / "voice_report.py"
SAID = "well i think that is what we have to do and it is not so bad, you know? so the other one is up to you. "


@pytest.fixture
def folder(tmp_path):
    said = segments("one.wav", [SAID * 2] * 20, "S1") + segments("two.wav", [SAID.replace("i think", "um")] * 40, "S1")
    files = [
        {"file": one, "seconds": 400.0, "speech_seconds": 300.0, "state": "done", "reason": None, "language": "en"}
        for one in ("one.wav", "two.wav")
    ]
    for name, rows in (("segments", [one.as_row() for one in said]), ("files", files)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def run(recipe, *given):
    module = recipe("voice_report")
    return module.main(module.options([str(one) for one in given]))


def test_a_page_and_its_numbers_lie_in_the_folder(recipe, folder, capsys):
    assert run(recipe, "--input", folder) == folder / "report.html"
    html, numbers = (folder / "report.html").read_text(), json.loads((folder / "report.json").read_text())
    assert numbers["totals"]["files"] == 2 and len(numbers["voices"]["consistency"]) == 2
    assert "voice 2" in html and "i think" not in html and "one.wav" not in html
    assert "2 files (0 quarantined)" in capsys.readouterr().out


def test_two_runs_write_the_same_bytes(recipe, folder):
    first = run(recipe, "--input", folder).read_bytes()
    assert run(recipe, "--input", folder).read_bytes() == first


def test_conversations_are_held_against_the_voice_they_name(recipe, folder):
    file = folder / "talks.jsonl"
    messages = [{"role": "user", "content": "And?"}, {"role": "assistant", "content": SAID * 16}]
    file.write_text(json.dumps({"voice": "one.wav", "messages": messages}) + "\n")
    run(recipe, "--input", folder, "--conversations", file, "--output", folder / "deep" / "page.html")
    (row,) = json.loads((folder / "deep" / "page.json").read_text())["claims"]
    assert row["words"] == 16 * len(SAID.split()) and row["rank"] == 1 and row["of"] == 2


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [("segments.jsonl", "{", "segments.jsonl, row 61"), ("talks.jsonl", '{"voice": 3}', "talks.jsonl, row 1")],
)
def test_a_bad_line_is_one_line_of_error(folder, name, line, said):
    with (folder / name).open("a") as out:
        out.write(line + "\n")
    more = ["--conversations", folder / name] if name == "talks.jsonl" else []
    done = subprocess.run(
        [sys.executable, RECIPE, "--input", folder, *more], capture_output=True, text=True, cwd=RECIPE.parents[1],
        env={"PYTHONPATH": str(RECIPE.parents[1]), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert said in done.stderr and "Mend" in done.stderr


def test_another_fingerprint_needs_its_own_calibration(recipe, folder, capsys):
    with pytest.raises(SystemExit):
        recipe("voice_report").options(["--input", str(folder), "--fingerprint", "x"])
    assert "--calibration" in capsys.readouterr().err
