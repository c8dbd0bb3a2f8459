from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from edge_app.case_log.cases import Change
from edge_app.case_log.log import CaseLog
from tests.edge_app.case_log.examples import damage, new_case, new_study
from tests.edge_app.commands.running import otak


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CaseLog:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    return CaseLog(tmp_path / "state" / "cases.sqlite")


@pytest.fixture
def cases(log: CaseLog) -> CaseLog:
    log.add(new_study())
    note = "x" * 50 + "\x1b[2J\nsecond line"
    log.change(log.add(new_case("K-17")), Change(note=note, diagnosis="meningioma"))
    return log


def lines(run: subprocess.CompletedProcess[str]) -> list[str]:
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout.splitlines()


def test_a_list(cases: CaseLog) -> None:
    slice_, study = lines(otak("cases", "list"))
    assert "  K-17  Glioma  Diagnosis: meningioma  xxx" in slice_ and slice_.endswith("...")
    assert study.endswith("Z  K-18  Suspicious: 1 of 2 slices stand out")
    assert len(lines(otak("cases", "list", "k-18"))) == 1
    assert lines(otak("cases", "list", "nobody")) == []
    assert "Diagnosis: meningioma" in lines(otak("cases", "list", "K-17", language="id"))[0]


def test_a_note_plays_no_tricks(log: CaseLog) -> None:
    log.change(log.add(new_case("K-17")), Change(note="\x1b[2J"))
    assert "\x1b" not in otak("cases", "list").stdout


def test_a_list_for_programs(cases: CaseLog) -> None:
    found = [json.loads(line) for line in lines(otak("cases", "list", "--json"))]
    assert [case["patient"] for case in found] == ["K-17", "K-18"]
    assert found[0]["diagnosis"] == "meningioma" and found[1]["study"]["suspicious"] is True


def test_a_long_list_is_whole(log: CaseLog) -> None:
    for place in range(401):
        log.add(new_case(f"K-{place}"))
    assert len(lines(otak("cases", "list"))) == 401


@pytest.mark.parametrize("ending", [".csv", ".json", ".JSON"])
def test_an_export(cases: CaseLog, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"all{ending}"
    assert lines(otak("cases", "export", path)) == [f"{path}: 2 cases."]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text(encoding="utf-8")
    assert "K-17" in text and "K-18" in text
    if ending != ".csv":
        assert [each["resource"]["resourceType"] for each in json.loads(text)["entry"]] == [
            "DiagnosticReport"
        ] * 2
    # Nothing is written over.
    again = otak("cases", "export", path)
    assert again.returncode == 1 and "There is a file of this name already" in again.stderr
    assert path.read_text(encoding="utf-8") == text


def test_an_export_of_an_unknown_kind(cases: CaseLog, tmp_path: Path) -> None:
    run = otak("cases", "export", tmp_path / "all.xlsx")
    assert run.returncode == 2
    assert "must end in .csv or .json" in run.stderr


def test_there_and_back(cases: CaseLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "backup.sqlite"
    assert lines(otak("cases", "backup", file)) == [f"{file}: 2 cases."]
    refused = otak("cases", "restore", file)
    assert (
        refused.returncode == 1
        and "already holds cases, 2" in refused.stderr
        and "--replace" in refused.stderr
    )
    assert lines(otak("cases", "restore", "--replace", file)) == [f"{cases.path}: 2 cases restored."]
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "other device"))
    assert lines(otak("cases", "restore", file, language="id"))[0].endswith("2 kasus dipulihkan.")
    assert len(lines(otak("cases", "list"))) == 2


def test_no_log(log: CaseLog, tmp_path: Path) -> None:
    for words in (["list"], ["export", tmp_path / "a.csv"], ["backup", tmp_path / "a.sqlite"]):
        run = otak("cases", *words)
        assert (run.returncode, run.stdout) == (1, "")
        assert run.stderr == f"otak: No cases are kept on this device. ({log.path})\n"
    assert not log.path.exists()


def test_a_damaged_log(cases: CaseLog, tmp_path: Path) -> None:
    cases.close()
    damage(cases.path)
    for words in (["list"], ["export", tmp_path / "a.csv"], ["backup", tmp_path / "a.sqlite"]):
        run = otak("cases", *words)
        assert run.returncode == 1
        assert run.stderr.startswith("otak: The case log is damaged")
        assert len(run.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_no_sub_command() -> None:
    run = otak("cases")
    assert run.returncode == 2 and "usage: otak cases" in run.stderr


def test_the_place_is_told() -> None:
    environment = os.environ.get("STATE_DIRECTORY")
    assert environment is None
    assert "cases.sqlite" in otak("cases", "--help").stdout
