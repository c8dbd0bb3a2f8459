from __future__ import annotations

import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edge_app.case_log import database, log, schema
from edge_app.case_log.cases import Change, Search
from edge_app.case_log.errors import CaseLogError
from edge_app.case_log.log import CaseLog
from edge_app.case_log.place import default_place
from edge_app.case_log.schema import MIGRATIONS
from tests.edge_app.case_log.examples import SLICES, code_of, new_case, new_study, said, study_said

# Keeps cases until it is killed, and says of each which it is once it is kept.
WRITING = """
import sys
from itertools import count
from pathlib import Path
from edge_app.case_log.log import CaseLog
from tests.edge_app.case_log.examples import new_case
log = CaseLog(Path(sys.argv[1]))
for place in count():
    print(log.add(new_case(f"K-{place}", bytes(3000))), flush=True)
"""


def test_a_case_is_kept(path: Path) -> None:
    cases = CaseLog(path)
    id_ = cases.add(new_case())
    for found in (cases.get(id_), CaseLog(path).get(id_)):
        assert {name: getattr(found, name) for name in vars(said())} == vars(said())
        assert (found.patient, found.name, found.note, found.diagnosis) == ("K-17", "", "", None)
        assert found.time.endswith("Z") and found.thumbnail
    assert cases.thumbnail(id_) == b"\xff\xd8 a picture"
    assert cases.slices(id_) == ()


@pytest.mark.parametrize("suspicious", [True, False, None])
def test_a_study_is_kept(path: Path, suspicious: bool | None) -> None:
    cases = CaseLog(path)
    id_ = cases.add(new_study(suspicious))
    assert cases.get(id_).study == study_said(suspicious).study
    assert cases.get(id_).verdict is None
    assert cases.slices(id_) == SLICES
    assert cases.thumbnail(id_) is None


def test_nobody_else_may_read_it(path: Path) -> None:
    old = os.umask(0)
    try:
        cases = CaseLog(path)
        cases.add(new_case())
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    files = list(path.parent.iterdir())
    assert {file.name for file in files} == {"cases.sqlite", "cases.sqlite-wal", "cases.sqlite-shm"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_every_write_is_flushed_to_the_disk(path: Path) -> None:
    with closing(database.write_to(path)) as writer:
        pragmas = {
            name: writer.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "secure_delete", "user_version", "application_id")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "secure_delete": 1,
        "user_version": len(MIGRATIONS),
        "application_id": schema.APPLICATION,
    }


def test_the_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", "/home/ani")
    for variable in ("STATE_DIRECTORY", "XDG_STATE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    assert default_place() == Path("/home/ani/.local/state/otak/cases.sqlite")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert default_place() == Path("/home/ani/.local/state/otak/cases.sqlite")
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert default_place() == Path("/state/otak/cases.sqlite")
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/otak:/var/lib/other")
    assert default_place() == Path("/var/lib/otak/cases.sqlite")


def test_a_search(path: Path) -> None:
    cases = CaseLog(path)
    ids = [cases.add(new_case(f"K-{place}")) for place in range(7)]
    unsure = cases.add(new_case("A_1%", verdict="unsure"))
    cases.change(ids[3], Change(note="Ani's follow-up", diagnosis="meningioma"))

    def found(**asked: str) -> list[str]:
        return [case.id for case in cases.find(Search(**asked)).cases]  # type: ignore[arg-type]

    assert found() == [unsure, *reversed(ids)]
    assert found(text="k-5") == [ids[5]]
    assert found(text="ANI'S") == [ids[3]]
    # No letter has a meaning of its own.
    assert found(text="A_1%") == [unsure]
    assert found(text="K_5") == found(text="%5") == found(text="!") == []
    assert found(verdict="unsure") == [unsure]
    assert found(diagnosis="meningioma") == [ids[3]]
    assert found(diagnosis="none", verdict="answer") == [each for each in reversed(ids) if each != ids[3]]


def test_pages(path: Path) -> None:
    cases = CaseLog(path)
    ids = [cases.add(new_case(f"K-{place}")) for place in range(5)]
    seen, before = [], None
    for size in (2, 2, 1):
        page = cases.find(Search(limit=2, before=before))
        assert (len(page.cases), page.total) == (size, 5)
        seen += [case.id for case in page.cases]
        before = page.next
        # What comes in the meantime moves no page.
        cases.add(new_case("new", verdict="refused")) if before is None else None
    assert (seen, before) == (ids[::-1], None)
    assert [case.id for case in cases.every()][:5] == ids


def test_a_page_after_a_case_that_was_deleted(path: Path) -> None:
    cases = CaseLog(path)
    for place in range(3):
        cases.add(new_case(f"K-{place}"))
    page = cases.find(Search(limit=1))
    cases.delete(page.cases[0].id)
    with pytest.raises(CaseLogError) as error:
        cases.find(Search(limit=1, before=page.next))
    assert code_of(error) == "cases_unknown"


def test_a_change(path: Path) -> None:
    cases = CaseLog(path)
    id_, other = cases.add(new_case()), cases.add(new_case("K-2"))
    before = cases.get(id_)
    assert cases.change(id_, Change()) == before
    after = cases.change(id_, Change(note="second\nline", diagnosis="other"))
    assert after == replace(before, note="second\nline", diagnosis="other") == cases.get(id_)
    assert cases.change(id_, Change(patient="K-18", diagnosis="")) == replace(
        after, patient="K-18", diagnosis=None
    )
    assert cases.get(other).patient == "K-2"


def test_an_unknown_case(path: Path) -> None:
    cases = CaseLog(path)
    calls = (
        cases.get,
        cases.slices,
        cases.thumbnail,
        cases.delete,
        lambda id_: cases.change(id_, Change(note="x")),
    )
    for call in calls:
        with pytest.raises(CaseLogError) as error:
            call("0b8f8a5c")
        assert code_of(error) == "cases_unknown"


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_what_is_deleted_is_gone(path: Path) -> None:
    """With this seed ``secure_delete`` alone leaves a copy that a row left behind when it moved."""
    cases, draw = CaseLog(path), random.Random(4)
    ids: dict[str, str] = {}
    for place in range(120):
        mark = f"SECRET{place:05d}X"
        picture = mark.encode() * draw.choice([1, 30, 200])
        ids[mark] = cases.add(new_case(mark, picture))
    for mark in draw.sample(sorted(ids), 60):
        cases.change(ids[mark], Change(note=f"NOTE{mark}" * draw.choice([1, 20, 180])))
    gone = draw.sample(sorted(ids), 24)
    assert all(mark.encode() in bytes_of(path.parent) for mark in gone)
    for mark in gone:
        cases.delete(ids[mark])
    left = bytes_of(path.parent)
    assert [mark for mark in gone if mark.encode() in left] == []
    assert all(mark.encode() in left for mark in set(ids) - set(gone))
    assert cases.find(Search()).total == 96


def test_what_a_note_was_is_gone(path: Path) -> None:
    cases = CaseLog(path)
    id_ = cases.add(new_case("ibu Ani"))
    cases.change(id_, Change(note="a wrong note"))
    assert b"ibu Ani" in bytes_of(path.parent)
    cases.change(id_, Change(note="", patient="K-1"))
    left = bytes_of(path.parent)
    assert b"ibu Ani" not in left and b"a wrong note" not in left and b"K-1" in left


def test_a_reader_that_stays_leaves_traces_and_it_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.1)
    cases = CaseLog(path)
    id_ = cases.add(new_case("SECRET"))
    for _ in range(3):
        cases.add(new_case())
    reading = cases.every()
    next(reading)
    with pytest.raises(CaseLogError) as error:
        cases.delete(id_)
    assert code_of(error) == "cases_traces"
    del reading
    with pytest.raises(CaseLogError) as error:
        cases.delete(id_)
    assert code_of(error) == "cases_unknown"
    assert b"SECRET" not in bytes_of(path.parent)


