"""What tests send to the page in a browser."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from playwright.sync_api import Page


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def file(data: bytes, name: str = "slice.jpg") -> dict[str, Any]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


def read(page: Page, *files: dict[str, Any]) -> None:
    page.set_input_files("#file", list(files))
    page.wait_for_selector(".result, .alert", timeout=60_000)
