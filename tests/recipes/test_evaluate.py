import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIELDS_READ = ("emotion", "risk", "eq", "eq_total", "emotional_reactions")


@pytest.fixture(scope="module")
def reads(model_folder):
    return model_folder(FIELDS_READ)


@pytest.fixture
def evaluate(recipe):
    """Runs the recipe in this process; returns its exit status and `results.json`."""
    module = recipe("evaluate")

    def run(output, *more):
        chosen = module.options(["--output", str(output), "--device", "cpu", "--resamples", "20", *map(str, more)])
        status = module.main(chosen)
        return status, json.loads((output / "results.json").read_text())

    run.module = module
    return run


@pytest.fixture
def data_root(tmp_path, monkeypatch):
    """A data root with sixty posts of C-SSRS and nothing else; builds go to a cache of its own."""
    monkeypatch.setenv("PIXEL_CACHE", str(tmp_path / "builds"))
    folder = tmp_path / "data" / "cssrs_sw1170"
    folder.mkdir(parents=True)
    rows = [f"{n},post number {n} {'word ' * (n % 9)},{n % 7},0,0,0,0,0" for n in range(60)]
    header = "id,text,cssrs_severity,gpt,claude,gemini,llama,mistral"
    (folder / "posts.csv").write_text("\n".join([header, *rows]) + "\n")
    return tmp_path / "data"


def command(output, *more):
    arguments = ["--output", output, "--device", "cpu", "--resamples", "20", *more]
    return [sys.executable, str(ROOT / "recipes" / "evaluate.py"), *map(str, arguments)]


def surroundings(**more):
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **more}


def test_help_answers_without_loading_anything_heavy(recipe, capsys):
    code = "import sys; sys.argv = ['evaluate.py', '--help']; import runpy\n"
    code += f"try: runpy.run_path({str(ROOT / 'recipes' / 'evaluate.py')!r}, run_name='__main__')\n"
    code += "except SystemExit: pass\nassert 'torch' not in sys.modules and 'datasets' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], env=surroundings(), capture_output=True, text=True)
    assert done.returncode == 0 and "results.json" in done.stdout


def test_heads_are_measured_without_any_corpus_on_the_seed(evaluate, reads, tmp_path, monkeypatch):
    monkeypatch.delenv("PIXEL_DATA_ROOT", raising=False)
    output = tmp_path / "out"
    status, results = evaluate(output, "--model", reads, "--tasks", "readouts", "crisis", "--limit", 5)
    assert status == 0 and results["model"]["kind"] == "pixel" and results["settings"]["limit"] == 5
    measured = {row["metric"] for row in results["results"]}
    assert "risk/seed/quadratic_kappa" in measured and "vad/seed/pearson_valence" not in measured
    assert results["data"]["seed"]["left_out"] > 0  # the folder does not say what it was trained on
    assert "Read-outs on labelled turns" in (output / "report.html").read_text()
    items = [json.loads(line) for line in (output / "items" / "readouts.jsonl").read_text().splitlines()]
    assert items and all(set(item) == {"id", "metric", "value", "group"} for item in items)


def test_corpora_are_measured_on_what_the_model_did_not_see(evaluate, reads, data_root, tmp_path, monkeypatch):
    from pixel.data.seen import FILE, SeenRows
    from pixel.evaluation.tasks import readouts

    monkeypatch.setattr(readouts, "CORPORA", ("cssrs",))

    row = {"messages": [{"role": "user", "content": "post number 3 word word word"}]}
    SeenRows.of([row]).save(reads)
    try:
        options = ("--model", reads, "--data_root", data_root, "--tasks", "readouts")
        _, results = evaluate(tmp_path / "out", *options)
    finally:
        (Path(reads) / FILE).unlink()
    kappa = next(row for row in results["results"] if row["metric"] == "risk/cssrs/quadratic_kappa")
    assert kappa["n"] == 59 and results["data"]["cssrs"] == {"rows": 59, "left_out": 1}


def test_a_second_run_keeps_what_is_finished(evaluate, reads, tmp_path, capsys):
    options = ("--model", reads, "--tasks", "eq", "--limit", 3)
    _, first = evaluate(tmp_path / "out", *options)
    started = time.time()
    _, second = evaluate(tmp_path / "out", *options)
    assert second["results"] == first["results"] and second["tasks"][0]["kept"] is True
    assert "kept from an earlier run" in capsys.readouterr().out and time.time() - started < 60
    evaluate(tmp_path / "out", *options, "--seed", 1)
    assert "starting anew" in capsys.readouterr().out


def test_a_plain_language_model_has_its_read_out_tasks_skipped_with_the_reason(evaluate, model_folder, tmp_path):
    plain = model_folder(())
    options = ("--model", plain, "--tasks", "readouts", "eq", "compliance", "--limit", 2)
    status, results = evaluate(tmp_path / "out", *options)
    assert status == 0 and results["model"]["kind"] == "causal_lm"
    assert [entry["task"] for entry in results["skipped"]] == ["readouts", "eq"]
    assert all("trained to read turns" in entry["reason"] for entry in results["skipped"])
    assert any(row["metric"] == "pdm/answered" for row in results["results"])


