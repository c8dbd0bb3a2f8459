"""A night's run: an archive of 100,000 files, of which some are damaged and some end their worker.

Workers are killed as it goes, and so is the driver, which is then begun again. It ends well where every file
has its row, once, and each says what is so. ``make night`` runs it; it takes some minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure.archive import write_archive
from benchmarks.measure.machine import this_machine
from benchmarks.measure.memory import family, pss
from edge_app import records
from evaluation.tables import SCHEMA, Table
from tests.conftest import ROOT

SIDE = 128  # pixels; an archive of 100,000 such slices takes 4 GB
POISON = 3
DRIVER = [sys.executable, "-m", "tests.edge_app.screen.driver", "screen"]
EVERY = 5.0  # seconds between two kills of a worker
COLUMNS = ("What", "Figure")


def main() -> int:
    """Runs it, and writes what came of it down."""
    parser = argparse.ArgumentParser(prog="python -m tests.night", description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "night")
    options = parser.parse_args()
    with TemporaryDirectory(dir=ROOT / "runs") as folder:
        table = night(Path(folder), options.files)
    records.write(options.out / "table.json", table, SCHEMA)
    for row in table.rows:
        print(*row, sep=": ")
    return 0


def night(folder: Path, files: int) -> Table:
    """Makes an archive, screens it under fire, and checks what is written."""
    archive, out = folder / "archive", folder / "out"
    write_archive(archive, files, SIDE)
    paths = sorted(archive.rglob("*.dcm"))
    rolled = random.Random(1)
    damaged = rolled.sample(paths, files // 100)
    for path in damaged:
        path.write_bytes(path.read_bytes()[: rolled.randrange(1, 2000)])
    for index in range(POISON):
        (archive / f"poison-{index}.dcm").write_bytes(b"x")
    start = time.monotonic()
    drivers, workers, most = 0, 0, 0
    ended: int | None = None
    while ended is None:
        drivers += 1
        # The last one is left alone.
        patience = 4 * EVERY * drivers if drivers < 4 else None
        ended, killed, memory = _drive(archive, out, patience)
        workers += killed
        most = max(most, memory)
    seconds = time.monotonic() - start
    assert ended == 0, ended
    errors = _errors(out, files + POISON)
    assert errors["crashed"] == POISON, errors
    read = errors.pop("")
    assert read == files - len(damaged), errors
    rows = (
        ("Files", f"{files + POISON:,}"),
        ("of them read", f"{read:,}"),
        ("damaged by script, each a row with its error", f"{len(damaged):,}"),
        ("that end their worker, each a row that says so", f"{POISON}"),
        ("Workers killed", f"{workers}"),
        ("Drivers killed", f"{drivers - 1}"),
        ("Most memory of all processes together, MB", f"{most / 1e6:.0f}"),
        ("Minutes, with what was read twice after a kill", f"{seconds / 60:.1f}"),
    )
    note = (
        f"Drawn slices of {SIDE} x {SIDE} pixels of 16 bits; every file has one row. {this_machine().cpu}, "
        f"{this_machine().cores} cores, {datetime.now(UTC).date()}."
    )
    return Table("A night's run", COLUMNS, rows, note)


def _drive(archive: Path, out: Path, patience: float | None) -> tuple[int | None, int, int]:
    """Runs a driver and kills its workers, and itself after some seconds.

    Returns:
        Its exit code, None where it was killed; how many workers were; and the most memory of all.
    """
    killed = most = 0
    start = last = time.monotonic()
    with subprocess.Popen([*DRIVER, str(archive), "--out", str(out)], cwd=ROOT) as process:
        while process.poll() is None:
            time.sleep(0.2)
            all_of_it = family(process.pid)
            most = max(most, sum(map(pss, all_of_it)))
            now = time.monotonic()
            if now - last > EVERY and len(all_of_it) > 1:
                last = now
                with contextlib.suppress(ProcessLookupError):
                    os.kill(all_of_it[-1], signal.SIGKILL)
                    killed += 1
            if patience is not None and now - start > patience:
                process.kill()
                return None, killed, most
        return process.returncode, killed, most


def _errors(out: Path, files: int) -> Counter[str]:
    """Counts the rows by their error, and checks that every file has one."""
    with contextlib.closing(sqlite3.connect(out / "journal.sqlite")) as database:
        rows = database.execute(
            "SELECT path, error FROM slices JOIN files ON files.id = slices.file"
        ).fetchall()
    assert len({path for path, _ in rows}) == len(rows) == files
    return Counter(error for _, error in rows)


if __name__ == "__main__":
    sys.exit(main())
