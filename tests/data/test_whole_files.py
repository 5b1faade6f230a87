import pytest

from pixel.data.whole_files import write_in_one_step


def test_a_file_is_written_whole_with_its_folder_and_nothing_beside_it(tmp_path):
    file = write_in_one_step(tmp_path / "deep" / "page.html", "grün \ud800\n")
    assert file.read_text(encoding="utf-8") == "grün \\ud800\n"
    assert list(file.parent.iterdir()) == [file]


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path, monkeypatch):
    file = write_in_one_step(tmp_path / "page.html", "old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_in_one_step(file, "new")
    assert file.read_text() == "old"
