"""The pictures of a request, kept in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import PureWindowsPath

from flask import Request, request

from edge_app.errors import ImageError
from edge_app.image import MAX_MEGABYTES
from edge_app.serve.context import say
from edge_app.sources import printable

MAX_REQUEST = MAX_MEGABYTES * 1_000_000 + 100_000  # a file and the form around it


class NoFile(ImageError):
    """A request came without a picture."""


class MemoryRequest(Request):
    """A request that keeps uploads in memory, so that no picture ever touches a disk."""

    def _get_file_stream(self, *_: object, **__: object) -> io.BytesIO:
        return io.BytesIO()


def uploads() -> Iterator[tuple[str, bytes]]:
    """Yields the base name and the bytes of each file in the form, at least one."""
    found = False
    for upload in request.files.getlist("file"):
        if upload.filename:
            # Windows' rules know both kinds of slashes.
            name = printable(PureWindowsPath(upload.filename).name)[-100:]
            found = True
            yield name or say("page.upload"), upload.read()
    if not found:
        raise NoFile("no_file")
