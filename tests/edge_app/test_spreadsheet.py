from __future__ import annotations

import csv
import io

import pytest

from edge_app.spreadsheet import Cell, line


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (0.98765, "0.9877"),
        (3, "3"),
        (None, ""),
        ("plain", "plain"),
        ("=1+1", "'=1+1"),
        ("-K", "'-K"),
        ("@x", "'@x"),
        ('a "b", c', '"a ""b"", c"'),
        ("two\nlines", '"two\nlines"'),
        ("=a,b", '"\'=a,b"'),
    ],
)
def test_cells(cell: Cell, written: str) -> None:
    assert line([cell, "end"]) == f"{written},end\r\n"


def test_a_reader_finds_what_was_written() -> None:
    cells = ["a,b", 'c"d', "e\r\nf", ""]
    assert next(csv.reader(io.StringIO(line(cells), newline=""))) == cells
