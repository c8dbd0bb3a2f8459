"""What an interrupted measurement had finished is not measured again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from edge_app import records

SCHEMA = 5

T = TypeVar("T")


def resumed(path: Path, kind: type[T], make: Callable[[], T]) -> T:
    """Reads the record that an earlier, interrupted call kept; else makes and keeps it.

    Args:
        path: Where the record is kept.
        kind: Its dataclass.
        make: Measures it.

    Raises:
        RecordError: The file is broken, or can't be written.
    """
    if path.is_file():
        return records.read(path, kind, SCHEMA)
    made = make()
    records.write(path, made, SCHEMA)
    return made


def key_of(*facts: Any) -> str:
    """Returns a short name for what a measurement depends on."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
