from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.measure.models import File
from benchmarks.measure.predictions import EvaluationData
from benchmarks.measure.robustness import SAMPLES
from benchmarks.report import results, targets
from benchmarks.report.aims import AIMS
from benchmarks.report.docs import RESULTS, render
from benchmarks.report.results import PredictionsPart, Provenance
from benchmarks.report.targets import OUT_OF_FOLD, TESTED, of_predictions
from edge_app.errors import OtakError
from evaluation import predictions
from evaluation.predictions import Pointing, SlicePrediction
from evaluation.tables import Table
from tests.benchmarks import reports
from tests.evaluation.rows import NONE, row

MARKED = "<!-- targets -->\n<!-- end -->\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Results of the protocol ``grouped`` alone."""
    reports.write(tmp_path / TESTED)
    return tmp_path


def rows_of(table: Table) -> dict[str, dict[str, str]]:
    return {cells[0]: dict(zip(table.columns, cells, strict=True)) for cells in table.rows}


def made(folder: Path) -> dict[str, dict[str, str]]:
    return rows_of(targets.table(folder, results.assemble))


def many(
    count: int, wrong: int, label: str, predicted: str, start: int = 0, **more: object
) -> list[SlicePrediction]:
    """Slices of which the first so many are called ``predicted`` and the others rightly."""
    return [row(label, predicted if i < wrong else label, start + i, **more) for i in range(count)]


def test_rows_without_data_are_left_out(folder: Path) -> None:
    found = made(folder)
    assert found["`classic`: right"] == {
        "Figure": "`classic`: right",
        "Aim": "≥ 93",
        "Test part": "90.0 (80.0 to 97.5)",
        "Reached": "no",
    }
    assert found["size, kB"]["Test part"] == "200" and found["size, kB"]["Reached"] == "yes"
    assert "latency ratio to MobileNetV2@224 int8" in found
    for name in ("`wide`: answered", "`mixed`: found at 95% specificity", "out of distribution: refused"):
        assert name not in found, "nothing of it was measured"
    assert not any("tuned" in name or "protocol" in name for name in found)


def test_the_furthest_from_its_aim_comes_first(folder: Path) -> None:
    table = targets.table(folder, results.assemble)
    reached = [cells[-1] for cells in table.rows]
    assert reached == sorted(reached), "all that are missed before those that are reached"
    assert table.rows[0][0] == "`classic`: found at 95% specificity", "0 of 98%"
    assert table.rows[2][0] == "photographed monitor: answered", "0 of 50%"


def test_what_is_measured_out_of_fold_stands_beside_and_gives_the_threshold(folder: Path) -> None:
    pooled = [
        *many(100, 0, NONE, "glioma", tumour=0.1),
        *many(100, 10, "glioma", NONE, 100, tumour=0.9),
    ]
    pooled = [replace(each, file="edge@128 out of fold") for each in pooled]
    data = EvaluationData("data", "grouped", 200, 200, "1" * 64, reports.LABELS, {}, {})
    provenance = Provenance("2026-01-01T00:00:00+00:00", "python -m benchmarks", reports.MACHINE, ())
    results.keep(folder / OUT_OF_FOLD, PredictionsPart(provenance, data))
    predictions.write(folder / OUT_OF_FOLD / predictions.NAME, pooled)
    found = made(folder)
    assert list(found["`classic`: right"]) == ["Figure", "Aim", "Out of fold", "Test part", "Reached"]
    assert found["`classic`: right"]["Out of fold"] == "95.0 (92.0 to 97.5)"
    assert found["`classic`: right"]["Reached"] == "no", "the test part does not"
    assert found["size, kB"]["Out of fold"] == "-"
    # All scores of the test part are 0.5, above the threshold of the pooled slices and not of its own.
    assert found["`classic`: found at 95% specificity"]["Test part"] == "100.0 (100.0 to 100.0)"
    assert targets.table(folder, results.assemble).note.count("that never saw its patient") == 1


def test_cells_are_of_a_sequence_with_enough_slices() -> None:
    rows = [
        *many(40, 4, "glioma", NONE, sequence="T1"),
        *many(40, 20, NONE, "glioma", 40, sequence="T1"),
        *many(29, 29, "glioma", NONE, 80, sequence="T2"),
        *many(40, 40, "glioma", NONE, 120, sequence="other"),
        *many(40, 40, "glioma", NONE, 160),
    ]
    found = of_predictions(rows, rows)
    assert found["worst cell"].value == 0.5 and found["worst cell"].text.startswith("T1 without tumour: 50.0")
    assert "T2 with tumour" not in found
    more = [*rows, row("glioma", "glioma", 999, sequence="T2")]
    assert of_predictions(more, more)["T2 with tumour"].value == pytest.approx(1 / 30)


