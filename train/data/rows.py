"""Tables as spreadsheets and scripts write them: read rightly, or refused with a hint, never guessed at."""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from train.errors import DataError

SEPARATORS = (",", ";", "\t")
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# How programs write that they know nothing.
UNKNOWN = ("", "nan", "none", "null", "na", "n/a", "<na>", "nat")
FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes:
        line: Its line in the file, from 1.
        where: The same in words, for errors.
        cells: By column, in small letters; without the blanks around them.
    """

    line: int
    where: str
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """Returns a cell; empty where it is absent or says that nothing is known."""
        cell = self.cells.get(column, "")
        return "" if cell.lower() in UNKNOWN else cell

    def word(self, column: str, allowed: Sequence[str]) -> str:
        """Returns a cell that may hold certain words alone, or nothing.

        Raises:
            DataError: It holds another.
        """
        cell = self.cells.get(column, "")
        if cell in allowed:  # among which "none" may be
            return cell
        if not self.text(column):
            return ""
        raise DataError(
            f"{self.where}: the {column} {cell!r} is unknown; expected {', '.join(allowed)} or nothing."
        )

    def number(self, column: str) -> float | None:
        """Returns a cell's number, its decimals after a point or a comma; None where nothing is known.

        Raises:
            DataError: It is no finite number.
        """
        cell = self.text(column)
        if not cell:
            return None
        try:
            number = float(cell.replace(",", "."))
        except ValueError:
            number = math.inf
        if not math.isfinite(number):
            raise DataError(f"{self.where}: the {column} {cell!r} is no number.")
        return number

    def count(self, column: str) -> int | None:
        """Returns a cell's whole number from 0 up, also where it is written as 3.0.

        Raises:
            DataError: It is no such number.
        """
        number = self.number(column)
        if number is not None and (number < 0 or number != int(number)):
            raise DataError(f"{self.where}: the {column} {self.text(column)!r} is no whole number from 0 up.")
        return None if number is None else int(number)

    def flag(self, column: str) -> bool:
        """Tells whether a cell says yes: 1, 1.0, true or yes; what is empty says no.

        Raises:
            DataError: It says neither.
        """
        cell = self.text(column)
        said = FLAGS.get(cell.lower().removesuffix(".0")) if cell else False
        if said is None:
            raise DataError(f"{self.where}: the {column} {cell!r} is neither 1 nor 0.")
        return said


def read(path: Path, needed: Sequence[str]) -> Iterator[Row]:
    """Reads a CSV: in UTF-8 or UTF-16, separated by commas, semicolons or tabs, with a line of titles.

    Args:
        path: The file.
        needed: Columns that it must have.

    Yields:
        Its rows; empty ones are passed over.

    Raises:
        DataError: It can't be read, lacks a column, or a row has another number of cells than the titles.
    """
    lines, skipped = _text(path), 0
    if lines.lower().startswith("sep="):  # a line of Excel's own
        lines, skipped = _split(lines)[1], 1
    separator = _separator(lines, path, needed)
    reader = csv.reader(io.StringIO(lines, newline=""), delimiter=separator, strict=True)
    try:
        titles = [title.strip().lower() for title in next(reader)]
        for cells in reader:
            line = reader.line_num + skipped
            if any(cell.strip() for cell in cells):
                yield _row(titles, cells, line, f"{path}, line {line}")
    except csv.Error as error:
        raise DataError(f"{path}, line {reader.line_num + skipped}: is no CSV ({error}).") from None


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror}).") from None
    encoding = next((name for mark, name in MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text, place = "\0", f"{path}, line {line}"
    else:
        place = str(path)
    if "\0" in text:
        raise DataError(f"{place}: is no CSV in UTF-8 or UTF-16; save the table as CSV UTF-8.")
    return text


def _split(lines: str) -> tuple[str, str]:
    """Returns the first line and the others."""
    first, *others = re.split("\r\n|\r|\n", lines, maxsplit=1)
    return first, "".join(others)


def _separator(lines: str, path: Path, needed: Sequence[str]) -> str:
    """Returns what separates the titles."""
    first = _split(lines)[0].strip()
    for separator in SEPARATORS:
        titles = [title.strip(' "').lower() for title in first.split(separator)]
        if set(needed) <= set(titles):
            twice = {title for title in titles if title and titles.count(title) > 1}
            if twice:
                raise DataError(f"{path}: has the column {' and '.join(sorted(twice))} twice.")
            return separator
    missing = set(needed) - set(first.lower().split(","))
    raise DataError(
        f"{path}: lacks the column {' and '.join(sorted(missing))}; its first line, {first[:80]!r}, "
        "must name the columns, with commas, semicolons or tabs between them."
    )


def _row(titles: list[str], cells: list[str], line: int, where: str) -> Row:
    # Spreadsheets end lines with empty cells.
    own, more = cells[: len(titles)], cells[len(titles) :]
    if len(own) < len(titles) or any(cell.strip() for cell in more):
        raise DataError(
            f"{where}: has {len(cells)} cells for {len(titles)} columns; a cell that holds a separator needs "
            "quotes, an empty one its separator."
        )
    return Row(line, where, dict(zip(titles, (cell.strip() for cell in own), strict=True)))
