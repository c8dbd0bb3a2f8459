"""The tables that tell where every file fails: by part, sequence and plane, the weakest first."""

from __future__ import annotations

from collections.abc import Mapping

from evaluation.parts import Apart, PartScore, Share
from evaluation.tables import NONE, Table, percent

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
SHARE_COLUMNS = {
    "right": "Right",
    "found": "Found",
    "cleared": "Cleared",
    "found_at_95": "At 95%",
    "answered": "Answered",
    "wrong": "Wrong",
    "missed": "Missed",
}


def all_tables(scores: Mapping[str, Apart]) -> dict[str, Table]:
    """Makes every table, by name.

    Args:
        scores: By what the rows are to be called; of a single one, they go without.
    """
    parts = {name: score.parts for name, score in scores.items()}
    sequences = {name: score.sequences for name, score in scores.items()}
    planes = {name: score.planes for name, score in scores.items()}
    return {
        "parts": _table("By part", "Part", parts, PARTS_NOTE),
        "sequences": _table("By sequence", "Sequence", sequences, SEQUENCES_NOTE),
        "planes": _table("By plane", "Plane", planes, f"{SHARES_NOTE} Over all parts."),
    }


def _table(title: str, what: str, scores: Mapping[str, tuple[PartScore, ...]], note: str) -> Table:
    shown = [
        name for name in SHARE_COLUMNS if any(getattr(one, name) for own in scores.values() for one in own)
    ]
    alone = len(scores) == 1
    rows = tuple(
        (
            *(() if alone else (file,)),
            one.name,
            str(one.slices),
            str(one.groups),
            *(_counted(one, name) for name in shown),
        )
        for file, own in scores.items()
        for one in own
    )
    first = () if alone else ("File",)
    columns = (*first, what, "Slices", "Groups", *(SHARE_COLUMNS[name] for name in shown))
    return Table(title, columns, rows, note)


def cell(score: Apart, part: str, name: str) -> str:
    """Returns a share of one part in words."""
    found = score.part(part)
    return _counted(found, name) if found else NONE


def _counted(score: PartScore, name: str) -> str:
    share: Share | None = getattr(score, name)
    if share is None:
        return NONE
    if name in ("wrong", "missed"):
        return f"{percent(share.estimate)} [{share.count} of {share.of}]"
    return percent(share.estimate)
