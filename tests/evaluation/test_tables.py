from __future__ import annotations

import re
from typing import Any

import pytest
from rich.console import Console

from evaluation.parts import PartScore, by_cell, by_part
from evaluation.predictions import SlicePrediction
from evaluation.statistics import Estimate
from evaluation.tables import (
    NONE,
    PARTS_NOTE,
    SHARE_COLUMNS,
    Table,
    estimate,
    part_share,
    part_table,
    percent,
    share,
)
from tests.evaluation.rows import rows

SIZES = Table("Sizes", ("Net", "kB"), (("edge", "203"), ("other", "2724")), "Measured once.")


def scores(**more: Any) -> tuple[PartScore, ...]:
    return by_part(rows("aabb----", "abbb---a", **more))


def shown(table: Table) -> str:
    console = Console(width=200, record=True, force_terminal=False)
    with console.capture() as capture:
        console.print(table.grid())
    return capture.get()


def test_markdown_has_a_line_a_row_and_the_note_below() -> None:
    assert SIZES.markdown() == (
        "| Net | kB |\n| :-- | --: |\n| edge | 203 |\n| other | 2724 |\n\nMeasured once.\n"
    )


def test_a_table_without_rows_is_a_header() -> None:
    empty = Table("Sizes", ("Net", "kB"), (), "None were measured.")
    assert empty.markdown() == "| Net | kB |\n| :-- | --: |\n\nNone were measured.\n"
    assert "Net" in shown(empty)


def test_a_terminal_is_shown_title_columns_and_cells() -> None:
    text = shown(SIZES)
    for word in ("Sizes", "Net", "kB", "edge", "2724"):
        assert word in text


def test_words_are_no_markup_for_a_terminal() -> None:
    assert "[red]net" in shown(Table("[bold]", ("Net",), (("[red]net",),), ""))


def test_every_row_has_as_many_cells_as_there_are_columns() -> None:
    answers = rows("aabb----", "abbb---a", sequence=["T1", "T2"] * 4)
    cells = by_cell(answers, lambda each: each.sequence)
    for table in (
        part_table("By part", "Part", {"net": by_part(answers)}, PARTS_NOTE),
        part_table("By part", "Part", {"x": by_part(answers), "y": by_part(answers)}, PARTS_NOTE),
        part_table("By sequence", "Sequence", {"net": cells}, "A note."),
        part_table("Nothing", "Part", {}, "A note."),
    ):
        assert all(len(row) == len(table.columns) for row in table.rows)


def test_the_name_of_a_file_stands_where_there_are_several() -> None:
    single = part_table("By part", "Part", {"net": scores()}, PARTS_NOTE)
    assert single.columns[:3] == ("Part", "Slices", "Groups") and single.rows[0][:3] == ("classic", "8", "8")
    several = part_table("By part", "Part", {"x": scores(), "y": scores()}, PARTS_NOTE)
    assert several.columns[:2] == ("File", "Part")
    assert [row[:2] for row in several.rows] == [("x", "classic"), ("y", "classic")]
    assert several.note == PARTS_NOTE


def test_shares_that_none_has_are_left_out() -> None:
    undecided = part_table("By part", "Part", {"net": scores(verdict="")}, PARTS_NOTE)
    assert undecided.columns[3:] == ("Right", "Found", "Cleared", "At 95%")
    decided = part_table("By part", "Part", {"x": scores(verdict=""), "y": scores()}, PARTS_NOTE)
    assert decided.columns[4:] == tuple(SHARE_COLUMNS.values())
    assert decided.rows[0][-3:] == (NONE, NONE, NONE)


def test_shares_of_answers_stand_with_their_counts() -> None:
    (part,) = scores()
    assert re.fullmatch(r"75\.0 \(\d+\.\d to \d+\.\d\)", part_share(part, "right"))
    assert re.fullmatch(r"25\.0 \(.*\) \[2 of 8\]", part_share(part, "wrong"))
    assert re.fullmatch(r"0\.0 \(0\.0 to 0\.0\) \[0 of 4\]", part_share(part, "missed"))


def test_a_share_that_is_unknown_is_a_dash() -> None:
    healthy: list[SlicePrediction] = rows("--", "--")
    (part,) = by_part(healthy)
    assert part_share(part, "found") == part_share(part, "missed") == part_share(None, "right") == NONE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, NONE),
        (Estimate(0.5, None, None), "50.0"),
        (Estimate(0.5, 0.25, None), "50.0"),
        (Estimate(0.5, 0.25, 0.755), "50.0 (25.0 to 75.5)"),
    ],
)
def test_an_estimate_stands_with_its_interval(value: Estimate | None, text: str) -> None:
    assert percent(value) == text


def test_figures_are_written_as_they_are_shown() -> None:
    assert estimate(Estimate(1.5, 1.0, 2.0), lambda x: f"{x:.2f}") == "1.50 (1.00 to 2.00)"
    assert (share(0.125), share(0.0), share(None)) == ("12.5", "0.0", NONE)