def test_small_shares_are_counted_and_the_worst_part_is_named() -> None:
    rows = [
        *many(200, 1, "glioma", NONE, source="wide/lgg_tcga", in_distribution=1.0),
        *many(100, 0, "glioma", NONE, 200, source="extra", in_distribution=1.0),
        *many(10, 0, NONE, "glioma", 300, source="extra", verdict="refused", in_distribution=0.0),
    ]
    found = of_predictions(rows, rows)
    assert found["missed"].value == 0.005
    assert found["missed"].text.startswith("`wide/lgg_tcga`: 0.5 (") and found["missed"].text.endswith(
        "[1 of 200]"
    )
    assert found["brain refused"].text.startswith("`classic`: 9.1 (")
    blind = [replace(each, in_distribution=None) for each in rows]
    assert "brain refused" not in of_predictions(blind, blind), "those nets have no rejection"


def test_the_pointing_game_and_calibration() -> None:
    rows = [row("glioma", "glioma", i, pointing=Pointing(i < 900, 0.5), confidence=0.9) for i in range(1000)]
    found = of_predictions(rows, rows)
    assert found["pointing"].value == 0.9
    # Always right where it says 90%; chance gives such a net some 0.023 in bins of 100.
    assert found["calibration"].value == pytest.approx(0.1 - 0.023, abs=0.005)
    assert found["calibration"].text.endswith(" (0.100 less 0.023)")


def test_other_pictures_and_photographed_monitors(folder: Path) -> None:
    robust = reports.robustness()
    (file,) = robust.files
    judged = replace(file.out_of_distribution[0], kind="xray", pictures=30, verdicts={"refused": 30})
    scope = replace(
        judged, kind="mr_brain_scope", pictures=10, verdicts={"answer": 1, "refused": 2, "unsure": 7}
    )
    drawn = [replace(judged, kind=kind, verdicts={"answer": 30}) for kind in SAMPLES]
    robust = replace(robust, files=(replace(file, out_of_distribution=(*drawn, judged, scope)),))
    provenance = Provenance("2026-01-01T00:00:00+00:00", "python", reports.MACHINE, reports.FILES)
    results.keep(folder / TESTED, results.RobustnessPart(provenance, robust))
    found = made(folder)
    assert found["out of distribution: refused"]["Test part"] == "100.0 [30 of 30]"
    assert found["out of distribution: answered"]["Test part"] == "2.5 [1 of 40]"
    assert found["photographed monitor: answered"]["Test part"] == "0.0 [0 of 200]"
    assert "photographed monitor: wrong among answers" not in found, "nothing was answered"
    assert found["photographed monitor: tumour answered *no tumour*"]["Test part"] == "0.0 [0 of 100]"


def test_the_lead_over_a_tuned_rival(folder: Path) -> None:
    ours = reports.FILES[0]
    rival = File(
        "other@224 tuned other.tflite", "other@224 tuned", "1", "2" * 64, "tflite", "int8", 9, 9, True
    )
    provenance = Provenance("2026-01-01T00:00:00+00:00", "python", reports.MACHINE, (ours, rival))
    data = EvaluationData("data", "grouped", 80, 80, "1" * 64, reports.LABELS, {}, {})
    own = [
        *many(40, 4, "glioma", NONE, sequence="T1", tumour=0.5),
        *many(40, 0, NONE, "glioma", 40, sequence="T1", tumour=0.5),
    ]
    theirs = [replace(each, predicted=NONE, file=rival.name) for each in own]
    fresh = folder / "fresh"
    results.keep(fresh / TESTED, PredictionsPart(provenance, data))
    rows = [replace(each, file=ours.name) for each in own] + theirs
    predictions.write(fresh / TESTED / predictions.NAME, rows)
    found = made(fresh)
    assert found["against tuned MobileNetV2: `classic`"]["Test part"].startswith("+45.0 (")
    assert found["against tuned MobileNetV2: mean of the cells"]["Test part"].startswith("+45.0 (")
    assert found["against tuned MobileNetV2: `classic`"]["Reached"] == "yes"


def test_other_protocols(folder: Path) -> None:
    reports.write(folder / "paper")
    assert made(folder)["protocol `paper`: right"]["Test part"] == "90.0 (80.0 to 97.5), net of 1"


def test_without_the_results_of_the_protocol(tmp_path: Path) -> None:
    with pytest.raises(OtakError, match="holds no results"):
        targets.table(tmp_path, results.assemble)


def test_texts_quote_it(folder: Path) -> None:
    text = render(MARKED, folder)
    assert text.startswith("<!-- targets -->\n| Figure | Aim | Test part | Reached |")
    assert text.endswith("<!-- end -->\n") and render(text, folder) == text
    assert "`python -m benchmarks`." in text, "how it was measured"


def test_the_committed_results_give_most_figures() -> None:
    found = made(RESULTS)
    assert len(found) >= 20 and set(found) <= {aim.figure for aim in AIMS.values()}


def test_a_broken_table_is_named(folder: Path) -> None:
    shutil.copytree(folder / TESTED, folder / OUT_OF_FOLD)
    (folder / OUT_OF_FOLD / predictions.NAME).write_text("nothing", encoding="utf-8")
    with pytest.raises(OtakError, match=rf"{OUT_OF_FOLD}/predictions\.csv: lacks the columns"):
        targets.table(folder, results.assemble)
