from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from edge_app.case_log import schema
from edge_app.case_log.backup import backup, restore
from edge_app.case_log.cases import Change, Search
from edge_app.case_log.errors import CaseLogError
from edge_app.case_log.log import CaseLog
from edge_app.case_log.schema import MIGRATIONS
from tests.edge_app.case_log.examples import code_of, damage, new_case, new_study


@pytest.fixture
def copy(path: Path, tmp_path: Path) -> Path:
    cases = CaseLog(path)
    cases.add(new_study())
    cases.change(cases.add(new_case("K-1")), Change(note="kept"))
    cases.close()
    target = tmp_path / "backup.sqlite"
    assert backup(path, target) == 2
    return target


def test_a_backup_is_one_file_for_its_owner_alone(copy: Path) -> None:
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [file.name for file in copy.parent.iterdir() if file.is_file()] == [copy.name]


def test_there_and_back(copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "cases.sqlite"
    assert restore(other, copy, replace=False) == 2
    cases = CaseLog(other)
    assert [case.note for case in cases.every()] == ["", "kept"]
    assert len(cases.slices(next(cases.every()).id)) == 2
    cases.add(new_case())
    assert stat.S_IMODE(other.stat().st_mode) == 0o600


def test_while_a_server_writes(path: Path, copy: Path, tmp_path: Path) -> None:
    cases = CaseLog(path)
    cases.add(new_case("late"))
    # What was written after the backup is kept unless it is said to go.
    with pytest.raises(CaseLogError) as error:
        restore(path, copy, replace=False)
    assert code_of(error) == "cases_not_empty" and "3" in str(error.value)
    assert restore(path, copy, replace=True) == 2
    cases.add(new_case("after"))
    assert [case.patient for case in cases.every()] == ["K-18", "K-1", "after"]
    assert backup(path, tmp_path / "second.sqlite") == 3


def test_a_damaged_log_is_set_aside(path: Path, copy: Path) -> None:
    cases = CaseLog(path)
    damage(path)
    with pytest.raises(CaseLogError):
        cases.add(new_case())
    assert restore(path, copy, replace=False) == 2
    assert cases.find(Search()).total == 2
    names = {file.name for file in path.parent.iterdir()}
    assert any(name.startswith("cases-damaged-") for name in names)


def test_there_is_nothing_to_back_up(path: Path, tmp_path: Path) -> None:
    with pytest.raises(CaseLogError) as error:
        backup(path, tmp_path / "backup.sqlite")
    assert code_of(error) == "cases_none"


@pytest.mark.parametrize("content", [b"", b"a letter", None])
def test_what_is_no_backup(path: Path, copy: Path, content: bytes | None) -> None:
    if content is None:
        copy.unlink()
    else:
        copy.write_bytes(content)
    for replace in (False, True):
        with pytest.raises(CaseLogError) as error:
            restore(path, copy, replace=replace)
        assert code_of(error) == "cases_no_backup"
    assert CaseLog(path).check() == 2


def test_what_is_no_file_is_no_backup(path: Path, copy: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for source in (pipe, tmp_path, Path("/dev/zero"), tmp_path / ("a" * 300)):
        with pytest.raises(CaseLogError) as error:
            restore(path, source, replace=True)
        assert code_of(error) == "cases_no_backup"
    assert CaseLog(path).check() == 2


def test_a_backup_that_is_cut_short(path: Path, copy: Path) -> None:
    copy.write_bytes(copy.read_bytes()[:-5000])
    with pytest.raises(CaseLogError) as error:
        restore(path, copy, replace=True)
    assert code_of(error) == "cases_no_backup"
    assert CaseLog(path).check() == 2


def test_versions(copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other, newest = tmp_path / "other.sqlite", tmp_path / "newest.sqlite"
    monkeypatch.setattr(schema, "MIGRATIONS", (*MIGRATIONS, "UPDATE cases SET note = note || '!'"))
    assert restore(other, copy, replace=False) == 2
    assert [case.note for case in CaseLog(other).every()] == ["!", "kept!"]
    backup(other, newest)
    monkeypatch.setattr(schema, "MIGRATIONS", MIGRATIONS)
    with pytest.raises(CaseLogError) as error:
        restore(tmp_path / "third.sqlite", newest, replace=False)
    assert code_of(error) == "cases_newer"


def test_a_backup_replaces_nothing(path: Path, copy: Path) -> None:
    before = copy.read_bytes()
    with pytest.raises(CaseLogError) as error:
        backup(path, copy)
    assert code_of(error) == "cases_exists"
    assert copy.read_bytes() == before
    with pytest.raises(CaseLogError) as error:
        backup(path, copy.parent / "nowhere" / "backup.sqlite")
    assert code_of(error) == "cases_no_target"


def test_a_card_without_room_is_not_the_log_s_disk(path: Path, copy: Path, small_disk: Path) -> None:
    cases = CaseLog(path)
    for _ in range(2):
        cases.add(new_case("K-2", bytes(600_000)))
    with pytest.raises(CaseLogError) as error:
        backup(path, small_disk / "backup.sqlite")
    assert code_of(error) == "cases_no_target" and "No space left" in str(error.value)
    assert list(small_disk.iterdir()) == []


def test_a_failed_backup_leaves_nothing(path: Path, copy: Path) -> None:
    damage(path)
    with pytest.raises(CaseLogError) as error:
        backup(path, copy.parent / "second.sqlite")
    assert code_of(error) == "cases_damaged"
    assert not (copy.parent / "second.sqlite").exists()
