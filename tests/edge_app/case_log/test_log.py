from __future__ import annotations

import os
import random
import shutil
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
from tests.edge_app.case_log.examples import SLICES, new_case, new_study, said, study_said

# Keeps cases until it is killed, and says of each which it is once it is kept.
WRITING = """
import sys
from pathlib import Path
from edge_app.case_log.log import CaseLog
from tests.edge_app.case_log.examples import new_case
log = CaseLog(Path(sys.argv[1]))
for place in range(1000):
    print(log.add(new_case(f"K-{place}", bytes(3000))), flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "otak" / "cases.sqlite"


def code_of(error: pytest.ExceptionInfo[CaseLogError]) -> str:
    assert all(error.value.sentence(language) for language in ("en", "id"))
    return error.value.code


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


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A disk of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    return folder


@pytest.fixture(autouse=True)
def unmount(tmp_path: Path) -> object:
    yield
    if (tmp_path / "small").is_mount():
        subprocess.run(["umount", "--lazy", str(tmp_path / "small")], check=True)


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


def test_a_disk_that_was_full_from_the_start(small_disk: Path) -> None:
    with (small_disk / "filler").open("wb") as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(bytes(65_536))
            file.flush()
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


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(0)
        file.write(b"not a database at all")


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
    with pytest.raises(CaseLogError) as error:
        CaseLog(path).add(new_case())
    assert code_of(error) == "cases_damaged"


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
