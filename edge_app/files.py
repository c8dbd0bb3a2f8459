"""What a picture may come from, and the bytes of a file; nothing here decodes."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge_app.errors import UnreadableImage

if TYPE_CHECKING:
    from edge_app.dicom import DicomFile  # a decoder

Source: TypeAlias = "str | Path | bytes | DicomFile | Image.Image | NDArray[np.uint8]"

MAX_MEGABYTES = 20
MAX_BYTES = MAX_MEGABYTES * 1_000_000


class IrregularFile(OSError):
    """A folder, a pipe or a device."""


def open_file(path: Path) -> BinaryIO:
    """Opens a file that can be read to an end; what would wait for a writer, or never end, is none.

    Raises:
        OSError: There is no such file, or it is a folder, a pipe or a device.
        ValueError: The path holds a null byte.
    """
    # To open a device may do something already.
    if not stat.S_ISREG(path.stat().st_mode):
        raise IrregularFile(path)
    # Another may have taken its place: a pipe is opened at once, to be looked at.
    opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise IrregularFile(path)
    return os.fdopen(opened, "rb")


def read_file(path: Path, name: str) -> bytes:
    """Returns the bytes of a file, but no more than tell that it is too large.

    Raises:
        UnreadableImage: It is missing, a folder, a pipe or a device.
    """
    try:
        # Looking alone may fail: where a folder above is closed, or the name is longer than a system takes.
        if path.is_dir():
            raise UnreadableImage("directory", name=name)
        with open_file(path) as file:
            return file.read(MAX_BYTES + 1)
    except IrregularFile:
        raise UnreadableImage("no_regular_file", name=name) from None
    # A path with a null byte is a ValueError.
    except (OSError, ValueError):
        raise UnreadableImage("missing", name=name) from None
