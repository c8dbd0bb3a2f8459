from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edge_app import records
from evaluation import predictions
from evaluation.labels import NAMES
from evaluation.statistics import Estimate
from evaluation.tables import SCHEMA, Table
from tests.evaluation.rows import row
from tests.train.audit.planted import figures_of
from tests.train.runs import make_metrics, make_run
from train.__main__ import main
from train.audit import figures
from train.audit.figures import Baseline
from train.config import Architecture, Protocol, Recipe, Teacher, recipe_of
from train.run import Run, State
from train.tables import out_of_fold


def write_run(folder: Path, arch: Architecture, protocol: Protocol, state: State = "finished") -> str:
    make_run(folder, arch, protocol, state).save()
    make_metrics(protocol).save(folder)
    return str(folder)


def table(path: Path) -> Table:
    return records.read(path / "table.json", Table, SCHEMA)


def test_runs_stand_beside_the_claims(tmp_path: Path, audit: Path) -> None:
    grouped = write_run(tmp_path / "a", "edge", "grouped")
    paper = write_run(tmp_path / "b", "mobilenetv2", "paper")
    out = tmp_path / "results"
    assert main(["tables", grouped, paper, "--audit", str(audit), "--out", str(out)]) == 0
    comparison = table(out / "comparison")
    assert all(len(row) == len(comparison.columns) for row in comparison.rows)
    assert [row[0] for row in comparison.rows] == [
        "Published 14-layer CNN",
        "Published MobileNetV2",
        "1-NN in pixels",
        "`mobilenetv2`@128, fine-tuned",
        "`edge`",
    ]
    assert comparison.rows[2][2] == "90.0 (80.0 to 95.0)"
    edge = comparison.rows[4]
    assert edge[2].startswith("87.5 (") and edge[3:5] == ("", "") and edge[6:9] == ("", "", "99.0")
    assert edge[-1] == "12, 3 epochs" and "2026-01-02" in comparison.note
    classes = table(out / "classes")
    assert [row[2] for row in classes.rows] == [*NAMES, *NAMES]
    assert classes.rows[0][-1] == "10" and float(classes.rows[0][4]) == 0.5


def test_a_net_that_was_taught_is_told_from_one_that_was_not(tmp_path: Path) -> None:
    alone, taught = write_run(tmp_path / "a", "edge", "grouped"), write_run(tmp_path / "b", "edge", "grouped")
    run = Run.load(Path(taught))
    teacher = Teacher(arch="paper", weights=None, fold=0, sha256="0" * 64)
    replace(run, config=replace(run.config, teachers=(teacher,))).save()
    assert main(["tables", alone, taught, "--out", str(tmp_path / "results")]) == 0
    assert [row[0] for row in table(tmp_path / "results" / "comparison").rows[2:]] == [
        "`edge`",
        "`edge`, taught by `paper`",
    ]


@pytest.fixture
def audit(paper_layout: Path, tmp_path: Path) -> Path:
    """An audit with one baseline alone."""
    baseline = Baseline("paper", "all", 10, Estimate(0.9, 0.8, 0.95))
    path = tmp_path / "audit.json"
    records.write(path, replace(figures_of(paper_layout), baselines=(baseline,)), figures.SCHEMA)
    return path


def test_an_unfinished_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = write_run(tmp_path / "a", "edge", "grouped", state="training")
    assert main(["tables", run, "--out", str(tmp_path / "results")]) == 2
    assert "not finished" in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


def test_a_folder_without_a_run_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tables", str(tmp_path), "--out", str(tmp_path / "results")]) == 2
    assert str(tmp_path) in capsys.readouterr().err


def write_fold(folder: Path, fold: int, right: int, recipe: Recipe, *teachers: Teacher) -> Path:
    """A run of a fold of 40 slices in one sequence, of which some are answered rightly."""
    run = make_run(folder / f"{fold}")
    replace(run, config=replace(run.config, fold=fold, recipe=recipe, teachers=teachers)).save()
    shares = [dict.fromkeys(NAMES, 0.1) | {name: 0.7} for name in NAMES]
    rows = [
        row("glioma", NAMES[i >= right], i, sequence="T1", probabilities=shares[i >= right])
        for i in range(40)
    ]
    predictions.write(run.folder / "predictions.csv", rows)
    return run.folder


def test_folds_are_pooled_and_recipes_compared_out_of_fold(tmp_path: Path) -> None:
    usual, mixed = recipe_of("edge"), replace(recipe_of("edge"), mix_sequences=0.5)
    taught = replace(recipe_of("edge", taught=True), temperature=4.0)

    def teacher(fold: int, arch: Architecture) -> Teacher:
        return Teacher(arch=arch, weights=None, fold=fold, sha256=f"{fold:064x}")

    folders = [
        *(write_fold(tmp_path / "usual", fold, right=30, recipe=usual) for fold in (1, 2)),
        write_fold(tmp_path / "usual", 0, right=40, recipe=usual),  # what nothing is chosen by
        write_fold(tmp_path / "mixed", 1, right=36, recipe=mixed),
        *(write_fold(tmp_path / "taught", i, 20, taught, teacher(i, "edge")) for i in (1, 2)),
        *(
            write_fold(tmp_path / "both", i, 10, taught, teacher(i, "edge"), teacher(i, "paper"))
            for i in (1, 2)
        ),
    ]
    table = out_of_fold(folders)
    assert [row[:4] for row in table.rows] == [
        ("`edge`", "mix_sequences 0.5", "1", "90.00"),
        ("`edge`", "as usual", "1 2", "75.00"),
        ("`edge`, taught by `edge`", "temperature 4.0", "1 2", "50.00"),
        ("`edge`, taught by `edge` and `paper`", "temperature 4.0", "1 2", "25.00"),
    ]
    assert table.rows[1][6] == "T1 glioma 75"


def test_the_choice_is_shown_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_fold(tmp_path, 1, right=30, recipe=recipe_of("edge"))
    assert main(["choice", str(folder), "--out", str(tmp_path / "choice")]) == 0
    assert "75.00" in capsys.readouterr().out
    assert table(tmp_path / "choice").rows[0][3] == "75.00"


def test_as_much_is_answered_as_keeps_the_share_of_wrong_answers(tmp_path: Path) -> None:
    run = make_run(tmp_path / "1")
    replace(run, config=replace(run.config, fold=1)).save()
    # Of 40 slices the surest 34 have one wrong answer among them; the next makes it two of 35.
    rows = [
        row(
            "glioma",
            NAMES[i in (20, 34)],
            i,
            sequence="T1",
            confidence=0.99 - i / 100,
            probabilities=dict.fromkeys(NAMES, 0.001) | {NAMES[i in (20, 34)]: 0.99 - i / 100},
        )
        for i in range(40)
    ]
    predictions.write(run.folder / "predictions.csv", rows)
    assert out_of_fold([run.folder]).rows[0][5].split(",")[0] == "85.0"


def test_runs_that_nothing_can_be_chosen_by_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_fold(tmp_path, 0, right=30, recipe=recipe_of("edge"))
    assert main(["choice", str(folder), "--out", str(tmp_path / "choice")]) == 2
    assert "not withheld" in capsys.readouterr().err
