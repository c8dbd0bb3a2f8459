"""ZIP files, opened and unpacked without trust in what they say of their size."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from edge_app.errors import ImageTooLarge, UnreadableImage
from edge_app.files import MAX_BYTES, MAX_MEGABYTES

MAX_DIRECTORY = 1_000_000  # bytes of its list of entries; once read each takes ten times as many
# What Python raises on damaged ones.
FAULTS = (BadZipFile, EOFError, OSError, OverflowError, RuntimeError, ValueError, struct.error, zlib.error)


class Clamped(io.BufferedReader):
    """Reads no more at once than a ZIP file's list of entries may take."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Reads as its parent does, at most so much."""
        if size is None or not 0 <= size <= MAX_DIRECTORY:
            size = MAX_DIRECTORY
        return super().read(size)


@contextmanager
def open_zip(content: str | Path | bytes) -> Iterator[ZipFile]:
    """Opens a ZIP file, by its path or its bytes.

    Raises:
        Any of ``FAULTS``: It is none, or its list of entries is too long.
    """
    raw = io.BytesIO(content) if isinstance(content, bytes) else io.FileIO(content)
    with Clamped(raw) as file, ZipFile(file) as archive:
        yield archive


def unpack(archive: ZipFile, entry: ZipInfo, name: str) -> bytes:
    """Returns the bytes of one file in it.

    Args:
        archive: Opened by ``open_zip``.
        entry: The file in it.
        name: What errors call it.

    Raises:
        ImageTooLarge: It says that it has more than ``MAX_BYTES``; no more are unpacked.
        UnreadableImage: It is encrypted, damaged, or packed in a way other than ZIP's own.
    """
    if entry.flag_bits & 1:
        raise UnreadableImage("zip_encrypted", name=name)
    if entry.file_size > MAX_BYTES:
        raise ImageTooLarge("too_many_bytes", name=name, limit=MAX_MEGABYTES)
    # The other methods of Python's unpack without a limit.
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise UnreadableImage("zip", name=name)
    try:
        with archive.open(entry) as file:
            return file.read(entry.file_size)
    except FAULTS:
        raise UnreadableImage("zip", name=name) from None
