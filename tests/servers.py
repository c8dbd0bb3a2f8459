"""Servers that tests start in threads."""

import threading

from waitress.server import BaseWSGIServer

from edge_app import Classifier
from edge_app.server import create_app, create_server


def stop(server: BaseWSGIServer) -> None:
    """Closes a server from its own thread, which waits on the very sockets that are closed."""
    closed = threading.Event()

    def close() -> None:
        server.close()
        closed.set()

    server.trigger.pull_trigger(close)
    assert closed.wait(10)


class Served:
    """A classifier's app on a port of its own, until it is closed."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self._app = create_app(classifier)
        self._server = create_server(self._app, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self._server.effective_port}"
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()

    def replace(self, classifier: Classifier) -> None:
        """Goes on with another model, as after an update of the device."""
        self._app.wsgi_app = create_app(classifier).wsgi_app  # type: ignore[method-assign]

    def close(self) -> None:
        stop(self._server)
