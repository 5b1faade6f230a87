"""Exports as zip files behind a route that asks who is there, outside every folder that Gradio serves."""

import re
import secrets
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import Any

from pixel.review import ReviewDatabase, ReviewError
from review_pages.people import ADMINS, Desk

KEPT = 3  # exports at a time; older ones are removed
NAME = re.compile(r"[A-Za-z0-9_-]{20,60}\.zip")


class Exports:
    """
    Exports of this run of the server.

    Attributes:
        folder: temporary and readable for this user only; gone when the process is.
    """

    def __init__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="pixel-review-")
        self.folder = Path(self._temporary.name)
        self._lock = threading.Lock()

    def make(self, store: ReviewDatabase, by: str) -> str:
        """Write an export and return its name, which nobody can guess."""
        with self._lock:
            name = f"{secrets.token_urlsafe(24)}.zip"
            files = self.folder / "files"
            try:
                store.export(files, by=by)
                with zipfile.ZipFile(self.folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
                    for file in sorted(files.rglob("*")):
                        if file.is_file():
                            archive.write(file, file.relative_to(files).as_posix())
            finally:
                shutil.rmtree(files, ignore_errors=True)
            for old in sorted(self.folder.glob("*.zip"), key=lambda file: file.stat().st_mtime_ns)[:-KEPT]:
                old.unlink(missing_ok=True)
            return name

    def file(self, name: str) -> Path | None:
        """The file of that name, or `None`."""
        if not NAME.fullmatch(name):
            return None
        file = self.folder / name
        return file if file.is_file() else None


def add_route(app: Any, desk: Desk, exports: Exports, signed_in: Any) -> None:
    """
    `GET /export/NAME`: an admin gets the file; everybody else is refused, and a wrong name is not found.

    Args:
        app: FastAPI application.
        signed_in: request -> the name that was signed in with, or `None`.
    """
    from fastapi import Request
    from fastapi.responses import FileResponse, JSONResponse

    def download(name: str, request: Request):
        try:
            desk.person(signed_in(request), ADMINS)
        except ReviewError as error:
            return JSONResponse({"error": str(error)}, status_code=403)
        file = exports.file(name)
        if file is None:
            return JSONResponse({"error": "There is no such export. Prepare it again."}, status_code=404)
        return FileResponse(file, media_type="application/zip", filename="pixel-review-export.zip")

    app.add_api_route("/export/{name}", download, methods=["GET"], include_in_schema=False)
