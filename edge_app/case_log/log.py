"""The case log: SQLite, one writer, and readers beside it."""

from __future__ import annotations

import os
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from edge_app.answer import SliceAnswer
from edge_app.case_log import database, rows
from edge_app.case_log.cases import NONE, Case, Change, Found, NewCase, Search
from edge_app.case_log.errors import CaseLogError

BROKEN = ("cases_damaged", "cases_closed", "cases_failed")


class CaseLog:
    """A file of cases. Safe to share between threads; every process opens its own.

    Whatever it is asked to write is on the disk once it returns. Each method raises a ``CaseLogError`` where
    the file can't be read or written; the next call tries again.
    """

    def __init__(self, path: Path) -> None:
        """Opens nothing yet.

        Args:
            path: Of the file; it is made with its folder when the log is first used.
        """
        self.path = path
        self._lock = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._opened: tuple[int, int, int] | None = None

    def add(self, case: NewCase) -> str:
        """Keeps a case; returns its id."""
        id_ = str(uuid.uuid4())
        time = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        values = rows.values_of(case, id_, time)
        names = ", ".join(values)
        places = ", ".join(f":{name}" for name in values)
        with self._writing() as writer:
            writer.execute(f"INSERT INTO cases ({names}) VALUES ({places})", values)  # noqa: S608 (own names)
        return id_

    def change(self, id_: str, change: Change) -> Case:
        """Changes a case; returns it as it is now. What it was before is gone for good.

        Raises:
            CaseLogError: ``cases_unknown`` where there is no such case.
        """
        values = {"patient": change.patient, "note": change.note, "diagnosis": change.diagnosis, "id": id_}
        with self._writing() as writer:
            before = writer.execute("SELECT patient, note FROM cases WHERE id = ?", (id_,)).fetchone()
            if before is None:
                raise CaseLogError("cases_unknown")
            writer.execute(
                "UPDATE cases SET patient = COALESCE(:patient, patient), note = COALESCE(:note, note), "
                "diagnosis = NULLIF(COALESCE(:diagnosis, diagnosis), '') WHERE id = :id",
                values,
            )
            after = (change.patient, change.note)
            if any(old and new not in (None, old) for old, new in zip(before, after, strict=True)):
                _forget(writer)
        return self.get(id_)

    def delete(self, id_: str) -> None:
        """Deletes a case; its bytes are gone from the file and from SQLite's journal beside it.

        Raises:
            CaseLogError: ``cases_unknown`` where there is no such case; ``cases_traces`` where it is deleted,
                but something of it may be left in the file. To delete it again takes that away.
        """
        with self._writing() as writer:
            found = writer.execute("DELETE FROM cases WHERE id = ?", (id_,)).rowcount
            _forget(writer)
        if not found:
            raise CaseLogError("cases_unknown")

    def check(self) -> int:
        """Makes sure that cases can be kept; returns how many there are."""
        with self._writing() as writer:
            # Takes the lock that a write takes.
            writer.execute("BEGIN IMMEDIATE")
            (count,) = writer.execute("SELECT COUNT(*) FROM cases").fetchone()
            writer.execute("ROLLBACK")
        return int(count)

    def get(self, id_: str) -> Case:
        """Returns a case.

        Raises:
            CaseLogError: ``cases_unknown`` where there is none.
        """
        return rows.case_of(self._one(f"SELECT {rows.COLUMNS} FROM cases WHERE id = ?", id_))  # noqa: S608

    def slices(self, id_: str) -> tuple[SliceAnswer, ...]:
        """Returns the slices of a study; none of a single slice. Errors as of ``get``."""
        return rows.slices_of(self._one("SELECT slices FROM cases WHERE id = ?", id_)["slices"])

    def thumbnail(self, id_: str) -> bytes | None:
        """Returns a case's small JPEG. Errors as of ``get``."""
        row = self._one("SELECT thumbnail FROM cases WHERE id = ?", id_)
        return None if row["thumbnail"] is None else bytes(row["thumbnail"])

    def find(self, search: Search) -> Found:
        """Lists cases, the newest first.

        Raises:
            CaseLogError: ``cases_unknown`` where the last case of the page before is gone.
        """
        where, values = _conditions(search)
        with self._reading() as reader:
            (total,) = reader.execute(f"SELECT COUNT(*) FROM cases WHERE {where}", values).fetchone()  # noqa: S608
            if search.before is not None:
                last = reader.execute("SELECT place FROM cases WHERE id = ?", (search.before,)).fetchone()
                # It was deleted since: an empty page would say that there are no more.
                if last is None:
                    raise CaseLogError("cases_unknown")
                where += " AND place < :place"
                values["place"] = last["place"]
            page = reader.execute(
                f"SELECT {rows.COLUMNS} FROM cases WHERE {where} ORDER BY place DESC LIMIT :limit",  # noqa: S608
                values | {"limit": search.limit + 1},
            ).fetchall()
        cases = tuple(map(rows.case_of, page[: search.limit]))
        more = len(page) > search.limit
        return Found(cases=cases, total=total, next=cases[-1].id if more and cases else None)

    def every(self) -> Iterator[Case]:
        """Yields every case, the oldest first, as they were when the first was asked for."""
        with self._reading() as reader:
            for row in reader.execute(f"SELECT {rows.COLUMNS} FROM cases ORDER BY place"):  # noqa: S608
                yield rows.case_of(row)

    def kinds(self) -> Iterator[tuple[Case, int]]:
        """Yields a case of each kind that a clinic's figures tell apart, and how many there are of it.

        The kind that was asked last comes last.
        """
        kinds = f"SELECT MAX(place), COUNT(*) FROM cases GROUP BY {rows.KIND} ORDER BY 1"  # noqa: S608 (own names)
        last = f"SELECT {rows.COLUMNS} FROM cases WHERE place = ?"  # noqa: S608
        with self._reading() as reader:
            # Both see the same cases.
            reader.execute("BEGIN")
            for place, count in reader.execute(kinds).fetchall():
                yield rows.case_of(reader.execute(last, (place,)).fetchone()), count

    def labels(self) -> tuple[str, ...]:
        """Returns every label that a model of these cases has, in their order."""
        kinds = self.kinds()
        return tuple(dict.fromkeys(label for case, _ in kinds for label in case.probabilities or ()))

    def close(self) -> None:
        """Closes the file; the next call opens it again."""
        with self._lock:
            self._drop()

    def _one(self, query: str, id_: str) -> sqlite3.Row:
        with self._reading() as reader:
            row: sqlite3.Row | None = reader.execute(query, (id_,)).fetchone()
        if row is None:
            raise CaseLogError("cases_unknown")
        return row

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, database.explained(self.path):
            self._open()
        with database.explained(self.path), closing(database.read_from(self.path)) as reader:
            yield reader

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                with database.explained(self.path):
                    yield self._open()
            except CaseLogError as error:
                if error.code in BROKEN:
                    self._drop()
                raise

    def _open(self) -> sqlite3.Connection:
        """Returns the writer, another one after a fork, and where another file took the place of its own."""
        if self._writer is None or self._opened != self._identity():
            self._drop()
            self._writer = database.write_to(self.path)
            self._opened = self._identity()
        return self._writer

    def _identity(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return os.getpid(), found.st_dev, found.st_ino

    def _drop(self) -> None:
        # A parent's connection is not a child's to close.
        if self._writer is not None and self._opened is not None and self._opened[0] == os.getpid():
            self._writer.close()
        self._writer = None


def _forget(writer: sqlite3.Connection) -> None:
    """Takes from the file and its journal what is in no case any longer.

    ``secure_delete`` overwrites what is deleted, but not the copies that SQLite leaves in a page when it
    moves rows to another; and the journal holds what pages were before.

    Raises:
        CaseLogError: The disk is full, or somebody reads or writes for longer than is waited.
    """
    try:
        writer.execute("VACUUM")
        (busy, *_) = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        raise CaseLogError("cases_traces") from error
    if busy:
        raise CaseLogError("cases_traces")


def _conditions(search: Search) -> tuple[str, dict[str, str | int | None]]:
    conditions, values = ["TRUE"], dict[str, str | int | None]()
    if search.text:
        conditions.append(
            "(patient LIKE :text ESCAPE '!' OR note LIKE :text ESCAPE '!' OR name LIKE :text ESCAPE '!')"
        )
        escaped = "".join(f"!{letter}" if letter in "!%_" else letter for letter in search.text)
        values["text"] = f"%{escaped}%"
    if search.verdict is not None:
        conditions.append("verdict = :verdict")
        values["verdict"] = search.verdict
    if search.diagnosis == NONE:
        conditions.append("diagnosis IS NULL")
    elif search.diagnosis is not None:
        conditions.append("diagnosis = :diagnosis")
        values["diagnosis"] = search.diagnosis
    return " AND ".join(conditions), values
