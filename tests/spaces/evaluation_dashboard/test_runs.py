"""Which folders the dashboard sees, and which it never opens."""

import json
import os

from dashboard_pages.runs import Runs


def write(folder, name, content):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return folder / name


def test_evaluations_come_oldest_first_under_their_path(tmp_path):
    for age, name in [(30, "late/eval"), (10, "early")]:
        file = write(tmp_path / name, "results.json", {"results": []})
        os.utime(file, (age, age))
    assert list(Runs(tmp_path).evaluations()) == ["early", "late/eval"]


def test_a_run_that_comes_later_is_seen(tmp_path):
    runs = Runs(tmp_path)
    assert not runs.evaluations()
    write(tmp_path / "new", "results.json", {"results": [1]})
    assert runs.results("new") == {"results": [1]}


def test_a_name_that_was_not_found_opens_nothing(tmp_path):
    write(tmp_path / "inside", "results.json", {})
    write(tmp_path / "outside", "results.json", {"secret": 1})
    runs = Runs(tmp_path / "inside")
    for name in ("../outside", str(tmp_path / "outside"), "..", ""):
        assert runs.results(name) is None
    assert runs.results(".") == {}


def test_links_that_lead_elsewhere_are_not_followed(tmp_path):
    write(tmp_path / "outside", "results.json", {"secret": 1})
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside", target_is_directory=True)
    assert not Runs(tmp_path / "root").evaluations()


def test_a_damaged_file_is_no_run_that_breaks_the_page(tmp_path):
    write(tmp_path / "bad", "results.json", "{")
    write(tmp_path / "list", "results.json", "[]")
    runs = Runs(tmp_path)
    assert runs.results("bad") is None and runs.results("list") is None


def test_only_pixel_models_are_models_and_checkpoints_are_left_out(tmp_path):
    for name in ("model", "model/checkpoint-5", "plain"):
        write(tmp_path / name, "model.safetensors", "")
        if name != "plain":
            write(tmp_path / name, "configuration_pixel.py", "")
    assert list(Runs(tmp_path).models()) == ["model"]
