"""What a disk, another program or a stray byte may do to the log."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from edge_app.case_log import database
from edge_app.case_log.cases import Search
from edge_app.case_log.errors import CaseLogError
from edge_app.case_log.log import CaseLog
from tests.edge_app.case_log.examples import code_of, damage, new_case


def test_a_full_disk(small_disk: Path) -> None:
    cases = CaseLog(small_disk / "cases.sqlite")
    first = cases.add(new_case("K-0", bytes(20_000)))
    kept = 1
    with pytest.raises(CaseLogError) as error:
        for _ in range(100):
            cases.add(new_case("K-1", bytes(20_000)))
            kept += 1
    assert code_of(error) == "cases_full"
    # What was kept is there, and what can be read is read.
    assert cases.get(first).patient == "K-0"
    assert [case.thumbnail for case in cases.every()] == [True] * kept
    with pytest.raises(CaseLogError) as error:
        cases.add(new_case("K-2", bytes(20_000)))
    assert code_of(error) == "cases_full"
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    cases.add(new_case("K-3", bytes(20_000)))
    assert cases.check() == kept + 1
    cases.close()


def test_a_file_that_may_not_grow(path: Path) -> None:
    """As on a full disk, where none can be mounted."""
    cases = CaseLog(path)
    cases.add(new_case("K-1"))
    assert cases._writer is not None
    cases._writer.execute("PRAGMA max_page_count = 8")
    with pytest.raises(CaseLogError) as error:
        cases.add(new_case("K-2", bytes(100_000)))
    assert code_of(error) == "cases_full"
    assert [case.patient for case in cases.every()] == ["K-1"]


def test_a_disk_that_was_full_from_the_start(small_disk: Path) -> None:
    with (small_disk / "filler").open("wb", 0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(bytes(4_096))
    with pytest.raises(CaseLogError) as error:
        CaseLog(small_disk / "otak" / "cases.sqlite").add(new_case())
    assert code_of(error) == "cases_full"


def test_a_database_that_another_has_locked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    cases = CaseLog(path)
    cases.add(new_case())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for call in (lambda: cases.add(new_case()), cases.check):
            with pytest.raises(CaseLogError) as error:
                call()
            assert code_of(error) == "cases_locked"
        assert cases.find(Search()).total == 1
        other.execute("ROLLBACK")
    cases.add(new_case())


def test_a_damaged_file(path: Path) -> None:
    cases = CaseLog(path)
    cases.add(new_case())
    cases.close()
    damage(path)
    for call in (
        lambda: cases.add(new_case()),
        cases.check,
        lambda: cases.find(Search()),
        lambda: cases.get("a"),
    ):
        with pytest.raises(CaseLogError) as error:
            call()
        assert code_of(error) == "cases_damaged"


def test_a_row_of_nonsense(path: Path) -> None:
    cases = CaseLog(path)
    id_ = cases.add(new_case())
    with closing(sqlite3.connect(path)) as other:
        for column, value in (("reasons", "[1"), ("reasons", '{"a": 1}'), ("verdict", "perhaps")):
            other.execute(f"UPDATE cases SET {column} = ?", (value,))  # noqa: S608 (of this test)
            other.commit()
            with pytest.raises(CaseLogError) as error:
                cases.get(id_)
            assert code_of(error) == "cases_damaged"


def test_the_file_of_another_program(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE cases (weight REAL)")
        other.commit()
    before = path.read_bytes()
    with pytest.raises(CaseLogError) as error:
        CaseLog(path).add(new_case())
    assert code_of(error) == "cases_damaged"
    assert path.read_bytes() == before


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("chattr"), reason="root may write everywhere")
def test_a_place_that_can_t_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for place in (tmp_path / "file" / "cases.sqlite", tmp_path / ("x" * 300) / "cases.sqlite", tmp_path):
        with pytest.raises(CaseLogError) as error:
            CaseLog(place).add(new_case())
        assert code_of(error) == "cases_closed"


def test_a_read_only_disk(small_disk: Path) -> None:
    cases = CaseLog(small_disk / "cases.sqlite")
    cases.add(new_case())
    cases.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(CaseLogError) as error:
        cases.add(new_case())
    assert code_of(error) == "cases_closed"


def test_it_goes_on_where_its_file_was_taken_away(path: Path) -> None:
    cases = CaseLog(path)
    cases.add(new_case("K-1"))
    for file in path.parent.iterdir():
        file.rename(path.parent / f"away-{file.name}")
    id_ = cases.add(new_case("K-2"))
    assert [case.id for case in CaseLog(path).every()] == [id_]
