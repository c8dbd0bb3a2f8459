"""The tables of a screening, sorted, so that two of the same archive can be compared line by line."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from edge_app.screen.result import Row
from edge_app.screen.studies import Summary
from edge_app.spreadsheet import harmless

Cell: TypeAlias = str | int | float | bool | None

BATCH = 10_000  # rows that are held at a time


def write_slices(folder: Path, slices: Iterable[tuple[str, Row]], labels: Sequence[str], model: str) -> Path:
    """Writes every slice, as Parquet where PyArrow is installed and as CSV elsewhere.

    Args:
        folder: Of the results.
        slices: Path and row of each, sorted.
        labels: In the order of the probabilities.
        model: Hash of the file that answered.

    Returns:
        Where the table is.

    Raises:
        OSError: It can't be written.
    """
    names = [
        "path", "entry", "entry_number", "study", "series", "frame", "verdict", "reasons", "label",
        *(f"p_{label}" for label in labels), "in_distribution", "model", "milliseconds", "error",
    ]  # fmt: skip
    rows = (_slice(path, row, len(labels), model) for path, row in slices)
    if find_spec("pyarrow"):
        return _write_parquet(folder / "slices.parquet", names, rows, len(labels))
    return _write_csv(folder / "slices.csv", names, rows)


def write_studies(folder: Path, found: Iterable[Summary]) -> Path:
    """Writes every study as CSV, the most suspicious first; arguments as of ``write_slices``."""
    names = [
        "study", "series", "suspicious", "score", "slices", "suspicious_slices", "answer", "tumour_answers",
        "unsure", "refused", "unreadable", "first_path", "first_entry", "first_entry_number", "first_frame",
        "first_verdict", "first_label", "first_tumour",
    ]  # fmt: skip
    return _write_csv(folder / "studies.csv", names, map(_study, found))


def _slice(path: str, row: Row, labels: int, model: str) -> list[Cell]:
    return [
        _text(path),
        row.entry,
        row.number if row.entry else None,
        row.study,
        row.series,
        row.frame,
        row.verdict,
        " ".join(row.reasons),
        row.label,
        *(row.probabilities or [None] * labels),
        row.in_distribution,
        model,
        row.milliseconds,
        row.error,
    ]


def _study(each: Summary) -> list[Cell]:
    counts, first = each.counts, each.first
    shown: list[Cell] = [None] * 7
    if first:
        said = first.decision
        number = first.number if first.entry else None
        shown = [_text(first.path), first.entry, number, first.frame]
        shown += [said.verdict, said.label, said.tumour]
    return [
        each.study,
        each.series,
        each.suspicious,
        each.score,
        counts.slices,
        counts.suspicious,
        counts.answer,
        each.tumours,
        counts.unsure,
        counts.refused,
        counts.unreadable,
        *shown,
    ]


def _text(path: str) -> str:
    # A path may hold bytes that are no text.
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _plain(row: Sequence[Cell]) -> list[Cell]:
    # A ZIP file may call its entries what it likes.
    return [harmless(cell) if isinstance(cell, str) else cell for cell in row]


def _write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Path:
    unfinished = path.with_name(f".unfinished-{path.name}")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(map(_plain, rows))
    return unfinished.replace(path)


def _write_parquet(path: Path, names: Sequence[str], rows: Iterator[Sequence[Cell]], labels: int) -> Path:
    import pyarrow
    from pyarrow import parquet

    text, number = pyarrow.string(), pyarrow.float64()
    kinds = [
        text,
        text,
        pyarrow.int32(),
        text,
        text,
        pyarrow.int32(),
        text,
        text,
        text,
        *[number] * labels,
        number,
        text,
        number,
        text,
    ]
    schema = pyarrow.schema(list(zip(names, kinds, strict=True)))
    unfinished = path.with_name(f".unfinished-{path.name}")
    with parquet.ParquetWriter(unfinished, schema, compression="zstd") as writer:
        while batch := list(islice(rows, BATCH)):
            columns = [
                pyarrow.array(column, kind)
                for column, kind in zip(zip(*batch, strict=True), kinds, strict=True)
            ]
            writer.write_batch(pyarrow.record_batch(columns, schema=schema))
    return unfinished.replace(path)
