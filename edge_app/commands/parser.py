"""``argparse``, in the language of whoever types."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, TypeAlias

from edge_app.commands.terminal import say

if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]

# What Python's own parser says, by what it says in English. What a newer Python says otherwise stays English.
SENTENCES = {
    "id": {
        "usage: ": "pemakaian: ",
        "options": "opsi",
        "positional arguments": "argumen",
        "show this help message and exit": "tampilkan bantuan ini, lalu selesai",
        "%(prog)s: error: %(message)s\n": "%(prog)s: galat: %(message)s\n",
        "argument %(argument_name)s: %(message)s": "argumen %(argument_name)s: %(message)s",
        "the following arguments are required: %s": "argumen ini wajib ada: %s",
        "one of the arguments %s is required": "salah satu argumen ini wajib ada: %s",
        "unrecognized arguments: %s": "argumen tidak dikenal: %s",
        "not allowed with argument %s": "tidak boleh bersama argumen %s",
        "expected one argument": "perlu satu nilai",
        "expected at most one argument": "paling banyak satu nilai",
        "expected at least one argument": "perlu sedikitnya satu nilai",
        "ignored explicit argument %r": "tidak menerima nilai %r",
        "invalid %(type)s value: %(value)r": "nilai %(value)r tidak sah (%(type)s)",
        "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r tidak ada (pilih: %(choices)s)",
        "ambiguous option: %(option)s could match %(matches)s": "opsi %(option)s dapat berarti %(matches)s",
    }
}


def add_commands(parser: argparse.ArgumentParser) -> Commands:
    """Has a parser take one of the sub-commands that are added to what is returned."""
    return parser.add_subparsers(required=True, metavar=say("cli.metavar.command"))


def add_command(commands: Commands, name: str, summary: str) -> argparse.ArgumentParser:
    """Adds a sub-command; returns its parser."""
    return commands.add_parser(name, help=summary, description=summary, epilog=say("disclaimer"))


def speak(language: str) -> None:
    """Has ``argparse`` speak a language from here on; it asks ``_`` for every text."""
    texts = SENTENCES.get(language, {})
    argparse._ = lambda text: texts.get(text, text)  # type: ignore[attr-defined]
