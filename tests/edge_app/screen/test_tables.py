"""Studies, tables and the worklist."""

from __future__ import annotations

import base64
import csv
import io
import re
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge_app import Classifier
from edge_app.bundle import StudyRule
from edge_app.reading import Reader
from edge_app.screen import tables, worklist
from edge_app.screen.result import Row, screen_file
from edge_app.screen.studies import Summary, most_suspicious_first, summaries
from edge_app.screen.worklist import write_worklist
from edge_app.wording import label_names
from tests.edge_app.screen.archive import slice_file

LABELS = ("glioma", "no_tumor")


def row(study: str, tumour: float, verdict: str = "unsure") -> Row:
    label = "glioma" if tumour >= 0.5 else "no_tumor"
    return Row(
        study=study,
        series=f"{study}-{tumour}",
        verdict=verdict,
        label=None if verdict == "refused" else label,
        probabilities=(tumour, 1 - tumour),
    )


SLICES = [
    ("/a/1", row("a", 0.2)),
    ("/a/2", row("a", 0.7)),
    ("/b/1", row("b", 0.9, "refused")),
    ("/b/2", Row(study="b", series="b", error="damaged")),
    ("/c/1", row("c", 0.6, "answer")),
    ("/d/1", row("d", 0.8)),
]


def summed(rule: StudyRule | None = None) -> list[Summary]:
    return list(most_suspicious_first(summaries(SLICES, LABELS, rule)))


def test_a_study_is_summed_up() -> None:
    found = {each.study: each for each in summed()}
    a, b = found["a"], found["b"]
    assert (a.counts.slices, a.counts.unsure, a.tumours, a.series, a.suspicious) == (2, 2, 0, 2, None)
    assert a.first is not None and (a.first.path, a.first.decision.tumour) == ("/a/2", 0.7)
    assert (b.counts.refused, b.counts.unreadable, b.first) == (1, 1, None)


def test_answers_come_first_and_then_probability() -> None:
    assert [each.study for each in summed()] == ["c", "d", "a", "b"]


def test_the_rule_comes_before_all() -> None:
    found = summed(StudyRule(rank=1, threshold=0.75))
    assert [(each.study, each.suspicious) for each in found] == [
        ("d", True),
        ("c", False),
        ("a", False),
        ("b", None),
    ]


def test_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "find_spec", lambda _: None)
    slices = tables.write_slices(tmp_path, SLICES, LABELS, "5" * 64)
    studies = tables.write_studies(tmp_path, summed())
    with slices.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [each["path"] for each in rows] == [path for path, _ in SLICES]
    assert rows[1]["p_glioma"] == "0.7" and rows[3]["p_glioma"] == "" and rows[3]["error"] == "damaged"
    assert {each["model"] for each in rows} == {"5" * 64}
    with studies.open(encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert [each["study"] for each in found] == ["c", "d", "a", "b"]
    assert found[0]["first_path"] == "/c/1" and found[3]["first_path"] == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["slices.csv", "studies.csv"]


def test_parquet_holds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(tables, "BATCH", 4)
    path = tables.write_slices(tmp_path, [*SLICES, ("/\udcff", SLICES[0][1])], LABELS, "5" * 64)
    table = parquet.read_table(path).to_pylist()
    assert path.name == "slices.parquet"
    assert [each["path"] for each in table] == [*(path for path, _ in SLICES), r"/\xff"]
    assert table[1]["p_glioma"] == 0.7 and table[3]["p_glioma"] is None and table[3]["error"] == "damaged"


def test_no_entry_is_a_formula(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "find_spec", lambda _: None)
    evil = replace(SLICES[0][1], entry="=1+1", number=3)
    slices = tables.write_slices(tmp_path, [("/a.zip", evil)], LABELS, "5" * 64)
    studies = tables.write_studies(tmp_path, summaries([("/a.zip", evil)], LABELS, None))
    for path, name in ((slices, "entry"), (studies, "first_entry")):
        with path.open(encoding="utf-8") as file:
            (found,) = csv.DictReader(file)
        assert (found[name], found[f"{name}_number"]) == ("'=1+1", "3")


def test_a_study_of_any_size_is_summed_up_in_little_memory() -> None:
    count = 5_000
    slices = ((f"/a/{index}", row("a", index / count)) for index in range(count))
    tracemalloc.start()
    (found,) = summaries(slices, LABELS, StudyRule(rank=2, threshold=0.5))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found.counts.slices, found.counts.suspicious, found.score) == (count, count // 2, 0.9996)
    assert found.first is not None and found.first.path == f"/a/{count - 1}"
    # A number of each slice, and the name of each series.
    assert most < 250 * count


def test_a_full_disk_leaves_the_old_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studies = tables.write_studies(tmp_path, summed())
    old = studies.read_bytes()

    def broken() -> object:
        yield summed()[0]
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        tables.write_studies(tmp_path, broken())  # type: ignore[arg-type]
    assert studies.read_bytes() == old


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_worklist(
    tmp_path: Path, toy_bundle: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = Classifier.load(toy_bundle)
    slices = []
    for study, label in enumerate(("no_tumor", "glioma", "meningioma")):
        path = tmp_path / f"<b>{label}.dcm"
        path.write_bytes(slice_file(label, 1, f"1.2.{study}"))
        slices += [(str(path), each) for each in screen_file(str(path), classifier, lambda: None).rows]
    (tmp_path / "<b>glioma.dcm").unlink()
    monkeypatch.setattr(worklist, "LISTED", 2)
    labels = tuple(label.name for label in classifier.bundle.labels)
    found = list(most_suspicious_first(summaries(slices, labels, None)))
    page = tmp_path / "worklist.html"
    names = label_names(classifier, language)
    write_worklist(page, found, names, Reader(), classifier.bundle.input, language)
    text = page.read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in text
    assert "<b>" not in text and "&lt;b&gt;" in text
    order = re.findall(r"<small>\w+ ([0-9a-f]{16})</small>", text)
    assert order == [each.study for each in found[:2]]
    # One of them is gone since.
    gone = sum("glioma" in str(each.first and each.first.path) for each in found[:2])
    assert text.count("data:image/jpeg") == 2 - gone
    assert "studies.csv" in text and "script" not in text


def test_a_thumbnail_is_of_the_entry_that_was_judged(tmp_path: Path, toy_bundle: Path) -> None:
    classifier = Classifier.load(toy_bundle)
    path = tmp_path / "same-names.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for folder, level in (("a", 40), ("b", 200)):
            picture = io.BytesIO()
            Image.new("L", (96, 96), level).save(picture, "PNG")
            archive.writestr(f"{folder}/1.png", picture.getvalue())
    found = screen_file(str(path), classifier, lambda: None).rows
    for number, level in enumerate((40, 200)):
        judged = replace(row("a", 0.9), entry=found[number].entry, number=found[number].number)
        page = tmp_path / "worklist.html"
        write_worklist(
            page,
            summaries([(str(path), judged)], LABELS, None),
            label_names(classifier, "en"),
            Reader(),
            classifier.bundle.input,
            "en",
        )
        match = re.search(r"data:image/jpeg;base64,([^\"]+)", page.read_text())
        assert match is not None
        shown = Image.open(io.BytesIO(base64.b64decode(match[1])))
        assert abs(int(np.asarray(shown).mean()) - level) < 5


def test_a_worklist_of_nothing(tmp_path: Path, toy_bundle: Path) -> None:
    classifier = Classifier.load(toy_bundle)
    write_worklist(tmp_path / "w.html", [], {}, Reader(), classifier.bundle.input, "en")
    assert "<ol>" in (tmp_path / "w.html").read_text()
