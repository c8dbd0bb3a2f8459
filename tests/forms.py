"""Forms as a browser or a program sends them."""

from __future__ import annotations

import uuid


def form(data: bytes, name: str = "a.jpg") -> tuple[bytes, str]:
    """Returns the body of a form with one file, and its content type."""
    boundary = uuid.uuid4().hex
    quoted = name.replace("\\", "\\\\").replace('"', "%22")
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"
