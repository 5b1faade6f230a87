import json

import pytest

from pixel.voice.sources.playlists import Playlist
from pixel.voice.sources.upkeep import bring_back, put_aside, refresh, without_slot, write_sidecar

SLOT = Playlist(id="talks", url="https://x.org", licence="CC0-1.0")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "talks").mkdir()
    for name in ("a.m4a", "a.info.json", "b.m4a"):
        (tmp_path / "talks" / name).write_text(name)
    return tmp_path


def test_what_is_put_aside_comes_back_as_it_was(folder):
    before = {path.name: path.read_text() for path in (folder / "talks").iterdir()}
    assert put_aside(folder, SLOT) and not (folder / "talks").exists()
    assert not put_aside(folder, SLOT)  # there is nothing left
    assert bring_back(folder, SLOT) and not bring_back(folder, SLOT)
    assert {path.name: path.read_text() for path in (folder / "talks").iterdir()} == before


def test_a_move_that_was_broken_off_is_finished_by_the_next(folder):
    aside = folder / ".refused" / "talks"
    aside.mkdir(parents=True)
    (folder / "talks" / "a.m4a").rename(aside / "a.m4a")
    put_aside(folder, SLOT)
    assert sorted(path.name for path in aside.iterdir()) == ["a.info.json", "a.m4a", "b.m4a"]


def test_only_sidecars_that_differ_are_written_and_broken_ones_left(folder):
    write_sidecar(folder / "talks" / "b.info.json", {"title": "B", "channel": "the site's", "licence": "old"})
    (folder / "talks" / "c.info.json").write_text("[1]")
    assert refresh(folder, SLOT) == 1 and refresh(folder, SLOT) == 0
    facts = json.loads((folder / "talks" / "b.info.json").read_text())
    assert (facts["title"], facts["channel"], facts["licence"]) == ("B", "the site's", "CC0-1.0")
    assert (folder / "talks" / "a.info.json").read_text() == "a.info.json"


def test_a_folder_whose_slot_is_gone_is_named_and_one_that_nobody_fetched_is_not(folder):
    for place, playlist in (("gone", "gone"), ("by_hand", "other"), (".refused", ".refused")):
        (folder / place).mkdir()
        write_sidecar(folder / place / "b.info.json", {"playlist": playlist})
    (folder / "gone" / "a.info.json").write_text("{half")
    assert without_slot(folder, {"talks"}) == ["gone"]
    assert without_slot(folder, {"talks", "gone"}) == without_slot(folder / "nowhere", set()) == []
