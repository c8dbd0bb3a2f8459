"""``otak bundle``: another model than the one that ships, and the way back."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from edge_app.bundle import Bundle
from edge_app.bundles.errors import InstallError
from edge_app.bundles.place import installed
from edge_app.classifier import SHIPPED
from edge_app.commands.parser import add_command, add_commands
from edge_app.commands.terminal import complain, quiet_interpreter, say, spoken
from edge_app.errors import BundleError
from edge_app.state_folder import bundles_folder


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes."""
    parser.description = say("bundle.help.place", place=bundles_folder())
    commands = add_commands(parser)
    installing = add_command(commands, "install", say("bundle.help.install"))
    installing.add_argument(
        "file", type=Path, metavar=say("cli.metavar.file"), help=say("bundle.help.install.file")
    )
    installing.set_defaults(part=_install)
    add_command(commands, "rollback", say("bundle.help.rollback")).set_defaults(part=_rollback)
    add_command(commands, "list", say("bundle.help.list")).set_defaults(part=_list)


def run(arguments: argparse.Namespace) -> int:
    """Does what the sub-command says; returns the exit code."""
    part: Callable[[argparse.Namespace], None] = arguments.part
    try:
        part(arguments)
    except InstallError as error:
        complain(error.sentence(spoken()))
        return 1
    return 0


def _install(arguments: argparse.Namespace) -> None:
    from edge_app.bundles import store

    with quiet_interpreter():
        bundle = store.install(arguments.file)
    print(say("bundle.installed", name=_name(bundle)))


def _rollback(_: argparse.Namespace) -> None:
    from edge_app.bundles import store

    print(say("bundle.rolled_back", name=_name(store.rollback())))


def _list(_: argparse.Namespace) -> None:
    for each in installed():
        try:
            name = _name(Bundle.load(each.folder))
        except BundleError:
            name = say("bundle.broken")
        ships = say("bundle.ships") if each.folder == SHIPPED else str(each.folder)
        print(f"{'*' if each.is_current else ' '} {name}  {ships}")


def _name(bundle: Bundle) -> str:
    return f"{bundle.name} {bundle.version} ({bundle.file().sha256[:12]})"
