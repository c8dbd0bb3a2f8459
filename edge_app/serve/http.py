"""The HTTP server below the app."""

from __future__ import annotations

import waitress.server
from flask import Flask

from edge_app.serve.uploads import MAX_REQUEST


def create_server(app: Flask, host: str, port: int, threads: int = 2) -> waitress.server.BaseWSGIServer:
    """Binds waitress to an address; its ``run`` serves until Ctrl-C.

    Args:
        app: Of ``create_app``.
        host: A name or an address.
        port: 0 for any free one.
        threads: Requests answered at a time; others wait.

    Raises:
        OSError: The address can't be had.
        ValueError: The host is unknown.
    """
    return waitress.server.create_server(
        app,
        host=host,
        port=port,
        # Uploads are gathered outside the threads.
        threads=threads,
        # Far above the app's own limit, whose answer is kinder than waitress's.
        max_request_body_size=10 * MAX_REQUEST,
        # What the app accepts is never put into a temporary file.
        inbuf_overflow=MAX_REQUEST,
        ident="otak",
    )
