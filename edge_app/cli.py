"""The ``otak`` command."""

from __future__ import annotations

import argparse
import errno
import os
import sys

import edge_app
from edge_app.commands import (
    bundle,
    cases,
    completion,
    doctor,
    info,
    install_service,
    measure,
    page,
    pin,
    predict,
    screen,
    serve,
)
from edge_app.commands.parser import add_command, add_commands, speak
from edge_app.commands.terminal import complain, say, spoken
from edge_app.errors import BundleError, OtakError

COMMANDS = {
    "predict": predict,
    "screen": screen,
    "serve": serve,
    "pin": pin,
    "cases": cases,
    "page": page,
    "bundle": bundle,
    "info": info,
    "doctor": doctor,
    "measure": measure,
    "install-service": install_service,
    "completion": completion,
}
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # where the output goes


def main() -> int:
    """Runs the command line.

    Returns:
        The exit code: 0; 1 where a picture couldn't be read, no slice of a study could be judged, or what was
        asked for couldn't be done; 2 for wrong arguments or a bad bundle; 130 after Ctrl-C; 141 where nobody
        reads the output any longer.
    """
    _open_streams()
    speak(spoken())
    arguments = parser().parse_args()
    # A file name may hold bytes that no encoding prints.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
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
        _drop_output()
        return 141
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        _drop_output()
        complain(say("cli.unwritten", path=say("cli.output"), reason=error.strerror))
        return 1


def parser() -> argparse.ArgumentParser:
    """Returns the parser; ``run`` of what is parsed does the work and returns the exit code."""
    whole = argparse.ArgumentParser(prog="otak", description=say("cli.description"), epilog=say("disclaimer"))
    whole.add_argument(
        "--version", action="version", version=f"otak {edge_app.__version__}", help=say("cli.help.version")
    )
    commands = add_commands(whole)
    for name, module in COMMANDS.items():
        command = add_command(commands, name, say(f"cli.summary.{name}"))
        command.set_defaults(run=module.run, parser=whole)
        module.add(command)
    return whole


def _open_streams() -> None:
    """Leads streams that are closed to nowhere; what is opened next would take their places."""
    while (opened := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(opened, True)  # by workers
    os.close(opened)
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w"))


def _drop_output() -> None:
    # Python flushes once more on its way out.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
