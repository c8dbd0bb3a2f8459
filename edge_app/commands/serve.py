"""``otak serve``: the page and the API for the phones of a network."""

from __future__ import annotations

import argparse
import logging

from edge_app.commands.terminal import add_model, classifier_of, complain


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes."""
    add_model(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8000, help="port, 0 for any free one (default: %(default)s)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serves until it is stopped; returns the exit code."""
    from edge_app.serve.app import create_app
    from edge_app.serve.http import create_server

    # It would warn of every short queue.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    with classifier_of(arguments) as (classifier, workers):
        try:
            # One more than can read, so that the page is still delivered.
            app, threads = create_app(classifier), workers.count + 1
            server = create_server(app, arguments.host, arguments.port, threads)
        # waitress turns a host that can't be resolved into a ValueError.
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            complain(
                f"can't listen on {arguments.host} port {arguments.port} ({reason}); "
                "stop what uses it, or choose another with --host and --port."
            )
            return 1
        host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
        # A host of several addresses has a server for each, and no port of its own.
        port = getattr(server, "effective_port", arguments.port)
        print(f"Otak is at http://{host}:{port}/ (Ctrl-C stops it).", flush=True)
        server.run()
    return 0


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port lies between 0 and 65535")
    return port
