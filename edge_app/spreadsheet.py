"""Tables for spreadsheets, written as the page writes its own (``web/src/readings/export.ts``)."""

from __future__ import annotations

from collections.abc import Iterable

Cell = str | int | float | None


def line(cells: Iterable[Cell]) -> str:
    """Returns one line of a CSV file: probabilities with four decimals, and nothing that would be run."""
    return ",".join(map(_written, cells)) + "\r\n"


def harmless(text: str) -> str:
    """Returns a text that a spreadsheet doesn't run, as it would what begins like a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _written(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:.4f}"
    text = harmless("" if cell is None else str(cell))
    quoted = any(letter in text for letter in '",\r\n')
    return '"' + text.replace('"', '""') + '"' if quoted else text
