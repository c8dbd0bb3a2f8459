"""``otak install-service``: a device that serves from the moment it has power, and looks after itself."""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
from pathlib import Path

from edge_app import service
from edge_app.commands.terminal import complain, say
from edge_app.lan.addresses import OWN_NAME
from edge_app.state_folder import SERVICE

ROOT = Path("/")
RUNNING = Path("/run/systemd/system")  # there where systemd runs the system
HOMES = (Path("/home"), Path("/root"))
START = (
    ("systemd-sysusers", "/etc/sysusers.d/otak.conf"),
    ("systemctl", "daemon-reload"),
    ("systemctl", "enable", service.NAME),
    ("systemctl", "restart", service.NAME),
)
STOP = (("systemctl", "disable", "--now", service.NAME),)
FORGET = (("systemctl", "daemon-reload"),)


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes."""
    parser.description = say("service.description")
    parser.add_argument("--keep-cases", action="store_true", help=say("cli.help.keep_cases"))
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help=say("service.help.dry_run"))
    what.add_argument("--uninstall", action="store_true", help=say("service.help.uninstall"))


def run(arguments: argparse.Namespace) -> int:
    """Installs the service, or takes it away; returns the exit code."""
    if arguments.dry_run:
        print(service.unit(arguments.keep_cases), end="")
        return 0
    refusal = _refusal(arguments.uninstall)
    if refusal is not None:
        complain(refusal)
        return 1
    try:
        return _uninstall() if arguments.uninstall else _install(arguments.keep_cases)
    except OSError as error:
        complain(say("service.unwritable", path=error.filename, reason=error.strerror))
        return 1


def _refusal(uninstall: bool) -> str | None:
    """Returns why nothing can be done here, if so."""
    if not RUNNING.is_dir() or shutil.which("systemctl") is None:
        return say("service.no_systemd")
    if os.geteuid() != 0:
        return say("service.no_root")
    program = service.program()
    # The service sees no home; and pip --user puts programs elsewhere than Python says.
    if not uninstall and (not program.exists() or any(program.is_relative_to(home) for home in HOMES)):
        return say("service.not_for_all", path=program)
    return None


def _install(keep_cases: bool) -> int:
    service.write(ROOT, keep_cases)
    if not _do(START):
        return 1
    print(say("service.installed", place=SERVICE))
    print(say("service.pin"))
    if f"{socket.gethostname().partition('.')[0].lower()}.local" != OWN_NAME:
        print(say("service.name", name=OWN_NAME))
    return 0


def _uninstall() -> int:
    if service.is_installed(ROOT) and not _do(STOP):
        return 1
    service.remove(ROOT)
    if not _do(FORGET):
        return 1
    print(say("service.uninstalled", place=SERVICE))
    return 0


def _do(commands: tuple[tuple[str, ...], ...]) -> bool:
    """Runs commands of the system until one fails, which says so itself."""
    for command in commands:
        # Of this module's own text.
        if subprocess.run(command, check=False).returncode != 0:  # noqa: S603
            complain(say("service.failed", command=" ".join(command)))
            return False
    return True
