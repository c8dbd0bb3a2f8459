"""``python -m benchmarks``: what every file of some bundles gives and costs, and reports of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks import command_line
from train.outcome import exit_code


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code.

    Returns:
        0; 1 where ``compare`` found a limit passed or ``docs --check`` a text that has drifted; 2 on an
        error; 130 when interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = command_line.parser().parse_args(words)
    return exit_code(lambda: options.run(options, words), "the same command goes on with what is finished.")


if __name__ == "__main__":
    sys.exit(main())
