from __future__ import annotations

import csv
import io
from pathlib import Path

from edge_app.case_log import table
from edge_app.case_log.cases import Change
from edge_app.case_log.log import CaseLog
from tests.edge_app.case_log.examples import new_case, new_study


def test_a_table_for_spreadsheets(tmp_path: Path) -> None:
    cases = CaseLog(tmp_path / "cases.sqlite")
    note = '=HYPERLINK("http://x"), and\na second line'
    cases.change(cases.add(new_case("-K-1")), Change(note=note, diagnosis="glioma"))
    cases.add(new_study())
    text = "".join(table.lines(cases))
    assert text.endswith("\r\n")
    slice_, study = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert slice_["patient"] == "'-K-1" and slice_["note"] == f"'{note}"
    assert (slice_["verdict"], slice_["label"], slice_["diagnosis"]) == ("answer", "glioma", "glioma")
    assert slice_["glioma"] == "0.9500" and slice_["reasons"] == "small turned"
    assert slice_["suspicious"] == slice_["slices"] == ""
    assert (study["suspicious"], study["score"], study["slices"]) == ("true", "0.9700", "3")
    assert study["verdict"] == study["glioma"] == ""


def test_an_empty_log(tmp_path: Path) -> None:
    (head,) = table.lines(CaseLog(tmp_path / "cases.sqlite"))
    assert head.startswith("\ufefftime,id,patient,")
