from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import models
from benchmarks.measure.resume import SCHEMA
from benchmarks.report import results
from benchmarks.report.docs import RESULTS
from benchmarks.report.results import NAMES, PredictionsPart, Report
from edge_app import records
from edge_app.errors import OtakError
from evaluation import predictions
from evaluation.labels import UNTYPED
from tests.benchmarks import reports
from tests.benchmarks.conftest import MakeBundle


def test_a_report_is_made_of_all_parts(tmp_path: Path) -> None:
    report = reports.make(tmp_path)
    assert set(report.provenance) == {"predictions", "robustness", "latency", "mlperf", "browser"}
    assert report.files == reports.FILES
    assert report.file(reports.FILES[1].name) == reports.FILES[1]
    assert report.accuracy and set(report.accuracy.files) == {file.name for file in reports.FILES}
    assert len(report.accuracy.mcnemar) == 1
    assert report.robustness == reports.robustness()


def test_what_was_not_measured_is_none(tmp_path: Path) -> None:
    reports.write(tmp_path)
    for name in ("predictions.json", "robustness.json", "mlperf.json", "browser.json"):
        (tmp_path / name).unlink()
    report = results.assemble(tmp_path)
    assert report.latency
    assert not any((report.accuracy, report.robustness, report.mlperf, report.browser))


def test_a_report_comes_back_as_it_was_written(tmp_path: Path) -> None:
    report = reports.make(tmp_path)
    records.write(tmp_path / "report.json", report, SCHEMA)
    assert records.read(tmp_path / "report.json", Report, SCHEMA) == report
    schema = json.loads(records.document(Report, SCHEMA))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads((tmp_path / "report.json").read_text(encoding="utf-8")), schema)


def test_parts_of_different_files_make_none(tmp_path: Path) -> None:
    reports.write(tmp_path)
    path = tmp_path / "latency.json"
    path.write_text(path.read_text().replace("0" * 64, "3" * 64))
    with pytest.raises(BenchmarkError, match="different files called edge@128"):
        results.assemble(tmp_path)


SPOILS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a part is missing": lambda plain: plain.pop("provenance"),
    "another schema": lambda plain: plain.update(schema=1),
    "something unknown": lambda plain: plain.update(more=1),
    "no list": lambda plain: plain["provenance"].update(files={}),
    "a word for a number": lambda plain: plain["provenance"]["machine"].update(cores="many"),
}


@pytest.mark.parametrize("name", NAMES.values())
@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_a_broken_part_is_named(tmp_path: Path, name: str, spoil: Callable[[dict[str, Any]], object]) -> None:
    path = reports.write(tmp_path) / name
    plain = json.loads(path.read_text())
    spoil(plain)
    path.write_text(json.dumps(plain))
    with pytest.raises(OtakError, match=name.replace(".", r"\.")):
        results.assemble(tmp_path)


def test_predictions_that_are_missing(tmp_path: Path) -> None:
    (reports.write(tmp_path) / predictions.NAME).unlink()
    with pytest.raises(OtakError, match=r"predictions\.csv: can't be read"):
        results.assemble(tmp_path)


def test_no_results(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="holds no results"):
        results.assemble(tmp_path)


def test_provenance_names_machine_and_files(make_bundle: MakeBundle) -> None:
    under_test = models.load([make_bundle()])
    provenance = results.provenance_of(under_test, "python -m benchmarks")
    assert provenance.command == "python -m benchmarks" and provenance.machine.cores > 0
    assert [file.name for file in provenance.files] == [model.name for model in under_test]


@pytest.mark.parametrize(
    "path",
    [path for name in NAMES.values() for path in sorted(RESULTS.glob(f"*/{name}"))],
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_committed_results_can_be_read(path: Path) -> None:
    kind: type[Any] = next(kind for kind, name in NAMES.items() if name == path.name)
    part = records.read(path, kind, SCHEMA)
    assert part.provenance.files
    if isinstance(part, PredictionsPart):
        typed = Counter(
            row.file for row in predictions.read(path.parent / predictions.NAME) if row.label != UNTYPED
        )
        assert set(typed.values()) == {part.data.slices}
