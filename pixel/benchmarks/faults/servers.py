"""What a run talks to over the network, in ways that it should survive: a Hub and a webhook that fail."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USER = {"name": "nobody", "type": "user", "auth": {"accessToken": {"role": "write"}}}


class FailingServer:
    """
    A server on the loopback.

    Args:
        kind: `hub_500` knows who we are and answers everything else with 500; `hub_gone` knows who we are, makes the
            repository and is not there any more from then on; `hub_absent` was never there; `sink_refuses` takes no
            connection; `sink_dies` takes two messages and closes.

    Attributes:
        port: of the server, or a port where nobody listens.
        asked: requests so far.
    """

    def __init__(self, kind: str):
        if kind not in KINDS:
            raise ValueError(f"there is no server {kind!r}; use one of: {', '.join(KINDS)}")
        self.kind, self.asked = kind, 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"owner": self}))
        self.port = self._server.server_port
        if kind in ("hub_absent", "sink_refuses"):
            self._server.server_close()
            self._server = None
        else:
            threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def leave(self) -> None:
        """Be gone: connections are refused from now on."""
        server, self._server = self._server, None
        if server is not None:
            server.socket.close()
            threading.Thread(target=server.shutdown, daemon=True).start()

    def answer(self, method: str, path: str) -> tuple[int, dict]:
        """Status and body for a request."""
        self.asked += 1
        if self.kind.startswith("sink"):
            if self.asked >= 2:
                self.leave()
            return 200, {}
        if path.startswith("/api/whoami"):
            return 200, USER
        if self.kind == "hub_gone":
            self.leave()
            return 200, {"url": f"http://127.0.0.1:{self.port}/nobody/faulty", "id": "nobody/faulty"}
        return 500, {"error": "Internal Server Error"}


KINDS = ("hub_500", "hub_gone", "hub_absent", "sink_refuses", "sink_dies")


class _Handler(BaseHTTPRequestHandler):
    owner: FailingServer
    timeout = 5

    def _any(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, body = self.owner.answer(self.command, self.path)
        said = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)
        self.close_connection = True

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _any

    def log_message(self, *args) -> None:
        pass
