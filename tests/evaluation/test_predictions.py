from __future__ import annotations

from pathlib import Path

import pytest

from edge_app.records import RecordError
from evaluation import predictions
from evaluation.predictions import Pointing, TableError, by_file, fingerprint
from tests.evaluation.rows import row, rows

TABLE = [
    row(
        "glioma",
        "no_tumor",
        file="net int8",
        path="wide/a, b/ü.jpg",
        source="wide/a",
        sequence="T1C",
        plane="axial",
        copy=True,
        confidence=0.5,
        tumour=0.5,
        probabilities={"glioma": 0.25, "no_tumor": 0.5, "other": 0.25},
        verdict="unsure",
        reasons=("tumour_not_excluded", "blur"),
        in_distribution=0.75,
        pointing=Pointing(True, 0.125),
    ),
    row("tumour", "glioma", 1, keras="", verdict=""),
]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    predictions.write(tmp_path / "deep" / "table.csv", TABLE)
    assert predictions.read(tmp_path / "deep" / "table.csv") == TABLE
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["table.csv"]


def test_rows_stand_by_file() -> None:
    first, second = rows("ab", "ab", file="x"), rows("ab", "ba", file="y")
    assert by_file([first[0], *second, first[1]]) == {"x": first, "y": second}


def test_one_hash_whatever_the_order() -> None:
    table = rows("aab", "aab")
    assert fingerprint(table) == fingerprint(table[::-1]) != fingerprint(table[1:])


def spoil(path: Path, old: str, new: str) -> None:
    predictions.write(path, TABLE)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.125000", "much", "row 1 can't be understood"),
        ("0.500000", "nan", "row 1 can't be understood"),
        ("0.250000", "inf", "row 1 can't be understood"),
        (",tumour,", ",,", "row 2 can't be understood"),
        ("verdict", "judgement", "lacks the columns verdict"),
    ],
)
def test_a_broken_table_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "table.csv"
    spoil(path, old, new)
    if "lacks" not in message and old == ",tumour,":
        # The header names a column so, too.
        spoil(path, "01,tumour,", "01,,")
    with pytest.raises(TableError, match=message):
        predictions.read(path)


@pytest.mark.parametrize("content", [b"", b"file,path\na\n", b"\0", b"\xff\xfe"])
def test_what_is_no_table(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(TableError, match=r"table\.csv: "):
        predictions.read(path)


def test_a_row_that_breaks_off(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    predictions.write(path, TABLE)
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.rindex(",glioma")], encoding="utf-8")
    with pytest.raises(TableError, match="row 2 can't be understood"):
        predictions.read(path)


def test_a_table_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    predictions.write(path, [])
    with pytest.raises(TableError, match="holds no slices"):
        predictions.read(path)


def test_no_file_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="can't be read"):
        predictions.read(tmp_path / "none.csv")
    (tmp_path / "file").touch()
    with pytest.raises(RecordError, match="can't be written"):
        predictions.write(tmp_path / "file" / "table.csv", TABLE)
