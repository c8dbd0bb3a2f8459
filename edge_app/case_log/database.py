"""The log's file: how it is opened, and what SQLite's errors mean to a clinic."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_app.case_log.errors import CaseLogError
from edge_app.case_log.schema import migrate, version_of

PATIENCE = 5.0  # seconds that another may write
FULL = 1_000_000  # bytes; a disk with less than this is full
CODES = {
    sqlite3.SQLITE_FULL: "cases_full",
    sqlite3.SQLITE_BUSY: "cases_locked",
    sqlite3.SQLITE_LOCKED: "cases_locked",
    sqlite3.SQLITE_CORRUPT: "cases_damaged",
    sqlite3.SQLITE_NOTADB: "cases_damaged",
    sqlite3.SQLITE_READONLY: "cases_closed",
    sqlite3.SQLITE_CANTOPEN: "cases_closed",
    sqlite3.SQLITE_PERM: "cases_closed",
    sqlite3.SQLITE_AUTH: "cases_closed",
}


def make(path: Path) -> None:
    """Makes the file and its folder where they are absent, closed to everybody else.

    Raises:
        OSError: They can't be made.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # SQLite's other files take their permissions from this one.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))


def write_to(path: Path) -> sqlite3.Connection:
    """Opens the file for its writer, every transaction kept for good once it returns.

    Raises:
        CaseLogError: It isn't Otak's, or a newer version's.
        OSError: It can't be made.
        sqlite3.Error: It can't be opened or written.
    """
    make(path)
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        # Another program's file is left as it is.
        version_of(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def read_from(path: Path) -> sqlite3.Connection:
    """Opens the file for a reader.

    Raises:
        sqlite3.Error: It can't be opened.
    """
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=PATIENCE)
    connection.execute("PRAGMA query_only = ON")
    connection.row_factory = sqlite3.Row
    return connection


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what goes wrong with a file into a ``CaseLogError``."""
    try:
        yield
    except sqlite3.Error as error:
        # The low byte; the others say more than is of use here.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        known = CODES.get(code, "cases_failed")
        # A write that a full disk refused may be told as any other.
        if code == sqlite3.SQLITE_IOERR and _is_full(path):
            known = "cases_full"
        raise CaseLogError(known) from error
    except OSError as error:
        known = "cases_full" if _is_full(path) else "cases_closed"
        raise CaseLogError(known) from error


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < FULL
    except OSError:
        return False
