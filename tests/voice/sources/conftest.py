"""A site on this machine: feeds with recordings, and every way in which a site can misbehave."""

import io
import threading
import wave
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest


class Site:
    """
    Attributes:
        files: path -> content.
        asked: (path, first byte asked for) in order.
        cookies: sent with any question.
        failures: path -> answers, used up in order: a status, `""` (all is well), or `"cut"` (half of the
            content, then the line goes dead).
    """

    def __init__(self):
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, int]] = []
        self.failures: dict[str, list] = {}
        self.address = ""
        self.cookies: set[str] = set()

    def feed(self, path: str, items: dict[str, str], guids: dict[str, str] | None = None) -> str:
        """An RSS feed of title -> path; the address it stands at."""
        lines = []
        for title, file in items.items():
            guid = f"<guid>{guids[title]}</guid>" if guids else ""
            url = f'<enclosure url="{self.address}{file}" type="audio/wav" length="1"/>'
            lines.append(f"<item><title>{title}</title>{guid}{url}<description>long talk</description></item>")
        head = "<channel><title>Talks</title><description>words</description>"
        self.files[path] = f'<?xml version="1.0"?><rss version="2.0">{head}{"".join(lines)}</channel></rss>'.encode()
        return self.address + path

    def count(self) -> Counter:
        return Counter(path for path, _ in self.asked)


def sound(seed: int, seconds: float = 0.5) -> bytes:
    """A wav file of noise."""
    samples = (np.random.default_rng(seed).standard_normal(int(16_000 * seconds)) * 3000).astype("<i2")
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())
    return stream.getvalue()


@pytest.fixture
def site():
    place = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path, content = self.path, place.files.get(self.path)
            begin = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
            place.asked.append((path, begin))
            place.cookies.add(self.headers.get("Cookie", ""))
            failure = place.failures.get(path) and place.failures[path].pop(0)
            if content is None or isinstance(failure, int):
                self.send_error(failure or 404)
                return
            self.send_response(206 if "Range" in self.headers else 200)
            if "Range" in self.headers:
                self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Type", "audio/wav" if path.endswith(".wav") else "application/rss+xml")
            self.send_header("Content-Length", str(len(content) - begin))
            self.send_header("Accept-Ranges", "bytes")
            self.end_headers()
            rest = content[begin:]
            try:
                self.wfile.write(rest[: len(rest) // 2] if failure == "cut" else rest)
            except (BrokenPipeError, ConnectionResetError):
                pass  # who only wanted to look at the beginning hangs up
            self.close_connection = True

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    place.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield place
    server.shutdown()
    server.server_close()
