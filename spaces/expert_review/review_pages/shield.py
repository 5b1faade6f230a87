"""What every request passes first: no oversized bodies, no requests from other sites, headers that keep pages in."""

import json
import os
from urllib.parse import urlsplit

BODY = 256 * 1024  # bytes of a call; a comment of 10,000 characters and a long edit are far below
UPLOAD = 20 * 1024 * 1024  # bytes of an uploaded file of conversations
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class Shield:
    """
    Pure ASGI middleware.

    A body over the limit is answered with 413 before anything reads it; a `POST` whose `Origin` is another host with
    403 (a page elsewhere cannot act with a reviewer's cookie). Pages and answers are not to be kept by any cache.

    Args:
        app: the application behind.
        body, upload: byte limits of calls and of `/gradio_api/upload`.
    """

    def __init__(self, app, body: int = BODY, upload: int = UPLOAD):
        self.app, self.body, self.upload = app, body, upload

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["path"]
        limit = self.upload if path.rstrip("/").endswith("/upload") else self.body
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and not _same_origin(headers):
            return await _refuse(send, 403, "This request came from another site and was not carried out.")
        length = headers.get(b"content-length", "0")
        if not length.isdigit() or int(length) > limit:
            return await _refuse(send, 413, f"Too large: at most {limit // 1024} KB are taken. Nothing was saved.")
        seen = 0

        async def counted():
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:  # a body without a true length
                return {"type": "http.disconnect"}
            return message

        async def with_headers(message):
            if message["type"] == "http.response.start":
                extra = list(HEADERS)
                if not path.startswith(("/assets", "/static", "/svelte")):
                    extra.append((b"cache-control", b"no-store"))
                taken = {name for name, _ in extra}
                message["headers"] = [pair for pair in message["headers"] if pair[0].lower() not in taken] + extra
            await send(message)

        await self.app(scope, counted, with_headers)


def _same_origin(headers: dict[bytes, str]) -> bool:
    origin = headers.get(b"origin")
    if origin is None:
        return True
    hosts = {headers.get(b"host"), headers.get(b"x-forwarded-host"), *os.environ.get("SPACE_HOST", "").split(",")}
    return urlsplit(origin).netloc in hosts - {None, ""}


async def _refuse(send, status: int, line: str) -> None:
    body = json.dumps({"error": line, "detail": line}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