def test_readers_don_t_wait_for_the_writer(path: Path) -> None:
    cases = CaseLog(path)
    first = cases.add(new_case("K-0"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE cases SET patient = 'unfinished'")
        assert cases.get(first).patient == "K-0"
        other.execute("ROLLBACK")


def test_threads_share_it(path: Path) -> None:
    cases = CaseLog(path)
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda place: cases.add(new_case(f"K-{place}")), range(80)))
        patients = list(pool.map(lambda id_: cases.get(id_).patient, ids))
    assert patients == [f"K-{place}" for place in range(80)]
    assert cases.check() == 80


def test_a_child_opens_its_own(path: Path) -> None:
    cases = CaseLog(path)
    cases.add(new_case("parent"))
    child = os.fork()
    if child == 0:
        code = 1
        try:
            cases.add(new_case("child"))
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    cases.add(new_case("parent"))
    assert [case.patient for case in cases.every()] == ["parent", "child", "parent"]


def test_kill_9_loses_nothing_that_was_acknowledged(path: Path) -> None:
    command = [sys.executable, "-c", WRITING, str(path)]
    acknowledged: list[str] = []
    for stop in (180, 333):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            for line in process.stdout:
                acknowledged.append(line.strip())
                if len(acknowledged) >= stop:
                    process.send_signal(signal.SIGKILL)
                    break
            # What it said before the signal reached it.
            acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
        assert process.returncode == -signal.SIGKILL
    cases = CaseLog(path)
    kept = {case.id for case in cases.every()}
    assert set(acknowledged) <= kept and len(kept) - len(set(acknowledged)) <= 2
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_older_log_is_migrated(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = CaseLog(path)
    id_ = cases.add(new_case("K-1"))
    cases.close()
    newer = (*MIGRATIONS, "UPDATE cases SET patient = patient || '!'")
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    assert cases.get(id_).patient == CaseLog(path).get(id_).patient == "K-1!"
    cases.close()
    monkeypatch.setattr(schema, "MIGRATIONS", MIGRATIONS)
    with pytest.raises(CaseLogError) as error:
        cases.get(id_)
    assert code_of(error) == "cases_newer"


def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = CaseLog(path)
    id_ = cases.add(new_case("K-1"))
    cases.close()
    steps = (*MIGRATIONS, "UPDATE cases SET patient = ''", "UPDATE nowhere SET patient = ''")
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    with pytest.raises(CaseLogError) as error:
        cases.get(id_)
    assert code_of(error) == "cases_failed"
    monkeypatch.setattr(schema, "MIGRATIONS", MIGRATIONS)
    assert cases.get(id_).patient == "K-1"


def test_two_processes_make_it_at_once(path: Path) -> None:
    start = threading.Barrier(8)

    def make(place: int) -> str:
        start.wait()
        return CaseLog(path).add(new_case(f"K-{place}"))

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(make, range(8)))
    assert {case.id for case in CaseLog(path).every()} == ids


def test_broken_codes_are_known() -> None:
    assert set(log.BROKEN) < set(database.CODES.values()) | {"cases_failed"}
