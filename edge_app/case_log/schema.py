"""The tables of the log, and how those of an older version become those of this one."""

from __future__ import annotations

import sqlite3

from edge_app.case_log.errors import CaseLogError

APPLICATION = 0x4F74616B  # "Otak", in the file's header
# One for each version; what was released is never changed, only followed by another.
MIGRATIONS = (
    """
    CREATE TABLE cases (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        time TEXT NOT NULL,
        patient TEXT NOT NULL,
        name TEXT NOT NULL,
        verdict TEXT,
        label TEXT,
        probabilities TEXT,
        in_distribution REAL,
        reasons TEXT NOT NULL,
        frame INTEGER,
        frames INTEGER,
        model TEXT NOT NULL,
        version TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        suspicious INTEGER,
        score REAL,
        counts TEXT,
        note TEXT NOT NULL DEFAULT '',
        diagnosis TEXT,
        slices TEXT,
        thumbnail BLOB
    ) STRICT
    """,
)


def version_of(connection: sqlite3.Connection) -> int:
    """Returns the version of a file's tables; 0 of a new file.

    Raises:
        CaseLogError: The file isn't Otak's, or a newer version's.
        sqlite3.Error: It can't be read.
    """
    # In one statement, since another process may be making the file just now.
    version, application, tables = connection.execute(
        "SELECT user_version, application_id, (SELECT COUNT(*) FROM sqlite_master) "
        "FROM pragma_user_version, pragma_application_id"
    ).fetchone()
    if application != APPLICATION and (tables or version):
        raise CaseLogError("cases_damaged")
    if version > len(MIGRATIONS):
        raise CaseLogError("cases_newer")
    return int(version)


def migrate(connection: sqlite3.Connection) -> None:
    """Brings a file's tables to this version, all steps or none.

    Raises:
        CaseLogError: As of ``version_of``.
        sqlite3.Error: The file can't be read or written.
    """
    if version_of(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been first.
        for step in MIGRATIONS[version_of(connection) :]:
            connection.execute(step)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has rolled it back already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
