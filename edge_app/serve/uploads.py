"""The pictures of a request, kept in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import PureWindowsPath

from flask import Request, request

from edge_app.errors import ImageError
from edge_app.files import MAX_MEGABYTES
from edge_app.serve.context import say
from edge_app.sources import printable

MAX_REQUEST = MAX_MEGABYTES * 1_000_000 + 100_000  # a file and the form around it
FORM = "multipart/form-data"
PICTURES = (FORM, "image/*", "application/dicom", "application/octet-stream")


class NoFile(ImageError):
    """A request came without a picture."""


class MemoryRequest(Request):
    """A request that keeps uploads in memory, so that no picture ever touches a disk."""

    def _get_file_stream(self, *_: object, **__: object) -> io.BytesIO:
        return io.BytesIO()


def uploads() -> Iterator[tuple[str, bytes]]:
    """Yields the base name and the bytes of each file, at least one: of the form, or the body itself."""
    if request.mimetype != FORM:
        if not request.content_length:
            raise NoFile("no_file")
        yield _base(request.args.get("name", "")), request.get_data(cache=False)
        return
    found = False
    for upload in request.files.getlist("file"):
        if upload.filename:
            found = True
            yield _base(upload.filename), upload.read()
    if not found:
        raise NoFile("no_file")


def _base(name: str) -> str:
    # Windows' rules know both kinds of slashes.
    return printable(PureWindowsPath(name).name)[-100:] or say("page.upload")
