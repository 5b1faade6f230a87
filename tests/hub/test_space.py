import os
import subprocess
import sys
from pathlib import Path

import pytest

from pixel.hub import push_folder
from pixel.hub.space import build_space

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["expert_review", "evaluation_dashboard"])
def test_a_built_space_refuses_without_accounts_from_a_folder_where_nothing_is_installed(name, tmp_path):
    space = build_space(ROOT / "spaces" / name, tmp_path / "space")
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment = clean | {"PIXEL_REVIEW_DB": str(tmp_path / "none.db")}
    source = "import sys, runpy; sys.path = [p for p in sys.path if p != sys.argv[1]]; "
    source += "sys.argv = ['app.py']; sys.path.insert(0, '.'); runpy.run_path('app.py', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", source, str(ROOT)], cwd=space, env=environment, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "recipes/review.py account add NAME --role admin" in done.stderr and "Traceback" not in done.stderr


def test_a_space_carries_pixel_and_no_database(hub, tmp_path):
    space = tmp_path / "mine"
    space.mkdir()
    for name in ("app.py", "README.md", "requirements.txt", "review.db"):
        (space / name).write_text("x")
    push_folder(build_space(space, tmp_path / "built"), "tester/mine", "space")
    files = hub.files("tester/mine", "space") if ("space", "tester/mine") in hub.repos else {}
    assert {"app.py", "README.md", "requirements.txt", "pixel/__init__.py", "pixel/metrics/auc.py"} <= set(files)
    assert "review.db" not in files and not any("__pycache__" in name for name in files)


def test_what_a_space_lacks_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no app.py, README.md, requirements.txt. Mend"):
        build_space(tmp_path, tmp_path / "built")


def test_a_folder_with_files_is_not_written_into(tmp_path):
    with pytest.raises(FileExistsError, match="Mend"):
        build_space(ROOT / "spaces" / "evaluation_dashboard", ROOT / "tests")
