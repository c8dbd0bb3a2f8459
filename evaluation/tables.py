"""A table: rows of words, for terminals, Markdown and the page alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich import box
from rich.table import Table as Grid
from rich.text import Text

from evaluation.statistics import Estimate

NONE = "-"


@dataclass(frozen=True)
class Table:
    """Rows of words.

    Attributes:
        title: Of the whole.
        columns: Titles; the first column holds words, the others figures.
        rows: As many cells as there are columns.
        note: What the figures mean.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str

    def grid(self) -> Grid:
        """Lays the table out for a terminal."""
        grid = Grid(title=Text(self.title), box=box.SIMPLE)
        for i, column in enumerate(self.columns):
            grid.add_column(column, justify="right" if i else "left")
        for row in self.rows:
            grid.add_row(*map(Text, row))
        return grid

    def markdown(self) -> str:
        """Lays the table out for texts, without its title."""
        marks = [":--", *["--:"] * (len(self.columns) - 1)]
        lines = [f"| {' | '.join(row)} |" for row in (self.columns, marks, *self.rows)]
        return "\n".join([*lines, "", self.note, ""])


def percent(value: Estimate | None) -> str:
    """Writes a share with its interval, in %."""
    return estimate(value, lambda x: f"{100 * x:.1f}")


def estimate(value: Estimate | None, show: Callable[[float], str]) -> str:
    """Writes a figure with its interval."""
    if value is None:
        return NONE
    if value.low is None or value.high is None:
        return show(value.value)
    return f"{show(value.value)} ({show(value.low)} to {show(value.high)})"


def share(value: float | None) -> str:
    """Writes a share, in %."""
    return NONE if value is None else f"{100 * value:.1f}"
