"""Forms as a browser or a program sends them."""

from __future__ import annotations

import uuid


def form(data: bytes, name: str = "a.jpg") -> tuple[bytes, str]:
    """Returns the body of a form with one file, and its content type."""
    return form_of((data, name))


def form_of(*files: tuple[bytes, str]) -> tuple[bytes, str]:
    """Returns the body of a form with several files, and its content type."""
    boundary = uuid.uuid4().hex
    body = b"".join(_part(data, name, boundary) for data, name in files) + f"--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def _part(data: bytes, name: str, boundary: str) -> bytes:
    quoted = name.replace("\\", "\\\\").replace('"', "%22")
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n\r\n'
    return head.encode() + data + b"\r\n"
