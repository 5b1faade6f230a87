import json

import pytest

from pixel.voice.sources.recordings import Recording, facts_of, list_recordings


@pytest.fixture
def folder(tmp_path):
    for name in ("b.wav", "a/2.m4a", "a/1.xyz", "a/no_ending", "B.FLAC", "empty.mp3"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"" if "empty" in name else b"sound")
    return tmp_path


def test_recordings_come_in_order_of_name_with_unknown_endings_and_empty_files(folder):
    expected = ["B.FLAC", "a/1.xyz", "a/2.m4a", "a/no_ending", "b.wav", "empty.mp3"]
    assert [recording.file for recording in list_recordings(folder)] == expected
    assert all(recording.path == folder / recording.file for recording in list_recordings(folder))


@pytest.mark.parametrize(
    "name",
    "c.wav.part c.wav.part-Frag7 c.ytdl .hidden.wav .cache/c.wav c.info.json c.info.json.partial c.SRT".split(),
)
def test_what_is_unfinished_hidden_or_text_is_passed_over(folder, name):
    before = list_recordings(folder)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"x")
    assert list_recordings(folder) == before


def test_a_link_to_the_folder_itself_does_not_go_round(folder):
    before = list_recordings(folder)
    (folder / "a" / "loop").symlink_to(folder)
    assert list_recordings(folder) == before


def test_a_file_is_a_list_of_one(folder):
    assert list_recordings(folder / "b.wav") == [Recording(folder / "b.wav", "b.wav")]


def test_nothing_there_is_said_with_its_path(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere: no such folder or file. Mend"):
        list_recordings(tmp_path / "nowhere")


@pytest.mark.parametrize("sidecar", ["b.info.json", "b.wav.info.json"])
def test_facts_are_read_under_yt_dlp_s_names_and_others_left(folder, sidecar):
    info = {"webpage_url": "https://x.org/b", "uploader": "Eve", "license": "CC BY", "formats": [1], "title": ""}
    info |= {"channel": None}  # as yt-dlp writes where the site has none
    (folder / sidecar).write_text(json.dumps(info))
    assert facts_of(folder / "b.wav") == {"url": "https://x.org/b", "channel": "Eve", "licence": "CC BY"}


def test_the_recorded_licence_goes_before_the_site_s(folder):
    (folder / "b.info.json").write_text('{"license": "unknown", "licence": "CC0-1.0"}')
    assert facts_of(folder / "b.wav") == {"licence": "CC0-1.0"}


@pytest.mark.parametrize("text", ["{half", "[1]", "\udcff"])
def test_a_broken_sidecar_is_said_and_the_recording_kept(folder, text):
    (folder / "b.info.json").write_bytes(text.encode(errors="surrogateescape"))
    (recording,) = [found for found in list_recordings(folder) if found.file == "b.wav"]
    assert list(recording.facts) == ["sidecar_error"] and "b.info.json" in recording.facts["sidecar_error"]
