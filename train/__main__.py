"""``python -m train``: trains a net; ``audit`` and ``fetch`` look after data, ``tables`` compares nets."""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = {"audit": "train.audit.command", "fetch": "train.data.fetch", "tables": "train.tables"}


def main(arguments: list[str]) -> int:
    """Hands over to a sub-command, or to training, and returns the exit code."""
    module, rest = "train.fit", arguments
    if arguments and arguments[0] in COMMANDS:
        module, rest = COMMANDS[arguments[0]], arguments[1:]
    # Training loads a Keras backend, which takes seconds that the others need not wait.
    return int(import_module(module).main(rest))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
