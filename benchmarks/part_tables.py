"""The tables of a report that tell where every file fails: by part, sequence and plane."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.scores import Accuracy, Score
from benchmarks.table import NONE, Table, percent
from evaluation.parts import PartScore, Share

SHARES_NOTE = (
    "In %, with 95% intervals from a bootstrap over patients or groups. Right: the most probable answer is "
    "the true one; found: tumours called a tumour, of any type; cleared: slices without one called so. "
    "Answered: by the verdict; wrong: of those answers, in brackets how many of how many; missed: tumours "
    "answered *no tumour*, likewise."
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


def all_tables(accuracy: Accuracy) -> dict[str, Table]:
    """Makes every table, by name."""
    return {"parts": _parts(accuracy), "sequences": _sequences(accuracy), "planes": _planes(accuracy)}


def _parts(accuracy: Accuracy) -> Table:
    """Where every file fails: by collection, the weakest first."""
    note = (
        f"{SHARES_NOTE} At 95%: tumours found at the threshold that 95% of the slices without one stay "
        "below. It is taken from the part itself, for `mixed` from `classic`: there are no predictions of "
        "folds 1 to 4 by nets that never saw them. `wide` is the mean over its sources."
    )
    return _by(accuracy, "By part", "Part", lambda score: score.parts, note)


def _sequences(accuracy: Accuracy) -> Table:
    """Where every file fails: by the scanner's sequence, the weakest first."""
    note = f"{SHARES_NOTE} Over all parts; unknown: mostly tumours of the paper's data, on T1 with contrast."
    return _by(accuracy, "By sequence", "Sequence", lambda score: score.sequences, note)


def _planes(accuracy: Accuracy) -> Table:
    """Where every file fails: by plane, the weakest first."""
    return _by(accuracy, "By plane", "Plane", lambda score: score.planes, f"{SHARES_NOTE} Over all parts.")


def _by(
    accuracy: Accuracy, title: str, what: str, scores: Callable[[Score], tuple[PartScore, ...]], note: str
) -> Table:
    shown = [
        name
        for name in SHARE_COLUMNS
        if any(getattr(one, name) for score in accuracy.scores for one in scores(score))
    ]
    rows = tuple(
        (score.file, one.name, str(one.slices), str(one.groups), *(_counted(one, name) for name in shown))
        for score in accuracy.scores
        for one in scores(score)
    )
    columns = ("File", what, "Slices", "Groups", *(SHARE_COLUMNS[name] for name in shown))
    return Table(title, columns, rows, note)


def cell(score: Score, part: str, name: str) -> str:
    """Returns a share of one part of a file's score in words."""
    found = score.part(part)
    return _counted(found, name) if found else NONE


def _counted(score: PartScore, name: str) -> str:
    share: Share | None = getattr(score, name)
    if share is None:
        return NONE
    if name in ("wrong", "missed"):
        return f"{percent(share.estimate)} [{share.count} of {share.of}]"
    return percent(share.estimate)
