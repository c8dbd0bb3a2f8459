"""``otak serve``: the page and the API for the phones of a network."""

from __future__ import annotations

import argparse

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
    from edge_app.serve.http import Server

    with classifier_of(arguments) as (classifier, workers):
        try:
            # One more than may wait, so that the next is turned away at once.
            threads = workers.places + 1
            server = Server(create_app(classifier), arguments.host, arguments.port, threads=threads)
        except OSError as error:
            complain(
                f"can't listen on {arguments.host} port {arguments.port} ({error.strerror or error}); "
                "stop what uses it, or choose another with --host and --port."
            )
            return 1
        host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
        print(f"Otak is at http://{host}:{server.port}/ (Ctrl-C stops it).", flush=True)
        server.run()
    return 0


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port lies between 0 and 65535")
    return port
