"""How a command of the workshop ends: its work done, or one sentence and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from edge_app.errors import OtakError


def exit_code(work: Callable[[], int | None], lost: str, place: Path | None = None) -> int:
    """Does a command's work.

    Args:
        work: What to do; may return an exit code of its own.
        lost: What to say of the work where it broke off.
        place: The folder to name where the system names no file.

    Returns:
        0, or what the work returned; 2 after an error that was told in one sentence; 130 after Ctrl-C.
    """
    try:
        return work() or 0
    except OtakError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or place}: {error.strerror}; {lost}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"Interrupted; {lost}", file=sys.stderr)
        return 130
