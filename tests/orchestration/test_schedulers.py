"""Files for schedulers pass their linters, and do what they promise."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pixel.orchestration.schedulers import DEFAULTS, TemplateError, render
from tests.orchestration.parts import wait_for

ARGUMENTS = [
    "--config",
    "recipes/configs/qwen3_30b_a3b_zero3.yaml",
    "--field_weights",
    "{emotion: 0.2}",
    "--x",
    "it's",
]


def text(scheduler: str, nodes: int, **settings) -> str:
    return render(scheduler, "pixel-30b", nodes, 8, "accelerate_configs/zero3_2x8.yaml", ARGUMENTS, **settings)


@pytest.fixture(params=[1, 2], ids=["one node", "2 x 8"])
def nodes(request):
    return request.param


def lint(tool: str, *arguments: str) -> None:
    program = Path(sys.executable).with_name(tool)
    program = str(program) if program.exists() else shutil.which(tool)
    if program is None:
        pytest.skip(f"{tool} is not installed")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


# ── SLURM ──


def test_bash_and_shellcheck_have_nothing_to_say(tmp_path, nodes):
    file = tmp_path / "job.sbatch"
    file.write_text(text("slurm", nodes, partition="gpu", account="me", setup="source .venv/bin/activate"))
    subprocess.run(["bash", "-n", str(file)], check=True)
    lint("shellcheck", "--exclude=SC1091", str(file))  # .venv is not there where this is tested


def test_the_job_asks_for_what_it_needs(nodes):
    lines = text("slurm", nodes).splitlines()
    directives = dict(
        line.removeprefix("#SBATCH --").partition("=")[::2] for line in lines if line.startswith("#SBATCH")
    )
    assert directives["nodes"] == str(nodes) and directives["gpus-per-node"] == "8"
    assert directives["ntasks-per-node"] == "1"  # one supervisor a node
    assert directives["signal"] == "B:USR1@900" and "requeue" in directives
    assert lines.index("#SBATCH --requeue") < next(i for i, line in enumerate(lines) if line and line[0] != "#")
    whole = " ".join(lines)
    assert f"--num_processes {8 * nodes}" in whole
    assert ("--machine_rank" in whole) == (nodes > 1)


STANDINS = {
    "srun": """#!/bin/bash
for id in $(seq 0 $(({nodes} - 1))); do SLURM_NODEID=$id "${{@:2}}" & echo $! >> pids; done
worst=0; for pid in $(cat pids); do wait "$pid" || worst=$?; done; exit $worst
""",
    "scontrol": '#!/bin/bash\n[ "$1" = show ] && printf "one\\ntwo\\n" || echo "$@" >> requeued\n',
    "scancel": '#!/bin/bash\necho "$@" >> cancelled; kill -TERM $(cat pids)\n',
    "trainer": """#!{python}
import json, os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.3), sys.exit(75)))
with open(f"started{{os.environ['SLURM_NODEID']}}.partial", "w") as file:
    json.dump(sys.argv[1:], file)
os.replace(file.name, file.name.removesuffix(".partial"))
while not os.path.exists("done"):
    time.sleep(0.05)
""",
}


@pytest.fixture
def job(tmp_path, nodes):
    """The sbatch file, started among stand-ins for SLURM's commands and for the supervisor."""
    for name, script in STANDINS.items():
        (tmp_path / name).write_text(script.format(nodes=nodes, python=sys.executable))
        (tmp_path / name).chmod(0o755)
    (tmp_path / "job.sbatch").write_text(text("slurm", nodes, python="./trainer"))
    surroundings = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SLURM_JOB_ID": "7", "SLURM_JOB_NODELIST": "n[1-2]"}
    process = subprocess.Popen(["bash", "job.sbatch"], cwd=tmp_path, env=os.environ | surroundings)
    for node in range(nodes):
        wait_for((tmp_path / f"started{node}").exists)
    yield process
    (tmp_path / "done").touch()
    process.wait(20)


