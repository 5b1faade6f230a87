import json
import os
import signal
import subprocess
import sys
import time

import pytest

from pixel.voice.sources.downloads import download
from pixel.voice.sources.playlists import Consent, Playlist, PlaylistError
from pixel.voice.sources.recordings import list_recordings
from pixel.voice.sources.settings import DownloadSettings
from tests.voice.sources.conftest import sound

pytest.importorskip("yt_dlp")
CONSENT = {
    "given_by": "A. Speaker",
    "date": "2026-01-31",
    "scope": ["transcription", "training"],
    "evidence": "form 12",
}
FAST = DownloadSettings(sleep=0, sleep_most=0, sleep_requests=0, retries=2, backoff=0.01, timeout=5)


def slot(url, id="talks", **more):
    return Playlist(id=id, url=url, licence="CC-BY-4.0", consent=CONSENT, language="en", **more)


@pytest.fixture
def talks(site):
    site.files |= {f"/{n}.wav": sound(n) for n in range(3)}
    return slot(site.feed("/feed.xml", {f"Talk {n}": f"/{n}.wav" for n in range(3)}))


def test_a_feed_becomes_its_recordings_byte_for_byte(site, talks, tmp_path):
    report = download([talks], tmp_path, FAST)
    assert [item.name for item in report.fetched] == ["Talk 0", "Talk 1", "Talk 2"]
    assert [(tmp_path / item.file).read_bytes() for item in report.fetched] == [sound(n) for n in range(3)]
    assert not report.failed and not report.skipped


def test_a_second_run_asks_for_the_feed_and_nothing_else(site, talks, tmp_path):
    download([talks], tmp_path, FAST)
    site.asked.clear()
    report = download([talks], tmp_path, FAST)
    assert site.count() == {"/feed.xml": 1}
    assert len(report.skipped) == 3 and not report.fetched


def test_every_recording_carries_its_facts_and_nothing_more(site, talks, tmp_path):
    report = download([talks], tmp_path, FAST)
    first = next(recording for recording in list_recordings(tmp_path) if recording.file == report.fetched[0].file)
    assert first.facts["title"] == "Talk 0" and first.facts["licence"] == "CC-BY-4.0"
    assert first.facts["url"] == site.address + "/0.wav"
    assert first.facts["consent"]["given_by"] == "A. Speaker" and first.facts["playlist"] == "talks"
    sidecar = json.loads(first.path.with_suffix(".info.json").read_text())
    assert not {"description", "comments", "formats", "url", "http_headers"} & set(sidecar)
    assert len(list_recordings(tmp_path)) == 3  # archive and sidecars are no recordings


def test_a_missing_recording_is_reported_and_the_others_come(site, talks, tmp_path):
    del site.files["/1.wav"]
    report = download([talks], tmp_path, FAST)
    assert [item.name for item in report.fetched] == ["Talk 0", "Talk 2"]
    assert [item.name for item in report.failed] == ["Talk 1"]
    assert "404" in report.failed[0].reason and "\n" not in report.failed[0].reason
    assert site.count()["/1.wav"] == 1  # what is not there is not asked for again
    assert "404" in report.table() and report.summary() == "fetched 2, there already 0, failed 1, slots refused 0"


def test_what_was_missing_comes_at_a_later_run(site, talks, tmp_path):
    kept = site.files.pop("/1.wav")
    download([talks], tmp_path, FAST)
    site.files["/1.wav"] = kept
    assert [item.name for item in download([talks], tmp_path, FAST).fetched] == ["Talk 1"]


@pytest.mark.parametrize("answers", [[500], [503, 500], ["cut", 500]])
def test_a_server_s_error_is_waited_out(site, talks, tmp_path, answers):
    site.failures["/1.wav"] = list(answers)
    report = download([talks], tmp_path, FAST)
    assert len(report.fetched) == 3 and not report.failed
    assert (tmp_path / report.fetched[1].file).read_bytes() == sound(1)


def test_an_error_that_stays_is_tried_as_often_as_the_settings_say(site, talks, tmp_path):
    site.failures["/1.wav"] = [500] * 50
    report = download([talks], tmp_path, FAST)
    assert len(report.failed) == 1 and "500" in report.failed[0].reason
    assert site.count()["/1.wav"] == 1 + FAST.retries


def test_a_download_that_keeps_failing_is_tried_as_often_and_not_more(site, talks, tmp_path):
    site.failures["/1.wav"] = ["", *[503] * 50]
    assert len(download([talks], tmp_path, FAST).failed) == 1
    assert site.count()["/1.wav"] == 1 + 1 + FAST.retries  # looked at, then downloaded


