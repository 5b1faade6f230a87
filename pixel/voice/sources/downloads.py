"""Fetching playlists: each recording once, over as many runs as it takes, and never without consent."""

import random
import re
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from pixel.voice.sources.failures import failed_before, note_failures
from pixel.voice.sources.fetcher import entries_of, open_fetcher, still_on_air
from pixel.voice.sources.playlists import Playlist, PlaylistError
from pixel.voice.sources.report import DownloadReport, Item
from pixel.voice.sources.settings import DownloadSettings
from pixel.voice.sources.upkeep import ASIDE, bring_back, put_aside, refresh, without_slot

_AGAIN = (408, 425, 429, 500, 502, 503, 504)  # answers of a server that may be another in a while


def download(
    playlists: Sequence[Playlist],
    folder: str | Path,
    settings: DownloadSettings | None = None,
    say: Callable[[str], None] | None = None,
) -> DownloadReport:
    """
    Bring what is not there yet. Killed and started again, it goes on: what is complete stands in the archive file
    and is not asked for again, what is half there is continued.

    One recording that fails stops nothing; `give_up_after` in a row leave the rest of the playlist to the next run,
    which takes those that failed last, so that a row of deleted recordings does not hide what comes after it.
    Sidecars follow what the list says of licence and consent today. What was fetched of a slot that is refused now,
    e.g. because the consent was withdrawn, is put aside in `.refused`, where nothing reads it, until that changes. A
    folder whose slot was taken out of the list stays as it is, and is said.

    Args:
        playlists: of `load_playlists`. Slots that are empty, disabled or refused are reported, not fetched.
        folder: gets one folder a slot, `.archive.txt`, and beside every recording a sidecar `NAME.info.json` of
            facts: address, channel, title, length, date, licence, consent, slot.
        settings: see `DownloadSettings`.
        say: told one line for every recording that came or failed.

    Raises:
        ModuleNotFoundError: yt-dlp is not installed (extra `voice`).
        PlaylistError: no slot is ready, or the file of cookies is not there.
    """
    settings, folder, say = settings or DownloadSettings(), Path(folder), say or (lambda line: None)
    states = {slot.id: slot.state for slot in playlists}
    report = DownloadReport(
        refused={id: state.removeprefix("refused: ") for id, state in states.items() if state.startswith("refused")},
        empty=[id for id, state in states.items() if state in ("empty", "disabled")],
    )
    for slot in playlists:
        if slot.id in report.refused and put_aside(folder, slot):
            say(f"{slot.id}: what was fetched lies in {folder / ASIDE / slot.id} now ({report.refused[slot.id]})")
    for name in without_slot(folder, states):
        say(f"{name}: stands in the list no more and is still used. Mend: move {folder / name} away, or list it again")
    if "ready" not in states.values():
        why = next((f"{id}: {reason}" for id, reason in report.refused.items()), "all are empty or disabled")
        mend = "fill url, licence and consent of a slot"
        raise PlaylistError(f"none of {len(states)} slots may be fetched ({why})", field="playlists", mend=mend)
    folder.mkdir(parents=True, exist_ok=True)
    for slot in playlists:
        if states[slot.id] == "ready":
            say(f"{slot.id}: {slot.url}")
            bring_back(folder, slot)
            refresh(folder, slot)
            with open_fetcher(folder, slot, settings) as fetcher:
                _playlist(fetcher, slot, folder, settings, report, say)
    return report


def _playlist(fetcher, slot: Playlist, folder: Path, settings: DownloadSettings, report: DownloadReport, say) -> None:
    """All recordings of one slot, those that failed in an earlier round last."""
    from yt_dlp.utils import YoutubeDLError

    try:
        entries = _patiently(lambda: list(islice(entries_of(fetcher, slot), settings.most)), settings)
    except YoutubeDLError as error:
        report.failed.append(Item(slot.id, slot.url, reason=_reason(error)))
        say(f"{slot.id}: {report.failed[-1].reason}")
        return
    before = failed_before(folder, slot.id)
    entries.sort(key=lambda entry: before.index(entry.get("id")) if entry.get("id") in before else -1)
    failed = _entries(fetcher, slot, entries, folder, settings, report, say)
    there = {entry.get("id") for entry in entries if fetcher.in_download_archive(entry)}
    note_failures(folder, slot.id, [id for id in before if id not in there and id not in failed] + failed)