def test_every_node_gets_its_number_and_the_words_unbroken(job, tmp_path, nodes):
    for node in range(nodes):
        words = json.loads((tmp_path / f"started{node}").read_text())
        assert words[words.index("--") + 1 :] == ARGUMENTS
        if nodes > 1:
            assert words[words.index("--machine_rank") + 1] == str(node)
            assert words[words.index("--main_process_ip") + 1] == "one"


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGTERM])
def test_the_schedulers_warning_lets_every_node_save_and_requeues_the_job(job, tmp_path, number):
    job.send_signal(number)
    assert job.wait(20) == 75
    assert (tmp_path / "cancelled").read_text().split() == ["--signal=TERM", "7.0"]
    assert (tmp_path / "requeued").read_text().split() == ["requeue", "7"]


def test_a_run_that_finishes_is_not_requeued(job, tmp_path):
    (tmp_path / "done").touch()
    assert job.wait(20) == 0 and not (tmp_path / "requeued").exists()


# ── Kubernetes ──


def test_every_resource_keeps_to_kubernetes_schema(tmp_path, nodes):
    validate = pytest.importorskip("kubernetes_validate")
    resources = list(yaml.safe_load_all(text("kubernetes", nodes, secret="hub")))
    assert [one["kind"] for one in resources] == (["Job"] if nodes == 1 else ["Service", "Job"])
    for one in resources:
        validate.validate(one, validate.latest_version(), strict=True)


def test_the_job_gives_the_supervisor_what_it_needs(nodes):
    *services, job = yaml.safe_load_all(text("kubernetes", nodes, secret="hub", grace="900"))
    spec, pod = job["spec"], job["spec"]["template"]["spec"]
    assert spec["completions"] == spec["parallelism"] == nodes and spec["completionMode"] == "Indexed"
    assert pod["restartPolicy"] == "Never"  # podFailurePolicy allows nothing else
    assert pod["terminationGracePeriodSeconds"] > 900
    (container,) = pod["containers"]
    assert (
        container["resources"]["limits"]["nvidia.com/gpu"]
        == container["resources"]["requests"]["nvidia.com/gpu"]
        == "8"
    )
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert volumes[mounts["/dev/shm"]]["emptyDir"]["medium"] == "Memory"
    assert "persistentVolumeClaim" in volumes[mounts["/workspace/outputs"]]
    words = container["args"]
    assert words[words.index("--") + 1 :] == ARGUMENTS
    rules = {
        tuple(rule["onExitCodes"]["values"]): rule["action"]
        for rule in spec["podFailurePolicy"]["rules"]
        if "onExitCodes" in rule
    }
    assert rules == {(75,): "Ignore", (1,): "FailJob"}
    if nodes > 1:
        (service,) = services
        assert service["spec"]["clusterIP"] == "None" and pod["subdomain"] == service["metadata"]["name"]
        assert service["spec"]["selector"] == {"job-name": job["metadata"]["name"]}


# ── what is refused ──


@pytest.mark.parametrize("scheduler", DEFAULTS)
def test_an_unknown_setting_is_named_with_those_there_are(scheduler):
    with pytest.raises(TemplateError, match="--set nodse: .* Mend: one of .*grace"):
        text(scheduler, 1, nodse="2")


def test_a_warning_that_comes_too_late_to_save_is_refused():
    with pytest.raises(TemplateError, match="notice=60: less than grace"):
        text("slurm", 1, notice="60")


@pytest.mark.parametrize("wrong", [{"name": "My Job"}, {"gpus": 0}, {"arguments": []}, {"scheduler": "cron"}])
def test_what_cannot_be_a_job_is_refused(wrong):
    given = {
        "scheduler": "slurm",
        "name": "a",
        "nodes": 1,
        "gpus": 8,
        "accelerate_config": "x",
        "arguments": ARGUMENTS,
    }
    with pytest.raises(TemplateError, match="Mend:"):
        render(**given | wrong)