def test_a_damaged_corpus_skips_that_corpus_and_says_where(evaluate, reads, data_root, tmp_path):
    file = data_root / "cssrs_sw1170" / "posts.csv"
    file.write_text(file.read_text() + "60,another post,eleven,0,0,0,0,0\n")
    options = ("--model", reads, "--data_root", data_root, "--tasks", "readouts", "--limit", 3)
    status, results = evaluate(tmp_path / "out", *options)
    note = next(note for note in results["tasks"][0]["notes"] if note.startswith("cssrs"))
    assert status == 0 and "cssrs_severity" in note and "another post" not in note


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "/nowhere-at-all"], "/nowhere-at-all"),
        (["--model", "tiny:llama", "--tasks", "poetry"], "no task is called 'poetry'"),
        (["--endpoint", "here:80", "--endpoint_model", "m"], "no http address"),
        (["--model", "tiny:llama", "--judges", "tiny:llama"], "does not judge itself"),
        (["--model", "tiny:llama", "--device", "cuda:99"], "--device cuda:99"),
    ],
)
def test_a_mistake_is_one_line_that_says_the_mend(evaluate, arguments, said, tmp_path):
    with pytest.raises(SystemExit) as left:
        evaluate(tmp_path / "out", *arguments)
    line = str(left.value)
    assert line.startswith("error:") and said in line and "Mend:" in line and "\n" not in line


def test_a_folder_that_is_not_there_is_one_line_on_stderr_and_status_1(tmp_path):
    arguments = ("--model", "tiny:llama", "--data_root", "/nowhere")
    done = subprocess.run(command(tmp_path / "out", *arguments), env=surroundings(), capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("error: ") and "not a folder" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_task_that_fails_by_a_bug_makes_the_status_1(evaluate, reads, tmp_path, monkeypatch):
    from pixel.evaluation.tasks import crisis

    def broken(context):
        raise KeyError("severity")

    monkeypatch.setattr(crisis, "screen", broken)
    status, results = evaluate(tmp_path / "out", "--model", reads, "--tasks", "crisis", "eq", "--limit", 2)
    assert status == 1 and results["failed"] == ["crisis"]
    assert "bug: KeyError" in results["skipped"][0]["reason"] and any(r["task"] == "eq" for r in results["results"])


def test_an_endpoint_replies_in_the_models_place(evaluate, tmp_path):
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            content = json.dumps({"choices": [{"message": {"content": "It is a mature defence."}}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_address[1]}/v1"
        options = ("--endpoint", address, "--endpoint_model", "served", "--tasks", "compliance", "readouts")
        status, results = evaluate(tmp_path / "out", *options, "--limit", 4)
        again = len(asked)
        (tmp_path / "out" / "tasks" / "compliance.json").unlink()
        evaluate(tmp_path / "out", *options, "--limit", 4)
    finally:
        server.shutdown()
        server.server_close()
    assert status == 0 and results["model"]["kind"] == "endpoint" and results["model"]["name"] == "served"
    assert next(r for r in results["results"] if r["metric"] == "pdm/answered")["value"] == 1.0
    assert again == len(asked) == 8 and asked[0]["model"] == "served"


@pytest.mark.slow
def test_a_killed_run_goes_on_with_what_the_model_already_said(evaluate, reads, tmp_path):
    """The run is killed while it generates; the second asks only for the rest, and its figures equal a whole run's."""
    whole = evaluate(
        tmp_path / "whole", "--model", reads, "--tasks", "eq", "compliance", "--limit", 40, "--batch_tokens", 400
    )[1]["results"]
    arguments = ("--model", reads, "--tasks", "eq", "compliance", "--limit", 40, "--batch_tokens", 400)
    output = tmp_path / "out"
    process = subprocess.Popen(command(output, *arguments), env=surroundings(), stdout=subprocess.PIPE, text=True)
    try:
        deadline = time.time() + 240
        while time.time() < deadline and process.poll() is None:
            kept = [file for file in (output / "cache").glob("generations-*.jsonl") if file.stat().st_size]
            if kept and (output / "tasks" / "eq.json").exists():
                break
            time.sleep(0.05)
        assert process.poll() is None, "the run ended before it could be killed"
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    assert not (output / "results.json").exists()
    lines = kept[0].read_text().count("\n")
    done = subprocess.run(command(output, *arguments), env=surroundings(), capture_output=True, text=True)
    assert done.returncode == 0 and "eq: " in done.stdout and "kept from an earlier run" in done.stdout
    assert json.loads((output / "results.json").read_text())["results"] == whole and lines > 0


@pytest.mark.slow
def test_two_processes_come_to_the_figures_of_one(reads, data_root, tmp_path):
    arguments = ("--model", reads, "--data_root", data_root, "--tasks", "readouts", "compliance", "--limit", 12)
    one, two = tmp_path / "one", tmp_path / "two"
    assert subprocess.run(command(one, *arguments), env=surroundings(), capture_output=True).returncode == 0
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--cpu", "--num_processes", "2", "--num_machines",
              "1", "--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "29731"]  # fmt: skip
    done = subprocess.run(launch + command(two, *arguments)[1:], env=surroundings(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("figures, ") == 1  # the first process speaks for both
    alone, together = (json.loads((folder / "results.json").read_text())["results"] for folder in (one, two))
    assert [row["metric"] for row in alone] == [row["metric"] for row in together]
    for a, b in zip(alone, together, strict=True):
        assert a["value"] == pytest.approx(b["value"], abs=1e-4) and a["n"] == b["n"]