def test_a_cut_download_goes_on_where_it_stopped(site, tmp_path):
    site.files["/long.wav"] = sound(7, seconds=60)
    playlist = slot(site.feed("/feed.xml", {"Long": "/long.wav"}))
    site.failures["/long.wav"] = ["", "cut"]  # looked at without harm, then cut
    never = FAST.model_copy(update={"retries": 0})
    assert len(download([playlist], tmp_path, never).failed) == 1
    half = next(tmp_path.rglob("*.part")).stat().st_size
    assert 0 < half < len(site.files["/long.wav"]) and list_recordings(tmp_path) == []
    report = download([playlist], tmp_path, never)
    assert (tmp_path / report.fetched[0].file).read_bytes() == site.files["/long.wav"]
    assert site.asked[-1] == ("/long.wav", half)


def test_a_killed_run_asks_again_only_for_what_it_had_not_finished(site, tmp_path):
    site.files |= {f"/{n}.wav": sound(n, seconds=1.5) for n in range(4)}
    url = site.feed("/feed.xml", {f"Talk {n}": f"/{n}.wav" for n in range(4)})
    program = (
        "import sys, json\n"
        "from pixel.voice.sources.downloads import download\n"
        "from pixel.voice.sources.playlists import Playlist\n"
        "from pixel.voice.sources.settings import DownloadSettings\n"
        "slot, settings, folder = json.loads(sys.argv[1])\n"
        "download([Playlist(**slot)], folder, DownloadSettings(**settings))\n"
    )
    playlist = {"id": "talks", "url": url, "licence": "CC0-1.0", "consent": CONSENT}
    slow = FAST.model_dump() | {"rate_limit": 60_000}
    process = subprocess.Popen([sys.executable, "-c", program, json.dumps([playlist, slow, str(tmp_path)])])
    archive = tmp_path / ".archive.txt"
    until = time.monotonic() + 60
    while not (archive.exists() and len(archive.read_text().splitlines()) == 2) and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = len(archive.read_text().splitlines())
    assert 2 <= done < 4
    site.asked.clear()
    report = download([Playlist(**playlist)], tmp_path, FAST)
    assert len(report.skipped) == done and len(report.fetched) == 4 - done
    assert set(site.count()) == {"/feed.xml"} | {f"/{n}.wav" for n in range(done, 4)}
    found = {recording.facts["title"]: recording.path.read_bytes() for recording in list_recordings(tmp_path)}
    assert found == {f"Talk {n}": sound(n, seconds=1.5) for n in range(4)}


def test_two_feeds_with_files_and_guids_of_the_same_name_do_not_hide_each_other(site, tmp_path):
    site.files |= {"/a/1.wav": sound(1), "/b/1.wav": sound(2), "/c/1.wav": sound(3)}
    first = slot(site.feed("/a.xml", {"A": "/a/1.wav", "C": "/c/1.wav"}), id="first")
    second = slot(site.feed("/b.xml", {"B": "/b/1.wav"}, guids={"B": "1"}), id="second")
    third = slot(site.feed("/c.xml", {"C": "/c/1.wav"}, guids={"C": "1"}), id="third")
    assert [item.name for item in download([first, second, third], tmp_path, FAST).fetched] == ["A", "C", "B", "C"]
    assert len(list_recordings(tmp_path)) == 4
    assert len(download([first, second, third], tmp_path, FAST).skipped) == 4


def test_one_recording_is_a_playlist_of_one(site, tmp_path):
    site.files["/talk.wav"] = sound(1)
    playlist = slot(site.address + "/talk.wav")
    assert (tmp_path / download([playlist], tmp_path, FAST).fetched[0].file).read_bytes() == sound(1)
    assert len(download([playlist], tmp_path, FAST).skipped) == 1


def test_a_playlist_that_is_gone_does_not_stop_the_next(site, talks, tmp_path):
    report = download([slot(site.address + "/gone.xml", id="gone"), talks], tmp_path, FAST)
    assert [item.playlist for item in report.failed] == ["gone"] and len(report.fetched) == 3


def test_after_failures_in_a_row_the_rest_waits_for_the_next_run(site, tmp_path):
    playlist = slot(site.feed("/feed.xml", {f"Talk {n}": f"/{n}.wav" for n in range(6)}))
    report = download([playlist], tmp_path, FAST.model_copy(update={"give_up_after": 2}))
    assert len(report.failed) == 6 and [item.reason.split(":")[0] for item in report.failed[2:]] == ["not tried"] * 4
    assert sum(site.count()[f"/{n}.wav"] for n in range(6)) == 2


