"""The ``otak`` command."""

from __future__ import annotations

import argparse
import os
import sys

import edge_app
from edge_app.commands import page, pin, predict, serve
from edge_app.commands.terminal import complain, say
from edge_app.errors import BundleError, OtakError

COMMANDS = {
    "predict": (predict, "read pictures"),
    "serve": (serve, "serve the page"),
    "pin": (pin, "set the PIN of serve --lan"),
    "page": (page, "write the page as one file, for phones"),
}


def main() -> int:
    """Runs the command line.

    Returns:
        The exit code: 0; 1 where a picture couldn't be read, no slice of a study could be judged, or the
        server couldn't start; 2 for wrong arguments or a bad bundle; 130 after Ctrl-C; 141 where nobody reads
        the output any longer.
    """
    arguments = _parser().parse_args()
    # A file name may hold bytes that no encoding prints.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code: int = arguments.run(arguments)
        return code
    except BundleError as error:
        complain(str(error))
        return 2
    except OtakError as error:
        complain(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Python flushes once more on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="otak",
        description="Tells glioma, meningioma, pituitary tumour or none of them from a slice of a brain MRI.",
        epilog=say("disclaimer"),
    )
    parser.add_argument("--version", action="version", version=f"otak {edge_app.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, epilog=parser.epilog)
        module.add(command)
        command.set_defaults(run=module.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
