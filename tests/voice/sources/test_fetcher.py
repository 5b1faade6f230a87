"""What is walked through of a channel, on lists as yt-dlp gives them; no site is asked."""

import pytest

pytest.importorskip("yt_dlp")

from pixel.voice.sources.fetcher import entries_of, open_fetcher, still_on_air
from pixel.voice.sources.playlists import Playlist
from pixel.voice.sources.settings import DownloadSettings

CHANNEL = "https://www.youtube.com/@someone"


def video(id):
    return {"_type": "url", "ie_key": "Youtube", "id": id, "url": f"https://www.youtube.com/watch?v={id}", "title": id}


def tab(name):
    return {"_type": "url", "ie_key": "YoutubeTab", "url": f"{CHANNEL}/{name}"}


@pytest.fixture
def channel(tmp_path):
    """A fetcher to whom each address answers with the list given for it; an error where there is none."""
    from yt_dlp.utils import DownloadError

    def opened(lists):
        slot = Playlist(id="someone", url=CHANNEL)
        fetcher = open_fetcher(tmp_path, slot, DownloadSettings())
        asked = []

        def extract_info(url, **how):
            assert how["process"] is False and how["download"] is False
            asked.append(url)
            if url not in lists:
                raise DownloadError(f"{url} is private")
            return {"_type": "playlist", "entries": iter(lists[url])}

        fetcher.extract_info = extract_info
        return fetcher, slot, asked

    return opened


def test_the_tabs_of_a_channel_are_walked_through_and_its_videos_not_opened(channel):
    lists = {
        CHANNEL: [tab("videos"), tab("shorts")],
        f"{CHANNEL}/videos": [video("aaaaaaaaaaa"), None, video("bbbbbbbbbbb")],
        f"{CHANNEL}/shorts": [video("ccccccccccc")],
    }
    fetcher, slot, asked = channel(lists)
    found = list(entries_of(fetcher, slot))
    assert [entry["id"] for entry in found] == ["aaaaaaaaaaa", "bbbbbbbbbbb", "ccccccccccc"]
    assert asked == list(lists)


def test_a_tab_that_cannot_be_read_hides_no_other(channel):
    fetcher, slot, _ = channel({CHANNEL: [tab("private"), video("aaaaaaaaaaa")]})
    first, second = entries_of(fetcher, slot)
    assert first["url"].endswith("/private") and second["id"] == "aaaaaaaaaaa"


def test_what_is_in_the_archive_is_known_by_its_name_alone(channel, tmp_path):
    (tmp_path / ".archive.txt").write_text("youtube aaaaaaaaaaa\n")
    fetcher, slot, asked = channel({CHANNEL: [video("aaaaaaaaaaa"), video("bbbbbbbbbbb")]})
    assert [fetcher.in_download_archive(entry) for entry in entries_of(fetcher, slot)] == [True, False]
    assert asked == [CHANNEL]


@pytest.mark.parametrize("info", [{"is_live": True}, {"live_status": "is_upcoming"}])
def test_what_is_on_air_or_not_begun_is_left(info):
    assert still_on_air(info) == "is still on air or not begun"
    assert still_on_air({"live_status": "was_live"}) is None
