"""``otak screen`` as a process: interrupted, killed and resumed."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, heed_interrupts
from tests.edge_app.screen.archive import slice_file, write_archive, write_zip
from tests.edge_app.screen.poisoned import MODULE
from tests.memory import children

DRIVER = ["-m", "tests.edge_app.screen.driver"]
ENVIRONMENT = os.environ | {"LANG": "C"}


def command(bundle: Path, out: Path, *paths: str | Path, processes: int = 2) -> list[str]:
    options = ["--out", str(out), "--bundle", str(bundle), "--processes", str(processes)]
    return [sys.executable, *DRIVER, "screen", *map(str, paths), *options]


def run(bundle: Path, out: Path, *paths: str | Path, listed: bytes = b"") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(bundle, out, *paths),
        cwd=ROOT,
        env=ENVIRONMENT,
        input=listed.decode("utf-8", "surrogateescape"),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@contextlib.contextmanager
def running(bundle: Path, out: Path, *paths: str | Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command(bundle, out, *paths),
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def written(out: Path, table: str = "files") -> int:
    """How many files the journal holds for good."""
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(out / "journal.sqlite")) as base,
    ):
        return int(base.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 (of these tests)
    return 0


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def has_killed_a_worker(driver: int) -> bool:
    """Kills one that reads files; while it is being replaced there may be none."""
    for child in children(driver):
        with contextlib.suppress(OSError):
            if MODULE.encode() in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(child, signal.SIGKILL)
                return True
    return False


def write_endless(archive: Path) -> Path:
    """Writes a file that keeps a screening from its end, however fast the others are read."""
    path = archive / "asleep.dcm"
    path.write_bytes(slice_file("glioma", 1, "1.2.3"))
    return path


def table(out: Path) -> list[dict[str, str]]:
    parquet = out / "slices.parquet"
    if parquet.exists():
        from pyarrow import parquet as reader

        rows: list[dict[str, str]] = reader.read_table(parquet).to_pylist()
        return rows
    with (out / "slices.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_an_archive_from_beginning_to_end(tmp_path: Path, toy_bundle: Path) -> None:
    archive, out = tmp_path / "archive", tmp_path / "out"
    paths = write_archive(archive, studies=3, slices=2)
    write_zip(archive / "some.zip")
    (archive / "poison.dcm").write_bytes(slice_file("glioma", 1, "1.2.3"))
    done = run(toy_bundle, out, archive, paths[0], tmp_path / "gone")
    assert done.returncode == 0, done.stderr
    assert "9 files read, 1 were read before" in done.stdout and "Worklist: " in done.stdout
    rows = table(out)
    assert [(row["path"], row["entry"], row["error"]) for row in rows] == [
        (str(archive / "poison.dcm"), "", "crashed"),
        *[
            (str(archive / "some.zip"), name, error)
            for name, error in (("one.dcm", ""), ("one.dcm", ""), ("notes.txt", "no_image"))
        ],
        *[(path, "", "") for path in paths],
        (str(tmp_path / "gone"), "", "missing"),
    ]
    assert (out / "worklist.html").exists() and (out / "studies.csv").exists()
    again = run(toy_bundle, out, archive)
    assert "0 files read, 8 were read before" in again.stdout
    assert table(out) == rows


def test_a_list_from_standard_input(tmp_path: Path, toy_bundle: Path) -> None:
    paths = write_archive(tmp_path / "archive", studies=2, slices=1)
    done = run(toy_bundle, tmp_path / "out", "-", listed="\n".join(paths).encode())
    assert done.returncode == 0 and [row["path"] for row in table(tmp_path / "out")] == paths


def test_progress_for_machines(tmp_path: Path, toy_bundle: Path) -> None:
    write_archive(tmp_path / "archive", studies=2, slices=1)
    done = run(toy_bundle, tmp_path / "out", tmp_path / "archive", "--json")
    last = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0 and done.stderr == ""
    assert (last["files"], last["errors"], last["total"], last["left"]) == (2, 0, 2, 0)


def test_quiet(tmp_path: Path, toy_bundle: Path) -> None:
    write_archive(tmp_path / "archive", studies=1, slices=1)
    assert run(toy_bundle, tmp_path / "out", tmp_path / "archive", "--quiet").stderr == ""


def test_ctrl_c_and_going_on(tmp_path: Path, toy_bundle: Path) -> None:
    archive, out = tmp_path / "archive", tmp_path / "out"
    paths = write_archive(archive, studies=200, slices=10)
    endless = write_endless(archive)
    with running(toy_bundle, out, archive) as process:
        wait_until(lambda: written(out) > 0)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130 and "the same command goes on" in told
    assert 0 < written(out) <= len(paths)
    endless.unlink()
    assert run(toy_bundle, out, archive).returncode == 0
    assert [row["path"] for row in table(out)] == paths


def test_kills_of_workers_and_of_the_driver(tmp_path: Path, toy_bundle: Path) -> None:
    archive, out = tmp_path / "archive", tmp_path / "out"
    paths = write_archive(archive, studies=40, slices=10)
    endless = write_endless(archive)
    (archive / "poison.dcm").write_bytes(slice_file("glioma", 1, "1.2.3"))
    with running(toy_bundle, out, archive) as process:
        for count in (1, 100):
            wait_until(lambda count=count: written(out) >= count)  # type: ignore[misc]
            wait_until(lambda: has_killed_a_worker(process.pid))
        process.kill()
    endless.unlink()
    assert run(toy_bundle, out, archive).returncode == 0
    rows = [row for row in table(out) if row["path"] != str(endless)]
    assert [row["path"] for row in rows] == [str(archive / "poison.dcm"), *paths]
    assert [row["error"] for row in rows] == ["crashed", *[""] * len(paths)]


def test_a_file_that_changed_is_read_again(tmp_path: Path, toy_bundle: Path) -> None:
    archive, out = tmp_path / "archive", tmp_path / "out"
    first, second = write_archive(archive, studies=2, slices=1)
    grows, vanishes = archive / "grows.dcm", archive / "vanishes.dcm"
    for path in (grows, vanishes):
        path.write_bytes(slice_file("glioma", 1, "1.2.3"))
    assert run(toy_bundle, out, archive).returncode == 0
    assert [(Path(row["path"]), row["error"]) for row in table(out) if row["error"]] == [
        (grows, "changed"),
        (vanishes, "changed"),
    ]
    Path(first).write_bytes(b"damaged since")
    Path(second).unlink()
    grows.rename(archive / "grown.dcm")
    (archive / "grown.dcm").write_bytes(slice_file("glioma", 1, "1.2.3"))
    assert "2 files read" in run(toy_bundle, out, archive).stdout
    # What is gone since keeps its row.
    assert [(Path(row["path"]).name, row["error"]) for row in table(out)] == [
        ("grown.dcm", ""),
        ("grows.dcm", "changed"),
        ("0.dcm", "no_image"),
        ("0.dcm", ""),
        ("vanishes.dcm", "changed"),
    ]


def test_two_drivers_and_another_bundle(tmp_path: Path, toy_bundle: Path) -> None:
    archive, out = tmp_path / "archive", tmp_path / "out"
    write_archive(archive, studies=1, slices=1)
    write_endless(archive)
    with running(toy_bundle, out, archive) as first:
        wait_until(lambda: written(out, "about") > 0)
        first.send_signal(signal.SIGSTOP)
        second = run(toy_bundle, out, archive)
    assert second.returncode == 1 and "another otak screen writes there" in second.stderr
    other = run(ROOT / "edge_app" / "models", out, archive)
    assert other.returncode == 1 and "another bundle" in other.stderr


@pytest.mark.parametrize(
    ("options", "code", "text"),
    [
        (["--processes", "0"], 2, "at least 1"),
        (["--json", "--quiet"], 2, "not allowed with"),
        (["--bundle", "/nowhere"], 2, "bundle.json"),
        (["--out", "/proc/nowhere"], 1, "/proc/nowhere: can't be written"),
    ],
)
def test_wrong_arguments(tmp_path: Path, toy_bundle: Path, options: list[str], code: int, text: str) -> None:
    line = [*command(toy_bundle, tmp_path / "out", tmp_path), *options]
    done = subprocess.run(line, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == code and text in done.stderr
