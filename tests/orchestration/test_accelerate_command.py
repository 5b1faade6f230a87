"""What is asked for becomes the words of a launcher."""

import sys

import pytest

from pixel.orchestration.accelerate_command import LaunchError, output_of, processes_of, training_command, value_of
from pixel.orchestration.attempt import environment


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "run.yaml"
    file.write_text("output_dir: outputs/from_yaml\n")
    return str(file)


@pytest.fixture
def accelerate(tmp_path):
    file = tmp_path / "ddp.yaml"
    file.write_text("num_processes: 8\n")
    return str(file)


def test_without_a_launcher_the_script_runs_alone_and_resumes(config):
    words = training_command(["--config", config])
    assert words == [sys.executable, "recipes/train.py", "--config", config, "--resume_from_checkpoint", "auto"]


def test_a_checkpoint_that_was_asked_for_is_kept(config):
    words = training_command(["--config", config, "--resume_from_checkpoint=outputs/x/checkpoint-5"])
    assert "auto" not in words


def test_a_launcher_gets_a_port_that_is_filled_in_later(config, accelerate):
    words = training_command(["--config", config], accelerate, processes=2)
    start = words.index("recipes/train.py")
    assert words[1:start] == [
        "-m", "accelerate.commands.launch", "--config_file", accelerate, "--main_process_port", "{port}",
        "--num_processes", "2",
    ]  # fmt: skip


def test_a_machine_knows_its_place(config, accelerate):
    words = training_command([], accelerate, machines=2, machine_rank=1, main_ip="10.0.0.1")
    for option, value in (("--num_machines", "2"), ("--machine_rank", "1"), ("--main_process_ip", "10.0.0.1")):
        assert words[words.index(option) + 1] == value
    with pytest.raises(LaunchError, match="--main_process_ip. Mend:"):
        training_command([], accelerate, machines=2)
    with pytest.raises(LaunchError, match="--accelerate_config. Mend:"):
        training_command([], processes=2)


def test_the_output_folder_is_the_command_lines_then_the_yamls_then_the_default(config):
    assert str(output_of(["--config", config, "--output_dir", "a", "--output_dir=b"])) == "b"
    assert str(output_of(["--config", config])) == "outputs/from_yaml"
    assert str(output_of([])) == "outputs/pixel"
    assert value_of(["--lora_r", "4"], "output_dir") is None


@pytest.mark.parametrize("text", [None, "a: [1", "- a list"])
def test_a_configuration_that_cannot_be_read_is_named(tmp_path, text):
    file = tmp_path / "broken.yaml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(LaunchError, match=r"--config .*broken.yaml: .* Mend: "):
        output_of(["--config", str(file)])


def test_how_many_ranks_there_will_be(accelerate):
    assert [processes_of(None, None), processes_of(accelerate, None), processes_of(accelerate, 2)] == [1, 8, 2]


def test_another_launchers_words_are_not_inherited():
    given = {
        "ACCELERATE_USE_CPU": "true", "RANK": "3", "WORLD_SIZE": "9", "MASTER_ADDR": "x", "LOCAL_RANK": "1",
        "PATH": "/bin", "HF_TOKEN": "secret", "PYTHONPATH": "/mine", "RANKING": "stays",
    }  # fmt: skip
    made = environment(4, "/out", {"A": "b"}, given)
    assert {"PATH", "HF_TOKEN", "A", "RANKING"} <= set(made)
    assert not {"ACCELERATE_USE_CPU", "RANK", "WORLD_SIZE", "MASTER_ADDR", "LOCAL_RANK"} & set(made)
    assert made["PYTHONPATH"].endswith(":/mine") and made["PIXEL_ATTEMPT"] == "4"
