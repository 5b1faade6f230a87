"""How to fetch: pauses, speed, patience. The block `settings:` of a list of playlists."""

from pydantic import BaseModel, ConfigDict, Field, model_validator


class DownloadSettings(BaseModel):
    """
    Attributes:
        sleep: seconds to wait before a download, drawn between `sleep` and `sleep_most`.
        sleep_most: see `sleep`; at least as much.
        sleep_requests: seconds between questions to the site while it looks for recordings.
        rate_limit: bytes a second at most, or `None`.
        retries: how often a download, a page and an item that failed for the moment (a server's error, too many
            requests, a lost connection) are tried again.
        backoff, backoff_most: seconds before the first such try; every further one waits twice as long, up to
            `backoff_most`.
        timeout: seconds without an answer after which a connection counts as lost.
        give_up_after: failures in a row after which the rest of a playlist is left for the next run, which tries what
            failed last.
        most: recordings of a playlist at most, in its order, or `None` for all.
        cookies: file of cookies in Netscape's format, for what only a signed-in person may hear; yt-dlp writes the
            cookies that a site renews back into it.
        format: in yt-dlp's words. The default takes the best sound without a picture where there is one, and changes
            nothing in it: no ffmpeg is needed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    sleep: float = Field(default=2.0, ge=0, le=3600)
    sleep_most: float = Field(default=6.0, ge=0, le=3600)
    sleep_requests: float = Field(default=1.0, ge=0, le=3600)
    rate_limit: int | None = Field(default=None, ge=1)
    retries: int = Field(default=5, ge=0, le=100)
    backoff: float = Field(default=2.0, ge=0, le=3600)
    backoff_most: float = Field(default=120.0, ge=0, le=86_400)
    timeout: float = Field(default=30.0, gt=0, le=600)
    give_up_after: int = Field(default=10, ge=1)
    most: int | None = Field(default=None, ge=1)
    cookies: str | None = None
    format: str = "bestaudio/best"

    @model_validator(mode="after")
    def _ordered(self):
        if self.sleep_most < self.sleep:
            raise ValueError(f"sleep_most ({self.sleep_most:g}) is less than sleep ({self.sleep:g})")
        return self

    def wait(self, tries: int) -> float:
        """
        Seconds to wait after `tries` failures (from 1).

        Example:
            >>> [DownloadSettings(backoff=2, backoff_most=10).wait(tries) for tries in (1, 2, 3, 4)]
            [2.0, 4.0, 8.0, 10.0]
        """
        return min(self.backoff * 2.0 ** min(tries - 1, 30), self.backoff_most)
