"""One file of all cases, to be kept elsewhere, and the way back."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from edge_app.case_log import database
from edge_app.case_log.errors import CaseLogError
from edge_app.case_log.schema import version_of


def backup(log: Path, target: Path) -> int:
    """Writes a backup, whole or not at all, while others read and write the log.

    Args:
        log: Of a ``CaseLog``.
        target: A new file; nobody else may read it.

    Returns:
        How many cases it holds.

    Raises:
        CaseLogError: There is no log, it can't be read, or the backup can't be written.
    """
    if not log.exists():
        raise CaseLogError("cases_none")
    with database.explained(log), closing(sqlite3.connect(log, timeout=database.PATIENCE)) as source:
        version_of(source)
        try:
            # Open to nobody else from the start.
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            raise CaseLogError("cases_exists") from None
        except OSError as error:
            raise CaseLogError("cases_no_target", reason=error.strerror) from error
        try:
            source.execute("VACUUM INTO ?", (str(target),))
            _flush(target)
            return _count(target)
        except BaseException as error:
            target.unlink()
            # The log's own disk has room.
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                raise CaseLogError("cases_no_target", reason=os.strerror(errno.ENOSPC)) from error
            raise


def restore(log: Path, source: Path, replace: bool) -> int:
    """Fills a log from a backup, whole or not at all, while a server may be using it.

    A log that is damaged is set aside: its file gets the time into its name.

    Args:
        log: Of a ``CaseLog``; made where absent.
        source: A backup, of this version or an older one.
        replace: Whether cases that the log holds may be lost.

    Returns:
        How many cases it holds now.

    Raises:
        CaseLogError: The backup is none, the log holds cases, or can't be written.
    """
    count = _count(source)
    with database.explained(log):
        try:
            held = _held(log)
        except CaseLogError as error:
            if error.code != "cases_damaged":
                raise
            _set_aside(log)
            held = 0
        if held and not replace:
            raise CaseLogError("cases_not_empty", count=held)
        with closing(database.write_to(log)) as target, closing(_opened(source)) as kept:
            kept.backup(target)
        # Brings an older version's tables to this one's, and empties the journal.
        with closing(database.write_to(log)) as target:
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return count


def _held(log: Path) -> int:
    if not log.exists():
        return 0
    with database.explained(log), closing(database.write_to(log)) as target:
        if target.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise CaseLogError("cases_damaged")
        (held,) = target.execute("SELECT COUNT(*) FROM cases").fetchone()
        return int(held)


def _count(source: Path) -> int:
    """Returns how many cases a backup holds; it is read to the end."""
    try:
        # SQLite would wait for somebody to write to a pipe.
        if not source.is_file():
            raise CaseLogError("cases_no_backup")
        with closing(_opened(source)) as kept:
            version_of(kept)
            if kept.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise CaseLogError("cases_no_backup")
            (count,) = kept.execute("SELECT COUNT(*) FROM cases").fetchone()
            return int(count)
    except (sqlite3.Error, OSError) as error:
        raise CaseLogError("cases_no_backup") from error
    except CaseLogError as error:
        raise error if error.code == "cases_newer" else CaseLogError("cases_no_backup") from error


def _opened(source: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)


def _set_aside(log: Path) -> None:
    time = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    for ending in ("", "-wal", "-shm"):
        file = log.with_name(log.name + ending)
        if file.exists():
            file.rename(log.with_name(f"{log.stem}-damaged-{time}{log.suffix}{ending}"))


def _flush(path: Path) -> None:
    """Makes sure that a file and its name are on the disk."""
    for place, kind in ((path, os.O_RDONLY), (path.parent, os.O_RDONLY | os.O_DIRECTORY)):
        opened = os.open(place, kind)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
