"""Tables of words, the one way in which figures are laid out: for terminals, Markdown and pages alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge_app.study import FEWEST
from evaluation.parts import PartScore, Share
from evaluation.statistics import Estimate
from evaluation.studies import StudyScore

if TYPE_CHECKING:
    from rich.table import Table as Grid

SCHEMA = 5  # of a table that is kept as JSON
NONE = "-"
SHARES_NOTE = (
    "In %, with 95% intervals from a bootstrap over patients or groups. Right: the most probable answer is "
    "the true one; found: tumours called a tumour, of any type; cleared: slices without one called so. "
    "Answered: by the verdict; wrong: of those answers, in brackets how many of how many; missed: tumours "
    "answered *no tumour*, likewise."
)
PARTS_NOTE = (
    f"{SHARES_NOTE} At 95%: tumours found at the threshold that 95% of the slices without one stay below. It "
    "is taken from the part itself, for `mixed` from `classic`: there are no predictions of folds 1 to 4 by "
    "nets that never saw them. `wide` is the mean over its sources."
)
SEQUENCES_NOTE = (
    f"{SHARES_NOTE} Over all parts; unknown: mostly tumours of the paper's data, on T1 with contrast."
)
PLANES_NOTE = f"{SHARES_NOTE} Over all parts."
STUDIES_NOTE = (
    "In %, with Wilson's 95% intervals, and how many of how many patients. Found: those with a tumour whose "
    "study is called suspicious; cleared: those without one whose study is not. A patient, or a group of "
    f"similar slices where patients are unknown, counts from {FEWEST} slices on."
)
SHARE_COLUMNS = {
    "right": "Right",
    "found": "Found",
    "cleared": "Cleared",
    "found_at_95": "At 95%",
    "answered": "Answered",
    "wrong": "Wrong",
    "missed": "Missed",
}


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
        # A device that evaluates need not have it.
        from rich import box
        from rich.table import Table as Grid
        from rich.text import Text

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


def part_table(title: str, kind: str, scores: Mapping[str, Sequence[PartScore]], note: str) -> Table:
    """Makes a table of parts, sequences or planes; shares that none has are left out.

    Args:
        title: Of the table.
        kind: Of the rows, such as "Part".
        scores: By file; the rows of a single one go without its name.
        note: What the figures mean.
    """
    shown = [
        name for name in SHARE_COLUMNS if any(getattr(part, name) for own in scores.values() for part in own)
    ]
    alone = len(scores) == 1
    rows = tuple(
        (
            *(() if alone else (file,)),
            part.name,
            str(part.slices),
            str(part.groups),
            *(part_share(part, name) for name in shown),
        )
        for file, own in scores.items()
        for part in own
    )
    first = () if alone else ("File",)
    columns = (*first, kind, "Slices", "Groups", *(SHARE_COLUMNS[name] for name in shown))
    return Table(title, columns, rows, note)


def study_table(title: str, scores: Mapping[str, Sequence[StudyScore]]) -> Table:
    """Lays out how files' rules do by patient.

    Args:
        title: Of the table.
        scores: By file; the rows of a single one go without its name.
    """
    alone = len(scores) == 1
    rows = tuple(
        (
            *(() if alone else (file,)),
            each.name,
            str(each.studies),
            str(each.slices),
            *(_counted(share) for share in (each.found, each.cleared)),
        )
        for file, own in scores.items()
        for each in own
    )
    columns = (*(() if alone else ("File",)), "Part", "Patients", "Slices", "Found", "Cleared")
    return Table(title, columns, rows, STUDIES_NOTE)


def part_share(part: PartScore | None, name: str) -> str:
    """Writes one of a part's shares, with its counts where they are small."""
    share = getattr(part, name) if part else None
    if share is None:
        return NONE
    return _counted(share) if name in ("wrong", "missed") else percent(share.estimate)


def _counted(share: Share | None) -> str:
    return NONE if share is None else f"{percent(share.estimate)} [{share.count} of {share.of}]"


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
