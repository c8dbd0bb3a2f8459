from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from train.data import rows
from train.data.rows import Row
from train.errors import DataError

PLAIN = "path,label\nimg/a.jpg,glioma\nimg/b.jpg,no_tumor\n"


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "manifest.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def cells(path: Path) -> list[dict[str, str]]:
    return [dict(row.cells) for row in rows.read(path, ("path", "label"))]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", ", "),
        PLAIN.replace("\n", "\r\n") + "\r\n\r\n,\r\n",
        PLAIN.replace("\n", "\r"),
        PLAIN.replace("\n", ",,\n"),
        PLAIN.replace("path,label", "Path,LABEL"),
        PLAIN.replace("path,label", '"path","label"'),
        f"sep=,\n{PLAIN}",
        f"sep=;\r\n{PLAIN.replace(',', ';')}",
        codecs.BOM_UTF8 + PLAIN.encode(),
        PLAIN.encode("utf-16"),
        codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"),
    ],
)
def test_one_table_as_many_programs_write_it(tmp_path: Path, content: str | bytes) -> None:
    expected = [{"path": "img/a.jpg", "label": "glioma"}, {"path": "img/b.jpg", "label": "no_tumor"}]
    found = [{name: row[name] for name in ("path", "label")} for row in cells(written(tmp_path, content))]
    assert found == expected


def test_quoted_cells_hold_separators_and_lines(tmp_path: Path) -> None:
    path = written(tmp_path, 'path,label\n"a,b;c""d.jpg",glioma\n"two\nlines.jpg",glioma\n')
    assert [row["path"] for row in cells(path)] == ['a,b;c"d.jpg', "two\nlines.jpg"]


def test_a_row_knows_its_line(tmp_path: Path) -> None:
    found = list(rows.read(written(tmp_path, "sep=,\n" + PLAIN.replace("\nimg/b", "\n\nimg/b")), ("path",)))
    assert [row.line for row in found] == [3, 5]
    assert found[1].where.endswith("manifest.csv, line 5")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"manifest\.csv: lacks the column label and path; its first line, '', must name the columns"),
        ("path\na.jpg\n", "lacks the column label; .* commas, semicolons or tabs"),
        ("path|label\na|glioma\n", "lacks the column label and path; its first line, 'path|label'"),
        ("path,label,Label\na,glioma,glioma\n", "has the column label twice"),
        ("path,label\na.jpg\n", "line 2: has 1 cells for 2 columns"),
        ("path,label\n\na,b.jpg,glioma\n", "line 3: has 3 cells for 2 columns"),
        ('path,label\na.jpg,glioma\n"b.jpg,glioma\nc.jpg,glioma\n', "is no CSV .unexpected end of data"),
        ("path,label\na.jpg,glioma\nimg/é.jpg,glioma\n".encode("cp1252"), "line 3: is no CSV in UTF-8"),
        (PLAIN.encode("utf-16-le"), "is no CSV in UTF-8 or UTF-16; save the table as CSV UTF-8"),
        (PLAIN.encode("utf-16")[:-1], "is no CSV in UTF-8 or UTF-16"),
        (b"PK\x03\x04\x14\x00\x06", "is no CSV in UTF-8 or UTF-16"),
    ],
)
def test_what_is_refused_is_refused_in_a_sentence(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        cells(written(tmp_path, content))


def test_a_missing_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv: can't be read"):
        cells(tmp_path / "nowhere.csv")


def row(cell: str) -> Row:
    return Row(2, "line 2", {"column": cell})


@pytest.mark.parametrize("cell", ["", "nan", "NaN", "None", "NULL", "NA", "n/a", "<NA>"])
def test_cells_that_say_nothing(cell: str) -> None:
    said = row(cell)
    assert said.text("column") == "" and said.text("absent") == ""
    assert said.number("column") is None and said.count("column") is None and not said.flag("column")
    assert said.word("column", ("yes", "no")) == ""


def test_none_may_be_a_word() -> None:
    assert row("none").word("column", ("none", "mass")) == "none"


@pytest.mark.parametrize(
    ("cell", "flag"),
    [
        ("1", True),
        ("1.0", True),
        ("True", True),
        ("yes", True),
        ("0", False),
        ("0.0", False),
        ("False", False),
    ],
)
def test_flags(cell: str, flag: bool) -> None:
    assert row(cell).flag("column") is flag


@pytest.mark.parametrize(("cell", "count"), [("0", 0), ("0.0", 0), ("4", 4), ("3,0", 3)])
def test_counts(cell: str, count: int) -> None:
    assert row(cell).count("column") == count


def test_decimals_after_a_comma() -> None:
    assert row("0,25").number("column") == 0.25


@pytest.mark.parametrize("cell", ["-1", "0.5", "first", "inf", "1e999"])
def test_what_is_no_count(cell: str) -> None:
    with pytest.raises(DataError, match=f"line 2: the column '{cell}' is no"):
        row(cell).count("column")


@pytest.mark.parametrize("cell", ["2", "maybe", "-1", "0.5"])
def test_what_is_no_flag(cell: str) -> None:
    with pytest.raises(DataError, match=f"the column '{cell}' is neither 1 nor 0"):
        row(cell).flag("column")
