import hashlib

import pytest

from pixel.voice.transcription import models
from pixel.voice.transcription.models import model_folder


@pytest.fixture
def parts(tmp_path, monkeypatch):
    """Two packages with a small model in them, in place of the real ones."""
    pieces = (b"first half ", b"second half")
    for number, (name, piece) in enumerate(zip(models.BASE_PARTS, pieces, strict=True), 1):
        folder = tmp_path / name / "data"
        folder.mkdir(parents=True)
        (folder / f"model.bin.part{number}").write_bytes(piece)
        (folder.parent / "__init__.py").write_text("raise RuntimeError('never run')")
    (tmp_path / models.BASE_PARTS[0] / "data" / "config.json").write_text("{}")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(models, "BASE_HASH", hashlib.sha256(b"".join(pieces)).hexdigest())
    monkeypatch.setattr(models, "package_folder", lambda name, _: tmp_path / name)
    monkeypatch.setenv("PIXEL_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_two_halves_become_one_model_in_the_cache(parts):
    folder = parts / "cache"
    found = model_folder("embedded:base")
    assert found.startswith(str(folder))
    assert (folder / found / "model.bin").read_bytes() == b"first half second half"
    assert (folder / found / "config.json").is_file()
    assert [path.name for path in folder.iterdir()] == [found.rsplit("/", 1)[1]]  # nothing half built beside it


def test_it_is_joined_once(parts):
    found = model_folder("embedded:base")
    (parts / models.BASE_PARTS[0] / "data" / "model.bin.part1").unlink()
    assert model_folder("embedded:base") == found


def test_another_model_in_the_packages_is_refused_and_leaves_nothing(parts):
    (parts / models.BASE_PARTS[1] / "data" / "model.bin.part2").write_bytes(b"changed")
    with pytest.raises(ValueError, match="not the known model.*Mend"):
        model_folder("embedded:base")
    assert list((parts / "cache").iterdir()) == []


def test_a_missing_package_names_the_command_that_installs_it(monkeypatch):
    def missing(name, _):
        raise FileNotFoundError(name)

    monkeypatch.setattr(models, "package_folder", missing)
    with pytest.raises(ValueError, match="pip install .* -r embedded_voice.txt"):
        model_folder("embedded:tiny.en")


def test_an_unknown_embedded_model_names_those_there_are():
    with pytest.raises(ValueError, match="embedded:tiny.en, embedded:base"):
        model_folder("embedded:huge")


def test_a_folder_must_hold_a_model(tmp_path):
    with pytest.raises(ValueError, match="no model.bin"):
        model_folder(str(tmp_path))
    (tmp_path / "model.bin").write_bytes(b"")
    assert model_folder(str(tmp_path)) == str(tmp_path)


def test_nothing_is_fetched_where_that_is_not_allowed(monkeypatch, tmp_path):
    utils = pytest.importorskip("faster_whisper.utils")
    asked = []

    def download(name, local_files_only=False, **_):
        asked.append(local_files_only)
        raise OSError("not in the cache")

    monkeypatch.setattr(utils, "download_model", download)
    with pytest.raises(ValueError, match="not on this machine.*Mend"):
        model_folder("small", allow_download=False)
    assert asked == [True]


def test_a_download_is_announced(monkeypatch, caplog):
    utils = pytest.importorskip("faster_whisper.utils")

    def download(name, local_files_only=False, **_):
        if local_files_only:
            raise OSError("not in the cache")
        return "/models/" + name

    monkeypatch.setattr(utils, "download_model", download)
    assert model_folder("small") == "/models/small"
    assert "Fetching the speech model small" in caplog.text
