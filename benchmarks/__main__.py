"""``python -m benchmarks``: what every file of some bundles gives and costs, and reports of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks import command_line
from edge_app.errors import OtakError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code.

    Returns:
        0; 1 where ``compare`` found a limit passed or ``docs --check`` a text that has drifted; 2 on an
        error; 130 when interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = command_line.parser().parse_args(words)
    try:
        code: int = options.run(options, words)
    except OtakError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted; the same command goes on with what is finished.", file=sys.stderr)
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
