from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks.report.compare import Change, Limit, compare, parse_limit
from evaluation import predictions
from tests.benchmarks import reports


def main(*words: Any) -> int:
    return command.main(["compare", *map(str, words)])


def clear(old: Path, new: Path) -> set[tuple[str, str]]:
    return {
        (change.measure, "worse" if change.worse > 0 else "better")
        for change in compare(old, new)
        if change.clear
    }


def test_results_do_not_differ_from_themselves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = reports.write(tmp_path / "same")
    assert clear(folder, folder) == set()
    assert main(folder, folder, "--fail-if", "accuracy=0", "p50=0", "bytes=0") == 0
    assert "Beyond noise: 0 of" in capsys.readouterr().out


def test_fewer_right_answers_to_the_same_slices_are_worse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = reports.write(tmp_path / "old", right=0.9), reports.write(tmp_path / "new", right=0.75)
    assert ("accuracy", "worse") in clear(old, new)
    assert ("accuracy", "better") in clear(new, old)
    assert main(old, new) == 0
    assert main(old, new, "--fail-if", "accuracy=0.05") == 1
    assert "accuracy went from 0.9 to 0.75, past its limit" in capsys.readouterr().out
    assert main(old, new, "--fail-if", "accuracy=0.2", "p50=10%") == 0
    assert main(new, old, "--fail-if", "accuracy=0.05") == 0


def test_of_other_slices_intervals_must_part(tmp_path: Path) -> None:
    old = reports.write(tmp_path / "old", right=0.9)
    near, bad = reports.write(tmp_path / "near", right=0.75), reports.write(tmp_path / "bad", right=0.3)
    for folder in (near, bad):
        path = folder / "predictions.json"
        path.write_text(path.read_text().replace("1" * 64, "2" * 64))
    assert not any(measure == "accuracy" for measure, _ in clear(old, near))
    assert ("accuracy", "worse") in clear(old, bad)


def test_one_flipped_answer_is_noise(tmp_path: Path) -> None:
    old, new = reports.write(tmp_path / "old", right=0.9), reports.write(tmp_path / "new", right=0.875)
    assert clear(old, new) == set()
    assert main(old, new, "--fail-if", "accuracy=0.01") == 0


def test_slower_is_worse_beyond_what_clocks_vary(tmp_path: Path) -> None:
    old = reports.write(tmp_path / "old", p50=1.0)
    slow = reports.write(tmp_path / "slow", p50=1.5)
    assert clear(old, reports.write(tmp_path / "near", p50=1.05)) == set()
    assert clear(old, slow) == {("p50", "worse"), ("p90", "worse"), ("ratio", "worse")}
    assert main(old, slow, "--fail-if", "p50=40%") == 1
    assert main(old, slow, "--fail-if", "p50=60%", "ratio=0.6") == 0


def test_milliseconds_of_different_machines_are_not_compared(tmp_path: Path) -> None:
    old = reports.write(tmp_path / "old", p50=1.0)
    new = reports.write(tmp_path / "new", p50=5.0, cpu="Another board")
    assert clear(old, new) == {("ratio", "worse")}
    assert main(old, new, "--fail-if", "p50=1") == 2


@pytest.mark.parametrize("limit", ["cakes=1", "accuracy", "accuracy=", "p50=fast", "p50=%"])
def test_a_limit_that_is_none(tmp_path: Path, limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = reports.write(tmp_path / "same")
    with pytest.raises(SystemExit) as stop:
        main(folder, folder, "--fail-if", limit)
    assert stop.value.code == 2
    assert limit.split("=")[0] in capsys.readouterr().err


def test_a_limit_counts_in_the_measures_own_unit_or_in_percent() -> None:
    assert parse_limit("accuracy=0.01") == Limit("accuracy", 0.01, relative=False)
    assert parse_limit("p50=20%") == Limit("p50", 20, relative=True)
    slower = Change("net", "p50", 2.0, 3.0, 1.0, clear=True)
    assert parse_limit("p50=40%").passed_by(slower) and not parse_limit("p50=60%").passed_by(slower)
    assert parse_limit("p50=0.9").passed_by(slower) and not parse_limit("p90=0.9").passed_by(slower)


def test_broken_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, broken = reports.write(tmp_path / "whole"), tmp_path / "broken"
    assert main(folder, broken) == 2
    broken.mkdir()
    (broken / "latency.json").write_text("{}")
    assert main(broken, folder) == 2
    (folder / predictions.NAME).write_text("nothing")
    assert main(folder, folder) == 2
    assert capsys.readouterr().err.count("\n") == 3


def test_results_with_nothing_in_common(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = reports.write(tmp_path / "old"), reports.write(tmp_path / "new")
    for path in new.iterdir():
        path.write_text(path.read_text().replace("edge@128", "x@1").replace("mobilenetv2@224", "y@1"))
    assert main(old, new) == 2
    assert "no file and figure in common" in capsys.readouterr().err