def test_recordings_that_are_gone_for_good_do_not_hide_what_comes_after_them(site, tmp_path):
    site.files["/5.wav"] = sound(5)
    playlist = slot(site.feed("/feed.xml", {f"Talk {n}": f"/{n}.wav" for n in range(6)}))
    impatient = FAST.model_copy(update={"give_up_after": 2})
    asked = []
    for _ in range(4):
        site.asked.clear()
        report = download([playlist], tmp_path, impatient)
        asked.append("".join(sorted(path[1] for path in site.count() if path != "/feed.xml")))
        if report.fetched:
            break
    # each run gives up after two; one that comes ends a row, and then those that failed first are tried again
    assert asked == ["01", "23", "0145"]
    assert [item.name for item in report.fetched] == ["Talk 5"]


def test_nothing_is_asked_of_a_slot_without_consent_or_licence(site, talks, tmp_path):
    without = [
        Playlist(id="a", url=talks.url, licence="CC0-1.0"),
        Playlist(id="b", url=talks.url, consent=CONSENT),
        slot(talks.url, id="c", enabled=False),
    ]
    with pytest.raises(PlaylistError, match=r"none of 3 slots may be fetched \(a: no recorded consent"):
        download(without, tmp_path, FAST)
    assert site.asked == []
    report = download([*without, talks], tmp_path, FAST)
    assert set(report.refused) == {"a", "b"} and report.empty == ["c"]
    assert {item.playlist for item in report.fetched} == {"talks"}


def test_what_was_fetched_is_put_aside_once_consent_is_withdrawn_and_comes_back_with_it(site, talks, tmp_path):
    site.files["/other.wav"] = sound(9)
    other = slot(site.address + "/other.wav", id="other")
    download([talks, other], tmp_path, FAST)
    before = [recording.file for recording in list_recordings(tmp_path)]
    withdrawn = talks.model_copy(update={"consent": Consent(**CONSENT | {"withdrawn": "2026-02-01"})})
    said = []
    report = download([withdrawn, other], tmp_path, FAST, said.append)
    assert [recording.facts["playlist"] for recording in list_recordings(tmp_path)] == ["other"]
    assert "withdrawn on 2026-02-01" in report.refused["talks"] and any(".refused" in line for line in said)
    with pytest.raises(PlaylistError):  # also where nothing else is left to fetch
        download([withdrawn], tmp_path, FAST)
    site.asked.clear()
    assert len(download([talks, other], tmp_path, FAST).skipped) == 4
    assert [recording.file for recording in list_recordings(tmp_path)] == before
    assert not any(path in site.count() for path in ("/0.wav", "/1.wav", "/2.wav"))


def test_facts_follow_the_list_when_consent_grows(talks, tmp_path):
    download([talks], tmp_path, FAST)
    wider = Consent(**CONSENT | {"scope": [*CONSENT["scope"], "publication"]})
    download([talks.model_copy(update={"consent": wider, "persona": "warm"})], tmp_path, FAST)
    for recording in list_recordings(tmp_path):
        assert recording.facts["consent"]["scope"] == ["publication", "training", "transcription"]
        assert recording.facts["persona"] == "warm" and recording.facts["title"].startswith("Talk")
    download([talks], tmp_path, FAST)
    assert not any("persona" in recording.facts for recording in list_recordings(tmp_path))


def test_most_takes_the_first_of_a_playlist(talks, tmp_path):
    report = download([talks], tmp_path, FAST.model_copy(update={"most": 2}))
    assert [item.name for item in report.fetched] == ["Talk 0", "Talk 1"]


def test_a_folder_of_an_odd_name_is_taken_literally(talks, tmp_path):
    folder = tmp_path / "50% of $HOME %(id)s"
    report = download([talks], folder, FAST)
    assert len(list_recordings(folder)) == len(report.fetched) == 3


def test_cookies_that_are_not_there_are_named(talks, tmp_path):
    with pytest.raises(PlaylistError, match="settings.cookies.*no such file"):
        download([talks], tmp_path, FAST.model_copy(update={"cookies": str(tmp_path / "cookies.txt")}))


def test_cookies_go_with_every_question(site, talks, tmp_path):
    jar = tmp_path / "cookies.txt"
    jar.write_text("# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tpass\tword\n")
    report = download([talks], tmp_path / "out", FAST.model_copy(update={"cookies": str(jar)}))
    assert len(report.fetched) == 3 and "pass=word" in site.cookies
