"""The journal of a screening: what is done is written down at once, and never done again.

SQLite in WAL mode. A killed driver loses what was not yet committed, and a power cut perhaps the last
commits, but neither breaks it, and whatever is missing is read again.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from edge_app.errors import OtakError
from edge_app.screen.result import FileResult, Row, State

SCHEMA = 1
COMMIT_EVERY = 1.0  # seconds
TABLES = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (id INTEGER PRIMARY KEY, path BLOB NOT NULL, size INTEGER NOT NULL,
    modified INTEGER NOT NULL);
CREATE INDEX files_by_path ON files (path, id);
CREATE TABLE slices (file INTEGER NOT NULL, position INTEGER NOT NULL, entry TEXT NOT NULL,
    number INTEGER NOT NULL, frame INTEGER, study TEXT NOT NULL, series TEXT NOT NULL,
    verdict TEXT NOT NULL, label TEXT, reasons TEXT NOT NULL, probabilities TEXT NOT NULL,
    in_distribution REAL, milliseconds REAL NOT NULL, error TEXT NOT NULL,
    PRIMARY KEY (file, position)) WITHOUT ROWID;
CREATE INDEX slices_by_study ON slices (study, file);
"""
# A file that was changed and read again counts as it is now.
NEWEST = "SELECT max(id) AS id, path FROM files GROUP BY path"
COLUMNS = (
    "entry, number, frame, study, series, verdict, label, reasons, probabilities, in_distribution, "
    "milliseconds, error"
)


class JournalError(OtakError):
    """The results' folder can't be used for this; the text says why."""


class Journal:
    """The only writer of a folder of results."""

    def __init__(self, folder: Path, answering: str) -> None:
        """Opens or begins it.

        Args:
            folder: Made where absent.
            answering: As of ``edge_app.screen.result.answering``.

        Raises:
            JournalError: Another process writes there, another bundle answered, or it is no journal.
            OSError: The folder can't be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock = _lock(folder)
        path = folder / "journal.sqlite"
        try:
            self._database = sqlite3.connect(path, isolation_level=None)
            self._begin(path, {"schema": str(SCHEMA), "answering": answering})
        except sqlite3.Error as error:
            os.close(self._lock)
            raise JournalError(f"{path}: can't be used ({error}); name another folder with --out.") from None
        except JournalError:
            os.close(self._lock)
            raise

    def _begin(self, path: Path, about: dict[str, str]) -> None:
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute("BEGIN IMMEDIATE")
        if not self._database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'about'").fetchone():
            for statement in TABLES.split(";"):
                self._database.execute(statement)
            self._database.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        found = dict(self._database.execute("SELECT key, value FROM about"))
        self._database.execute("COMMIT")
        if found != about:
            raise JournalError(
                f"{path}: was begun with another bundle or by another version of Otak; "
                "go on with that one, or name another folder with --out."
            )
        self._committed = time.monotonic()
        self._whole = True

    def holds(self, path: str, state: State) -> bool:
        """Tells whether a file was read as it is now. One that could not be looked at never was."""
        if state.size < 0:
            return False
        row = self._database.execute(
            "SELECT size, modified FROM files WHERE path = ? ORDER BY id DESC LIMIT 1", (os.fsencode(path),)
        ).fetchone()
        return bool(row == (state.size, state.modified))

    def add(self, result: FileResult) -> None:
        """Writes a file's slices down: all of them, or none where the process ends or is stopped between."""
        if not self._database.in_transaction:
            self._database.execute("BEGIN")
        # Ctrl-C and a full disk come in between, too.
        self._whole = False
        state = result.state
        cursor = self._database.execute(
            "INSERT INTO files (path, size, modified) VALUES (?, ?, ?)",
            (os.fsencode(result.path), state.size, state.modified),
        )
        self._database.executemany(
            f"INSERT INTO slices (file, position, {COLUMNS}) VALUES ({', '.join('?' * 14)})",  # noqa: S608
            [(cursor.lastrowid, place, *_values(row)) for place, row in enumerate(result.rows)],
        )
        self._whole = True
        if time.monotonic() - self._committed > COMMIT_EVERY:
            self.commit()

    def commit(self) -> None:
        """Makes what was added last; nothing of it where a file was cut short: all is read again."""
        if self._database.in_transaction:
            self._database.execute("COMMIT" if self._whole else "ROLLBACK")
        self._whole = True
        self._committed = time.monotonic()

    def slices(self, order: str = "newest.path, position") -> Iterator[tuple[str, Row]]:
        """Yields path and row of every slice, of each file as it was read last.

        Args:
            order: By what, in SQL.
        """
        rows = self._database.execute(
            f"SELECT newest.path, {COLUMNS} FROM slices JOIN ({NEWEST}) AS newest "  # noqa: S608
            f"ON newest.id = slices.file ORDER BY {order}"
        )
        for path, *values in rows:
            yield os.fsdecode(path), _row(values)

    def by_study(self) -> Iterator[tuple[str, Row]]:
        """Yields what ``slices`` does, study by study."""
        return self.slices("study, newest.path, position")

    def close(self) -> None:
        """Commits, and lets others write."""
        self.commit()
        self._database.close()
        os.close(self._lock)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _lock(folder: Path) -> int:
    """Takes the folder, until the process ends, however it does."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise JournalError(f"{folder}: another otak screen writes there; wait until it ends.") from None
    return lock


def _values(row: Row) -> tuple[object, ...]:
    return (
        row.entry,
        row.number,
        row.frame,
        row.study,
        row.series,
        row.verdict,
        row.label,
        " ".join(row.reasons),
        json.dumps(row.probabilities),
        row.in_distribution,
        row.milliseconds,
        row.error,
    )


def _row(values: Sequence[object]) -> Row:
    entry, number, frame, study, series, verdict, label, *rest = values
    reasons, probabilities, likely, milliseconds, error = rest
    return Row(
        entry=str(entry),
        number=int(str(number)),
        frame=frame if isinstance(frame, int) else None,
        study=str(study),
        series=str(series),
        verdict=str(verdict),
        label=None if label is None else str(label),
        reasons=tuple(str(reasons).split()),
        probabilities=tuple(json.loads(str(probabilities))),
        in_distribution=likely if isinstance(likely, float) else None,
        milliseconds=float(str(milliseconds)),
        error=str(error),
    )
