"""Reads a file's kind, size and orientation, and leaves what a decoder needs of it.

The page's twin is `web/src/model/formats/header.ts`; both refuse the same files.
"""

from __future__ import annotations

import struct
from typing import TypeAlias

from edge_app.errors import NotAnImage, UnreadableImage
from edge_app.formats import bmp, jpeg, png, webp
from edge_app.formats.bmp import Bmp
from edge_app.formats.jpeg import Jpeg
from edge_app.formats.png import Png
from edge_app.formats.webp import Webp

Header: TypeAlias = Jpeg | Png | Webp | Bmp


def read_header(data: bytes, name: str) -> Header:
    """Reads what a file says of its picture.

    Raises:
        NotAnImage: It is of no kind that Otak reads.
        UnreadableImage: It ends too early, contradicts itself, or a checksum is wrong.
    """
    try:
        if data.startswith(b"\xff\xd8\xff"):
            header: Header | None = jpeg.read(data)
        elif data.startswith(png.SIGNATURE):
            header = png.read(data)
        elif data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            header = webp.read(data)
        else:
            header = bmp.read(data) if data.startswith(b"BM") else None
    # What is read lies beyond the end of the file, or a rule of the format is broken.
    except (LookupError, struct.error, ValueError):
        raise UnreadableImage("damaged", name=name) from None
    if header is None:
        raise NotAnImage("no_image", name=name)
    return header
