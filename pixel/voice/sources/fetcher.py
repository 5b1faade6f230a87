"""yt-dlp set up to bring sound: nothing twice, nothing re-encoded, patient, and with little written down."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from pixel.voice.sources.playlists import Playlist, PlaylistError
from pixel.voice.sources.recordings import SIDECAR
from pixel.voice.sources.settings import DownloadSettings
from pixel.voice.sources.upkeep import write_sidecar

ARCHIVE = ".archive.txt"
# Facts of the site that a sidecar keeps. Descriptions, comments and addresses that run out are left behind.
KEPT = ("id", "extractor_key", "webpage_url", "channel", "uploader", "title", "duration", "upload_date", "license")


def open_fetcher(folder: Path, playlist: Playlist, settings: DownloadSettings):
    """
    A `YoutubeDL` that brings recordings of one playlist to `folder/ID OF THE SLOT/ID OF THE RECORDING.ending`.

    What was brought is noted in `folder/.archive.txt`, one line each, as soon as it is complete and has its sidecar.

    Raises:
        ModuleNotFoundError: yt-dlp is not installed.
        PlaylistError: the file of cookies is not there.
    """
    from yt_dlp import YoutubeDL

    if settings.cookies and not Path(settings.cookies).expanduser().is_file():
        raise PlaylistError(f"{settings.cookies}: no such file", field="settings.cookies", mend="export it, or null")

    class Fetcher(YoutubeDL):
        def get_output_path(self, dir_type="", filename=None):
            return str(folder / playlist.id / (filename or ""))  # literally: yt-dlp would expand a $ in it

    def wait(n: int) -> float:
        return settings.wait(n + 1)  # yt-dlp counts from 0

    fetcher = Fetcher(
        {
            "format": settings.format,
            "outtmpl": "%(id)s.%(ext)s",
            "match_filter": still_on_air,
            "restrictfilenames": True,
            "trim_file_name": 120,
            "download_archive": str(folder / ARCHIVE),
            "continuedl": True,
            "overwrites": False,
            "fixup": "never",
            "writeinfojson": False,
            "cachedir": False,
            "getcomments": False,
            "noplaylist": False,
            "extract_flat": "in_playlist",
            "ratelimit": settings.rate_limit,
            "retries": settings.retries,
            "fragment_retries": settings.retries,
            "extractor_retries": settings.retries,
            "file_access_retries": settings.retries,
            "skip_unavailable_fragments": False,
            "retry_sleep_functions": dict.fromkeys(("http", "fragment", "extractor", "file_access"), wait),
            "sleep_interval": settings.sleep,
            "max_sleep_interval": settings.sleep_most,
            "sleep_interval_requests": settings.sleep_requests,
            "socket_timeout": settings.timeout,
            "cookiefile": settings.cookies and str(Path(settings.cookies).expanduser()),
            "quiet": True,
            "no_warnings": True,
            "noprogress": True,
            "color": "no_color",
            "logger": _Silence(),
        }
    )
    fetcher.add_post_processor(_sidecar_writer(playlist), when="after_move")
    return fetcher


def entries_of(fetcher, playlist: Playlist) -> Iterator[dict[str, Any]]:
    """
    The recordings of a playlist as yt-dlp lists them, each with `id` and `ie_key` where they can be known without
    asking the site again. Lists within lists (a channel's tabs) are walked through.

    Raises:
        yt_dlp.utils.DownloadError: the playlist, or a list within it, cannot be read.
    """
    yield from _walk(fetcher, playlist.url, fetcher.extract_info(playlist.url, download=False, process=False))


def _walk(fetcher, place: str, found: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    from yt_dlp.utils import YoutubeDLError

    kind = (found or {}).get("_type") or "video"
    if not found:
        return
    if kind in ("url", "url_transparent") and found.get("url") not in (None, place):
        yield from _walk(fetcher, place, _opened(fetcher, found))  # moved: what stands there may be a list
    elif kind not in ("playlist", "multi_video"):
        yield _named(fetcher, place, found)
    else:
        for entry in found.get("entries") or ():
            if entry and _may_be_list(fetcher, entry):
                try:
                    yield from _walk(fetcher, place, _opened(fetcher, entry))
                except YoutubeDLError:
                    yield entry  # fails once more as a recording, and is reported then
            elif entry:
                yield _named(fetcher, place, entry)


def _may_be_list(fetcher, entry: dict[str, Any]) -> bool:
    """Whether an entry has to be opened to know: a channel's tabs are lists, a playlist's videos are none."""
    if entry.get("_type") in ("playlist", "multi_video"):
        return True
    key = entry.get("ie_key")
    if not key or key == "Generic" or (entry.get("_type") or "video") == "video" or fetcher.in_download_archive(entry):
        return False
    return not fetcher.get_info_extractor(key).is_single_video(entry["url"])


def still_on_air(info: dict[str, Any], *, incomplete: bool = False) -> str | None:
    """What is still on air has no end."""
    on_air = info.get("is_live") or info.get("live_status") in ("is_live", "is_upcoming")
    return "is still on air or not begun" if on_air else None


def _opened(fetcher, entry: dict[str, Any]) -> dict[str, Any] | None:
    if "entries" in entry:
        return entry
    return fetcher.extract_info(entry["url"], download=False, process=False, ie_key=entry.get("ie_key"))


def _named(fetcher, place: str, entry: dict[str, Any]) -> dict[str, Any]:
    """
    With an id of its own where yt-dlp would only take the file's name: two feeds may both have an `episode1.mp3`, and
    the archive must not take one for the other.
    """
    from yt_dlp.extractor import gen_extractor_classes
    from yt_dlp.utils import smuggle_url, unsmuggle_url

    if (entry.get("_type") or "video") == "video":
        if entry.get("extractor_key", "Generic") == "Generic":
            return entry | {"id": _digest(place, entry.get("webpage_url") or place), "extractor_key": "Generic"}
        return entry
    address, smuggled = unsmuggle_url(entry["url"], {})
    key = entry.get("ie_key") or next(known.ie_key() for known in gen_extractor_classes() if known.suitable(address))
    if key != "Generic":
        return entry | {"ie_key": key, "id": entry.get("id") or fetcher.get_info_extractor(key).get_temp_id(address)}
    name = _digest(place, smuggled.get("force_videoid") or address)
    return entry | {"id": name, "ie_key": key, "url": smuggle_url(address, smuggled | {"force_videoid": name})}


def _digest(place: str, name: str) -> str:
    return sha256(f"{place}\n{name}".encode()).hexdigest()[:16]


def _sidecar_writer(playlist: Playlist):
    """A step after each download and before its note in the archive: `NAME.info.json`, written whole or not at all."""
    from yt_dlp.postprocessor.common import PostProcessor
    from yt_dlp.utils import unsmuggle_url

    class SidecarWriter(PostProcessor):
        def run(self, info):
            sidecar = Path(info["filepath"]).with_suffix(SIDECAR)
            facts = {name: info[name] for name in KEPT if info.get(name) not in (None, "")}
            facts["webpage_url"] = unsmuggle_url(facts.get("webpage_url") or playlist.url)[0]
            facts |= playlist.facts()
            write_sidecar(sidecar, facts)
            return [], info

    return SidecarWriter()


class _Silence:
    """yt-dlp's messages reach the report as reasons, not the screen."""

    def debug(self, message):
        pass

    info = warning = error = debug