def _entries(
    fetcher, slot: Playlist, entries: list[dict], folder: Path, settings, report: DownloadReport, say
) -> list[str]:
    """Fetches one after the other; the ids of those that were tried and did not come."""
    in_a_row, failed = 0, []
    for index, entry in enumerate(entries, 1):
        name = str(entry.get("title") or entry.get("id") or entry.get("url"))
        if entry.get("id") and fetcher.in_download_archive(entry):
            report.skipped.append(Item(slot.id, name, reason="in the archive"))
            continue
        if in_a_row >= settings.give_up_after:
            reason = f"not tried: {in_a_row} before it failed"
            report.failed += [Item(slot.id, str(left.get("title") or left.get("url")), reason=reason) for left in
                              entries[index - 1 :] if not fetcher.in_download_archive(left)]  # fmt: skip
            say(f"{slot.id}: given up after {in_a_row} failures in a row; the next run goes on")
            break
        item, place = _item(fetcher, slot, entry, name, folder, settings), f"{slot.id} {index}/{len(entries)}"
        in_a_row = in_a_row + 1 if item.reason else 0
        failed += [entry["id"]] if item.reason and entry.get("id") else []
        (report.failed if item.reason else report.fetched).append(item)
        say(f"{place}: {item.file or name}{f': {item.reason}' if item.reason else ''}")
    return failed


def _item(fetcher, slot: Playlist, entry: dict[str, Any], name: str, folder: Path, settings: DownloadSettings) -> Item:
    """One recording: fetched, or why not."""
    from yt_dlp.utils import YoutubeDLError

    def fetch():
        # an own copy: a try must not see what the last one changed
        return fetcher.process_ie_result(dict(entry), download=True, extra_info={"playlist_id": slot.id})

    try:
        info = _patiently(fetch, settings) or {}
    except (YoutubeDLError, OSError) as error:
        return Item(slot.id, name, reason=_reason(error))
    files = [done["filepath"] for done in info.get("requested_downloads") or () if done.get("filepath")]
    if files:
        return Item(slot.id, str(info.get("title") or name), Path(files[0]).relative_to(folder).as_posix())
    if info.get("_type") in ("playlist", "multi_video"):
        return Item(slot.id, name, reason="is a list within a list; give it a slot of its own")
    return Item(slot.id, name, reason=still_on_air(info) or "the site gave no file")


def _patiently(attempt: Callable[[], Any], settings: DownloadSettings) -> Any:
    """`attempt()`, again after a pause where it failed for the moment; half of a pause at least, so that many do not
    come back at once."""
    from yt_dlp.utils import YoutubeDLError

    for tries in range(1, settings.retries + 2):
        try:
            return attempt()
        except YoutubeDLError as error:
            if tries > settings.retries or not _may_pass(error):
                raise
            time.sleep(settings.wait(tries) * random.uniform(0.5, 1.0))


def _may_pass(error: BaseException) -> bool:
    """
    Whether a failure is of the moment: a server's error, too many requests, a lost connection. A download that yt-dlp
    itself tried again as often as it may names no cause any more, and is not tried once more here.
    """
    from yt_dlp.networking.exceptions import HTTPError, TransportError

    seen: list[BaseException | None] = [error]
    while seen:
        cause = seen.pop()
        if isinstance(cause, HTTPError):
            return cause.status in _AGAIN
        if isinstance(cause, TransportError):
            return True
        if cause is not None:
            seen += [getattr(cause, "cause", None), (getattr(cause, "exc_info", None) or (None, None))[1]]
    return False


def _reason(error: BaseException) -> str:
    """What went wrong, in one line, without yt-dlp's colours, marks and appeals."""
    line = (str(error) or type(error).__name__).splitlines()[0]
    line = re.sub(r"\x1b\[[0-9;]*m", "", line).removeprefix("ERROR: ")
    line = re.sub(r"^\[[\w:.+-]+\] (?:\S+: )?", "", line)
    return re.split(r"; please report this issue|\(caused by |Use --", line)[0].strip(" .;") or type(error).__name__
