"""What is written down, in real SQLite."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from edge_app.screen.journal import Journal, JournalError
from edge_app.screen.result import UNKNOWN, FileResult, Row, State, failed

LABELS = ("glioma", "no_tumor")
ROW = Row(
    entry="é.dcm",
    frame=3,
    study="5" * 16,
    series="6" * 16,
    verdict="unsure",
    label="glioma",
    reasons=("low_confidence", "dark"),
    probabilities=(0.1, 0.9),
    in_distribution=0.5,
    milliseconds=1.25,
)


def opened(folder: Path, model: str = "a" * 64) -> Journal:
    return Journal(folder, model, LABELS)


def result(path: str, *rows: Row, size: int = 1) -> FileResult:
    return FileResult(path, State(size, 7), rows or (ROW,))


def test_what_is_added_comes_back(tmp_path: Path) -> None:
    bad = failed("/b.dcm", UNKNOWN, "missing")
    with opened(tmp_path / "new" / "out") as journal:
        journal.add(result("/a.dcm", ROW, ROW))
        journal.add(bad)
    with opened(tmp_path / "new" / "out") as journal:
        assert list(journal.slices()) == [("/a.dcm", ROW), ("/a.dcm", ROW), ("/b.dcm", bad.rows[0])]


def test_a_file_is_known_as_it_was(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.add(result("/a.dcm"))
        journal.add(failed("/gone.dcm", UNKNOWN, "missing"))
        assert journal.holds("/a.dcm", State(1, 7))
        assert not journal.holds("/a.dcm", State(2, 7))
        assert not journal.holds("/a.dcm", State(1, 8))
        assert not journal.holds("/b.dcm", State(1, 7))
        assert not journal.holds("/gone.dcm", UNKNOWN)


def test_a_file_that_was_read_again_counts_once(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.add(result("/a.dcm", ROW, ROW))
        journal.add(result("/a.dcm", ROW, size=2))
        assert len(list(journal.slices())) == 1
        assert journal.holds("/a.dcm", State(2, 7)) and not journal.holds("/a.dcm", State(1, 7))


def test_paths_that_are_no_text(tmp_path: Path) -> None:
    path = "/\udcff.dcm"
    with opened(tmp_path) as journal:
        journal.add(result(path))
        assert [found for found, _ in journal.slices()] == [path]
        assert journal.holds(path, State(1, 7))


def test_sorted_and_by_study(tmp_path: Path) -> None:
    first, second = (Row(study=study, series="", error="x") for study in ("0", "1"))
    with opened(tmp_path) as journal:
        for path, row in (("/c", first), ("/b", second), ("/a", first)):
            journal.add(result(path, row))
        assert [path for path, _ in journal.slices()] == ["/a", "/b", "/c"]
        assert [path for path, _ in journal.by_study()] == ["/a", "/c", "/b"]


def test_one_writer(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(JournalError, match="another otak screen"):
        opened(tmp_path)
    with opened(tmp_path):
        pass


def test_another_model_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.add(result("/a.dcm"))
    with pytest.raises(JournalError, match="another model"):
        opened(tmp_path, "b" * 64)
    with opened(tmp_path) as journal:
        assert len(list(journal.slices())) == 1


def test_a_file_that_is_no_journal(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(JournalError, match=r"journal\.sqlite: can't be used"):
        opened(tmp_path)
    with sqlite3.connect(tmp_path / "other.sqlite") as database:
        database.execute("CREATE TABLE about (key TEXT, value TEXT)")
    database.close()
    (tmp_path / "other.sqlite").replace(tmp_path / "journal.sqlite")
    with pytest.raises(JournalError, match="another model or by another version"):
        opened(tmp_path)


def test_what_is_interrupted_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Row) -> None:
        raise KeyboardInterrupt

    with opened(tmp_path) as journal:
        journal.add(result("/a.dcm"))
        monkeypatch.setattr("edge_app.screen.journal._values", interrupted)
        with pytest.raises(KeyboardInterrupt):
            journal.add(result("/b.dcm"))
        journal.commit()
        monkeypatch.undo()
        assert not journal.holds("/b.dcm", State(1, 7))
        journal.add(result("/b.dcm"))
    with opened(tmp_path) as journal:
        assert [path for path, _ in journal.slices()] == ["/a.dcm", "/b.dcm"]


def test_a_killed_process_leaves_whole_files(tmp_path: Path) -> None:
    code = (
        "import os\n"
        "from edge_app.screen.journal import Journal\n"
        "from tests.edge_app.screen.test_journal import opened, result, ROW\n"
        f"journal = opened(__import__('pathlib').Path({str(tmp_path)!r}))\n"
        "journal.add(result('/a.dcm', ROW, ROW))\n"
        "journal.commit()\n"
        "journal.add(result('/b.dcm', ROW, ROW))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    with opened(tmp_path) as journal:
        assert [path for path, _ in journal.slices()] == ["/a.dcm", "/a.dcm"]
        assert not journal.holds("/b.dcm", State(1, 7))
