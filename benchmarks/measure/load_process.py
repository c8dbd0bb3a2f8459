"""``python -m benchmarks.measure.load_process BUNDLE WORKERS``: a server with so many workers.

It prints its port, and serves until SIGTERM.
"""

from __future__ import annotations

import sys

from edge_app.classifier import Classifier
from edge_app.serve.app import create_app
from edge_app.serve.http import Server
from edge_app.workers import Workers


def main() -> None:
    """Serves a bundle."""
    bundle, count = sys.argv[1:]
    with Workers(int(count)) as workers:
        classifier = Classifier.load(bundle, reader=workers)
        server = Server(create_app(classifier), "127.0.0.1", 0, threads=workers.places + 1)
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        server.run()


if __name__ == "__main__":
    main()
