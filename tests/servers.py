"""Servers that tests start in threads."""

import threading

from waitress.server import BaseWSGIServer


def stop(server: BaseWSGIServer) -> None:
    """Closes a server from its own thread, which waits on the very sockets that are closed."""
    closed = threading.Event()

    def close() -> None:
        server.close()
        closed.set()

    server.trigger.pull_trigger(close)
    assert closed.wait(10)
