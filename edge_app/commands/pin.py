"""``otak pin``: another PIN for ``otak serve --lan``."""

from __future__ import annotations

import argparse
import sys
from getpass import getpass

from edge_app.commands.terminal import complain, say, spoken
from edge_app.lan import pin
from edge_app.lan.state import State, StateError, default_folder

LENGTHS = {"shortest": pin.SHORTEST, "longest": pin.LONGEST}


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes: nothing, since others see what is typed after a command."""
    parser.description = say("lan.pin.description", **LENGTHS)


def run(_: argparse.Namespace) -> int:
    """Sets the PIN; returns the exit code."""
    try:
        state = State(default_folder())
        typed = _typed()
        if typed is None:
            complain(say("lan.pin.differ"))
            return 1
        chosen = typed or pin.new_pin()
        pin.set_pin(state, chosen)
    except pin.WeakPin:
        complain(say("lan.pin.weak", **LENGTHS))
        return 1
    except StateError as error:
        complain(error.sentence(spoken()))
        return 1
    print(say("lan.pin.set") if typed else say("lan.pin.made", pin=chosen))
    return 0


def _typed() -> str | None:
    """Returns what was typed, perhaps nothing; None where it was typed twice and differed."""
    if not sys.stdin.isatty():
        return "".join(sys.stdin.readline().split())
    first = _hidden("lan.pin.ask")
    return None if first and _hidden("lan.pin.again") != first else first


def _hidden(question: str) -> str:
    return "".join(getpass(f"{say(question, **LENGTHS)} ").split())
