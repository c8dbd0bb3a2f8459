"""One file at a time, in this process."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from edge_app import Classifier
from edge_app.bundle import Bundle
from edge_app.screen import result
from edge_app.screen.result import FileResult, answering, hashed, screen_file, state_of
from tests.edge_app.screen.archive import multiframe, slice_file, write_zip
from tests.phantoms import phantom


@pytest.fixture(scope="module")
def classifier(toy_bundle: Path) -> Classifier:
    return Classifier.load(toy_bundle)


def screened(path: Path, classifier: Classifier) -> FileResult:
    return screen_file(str(path), classifier, lambda: None)


def test_a_slice_is_answered_as_the_classifier_does(tmp_path: Path, classifier: Classifier) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(slice_file("glioma", 1, "1.2.3"))
    found = screened(path, classifier)
    (row,) = found.rows
    expected = classifier.predict(path)
    assert (row.verdict, row.label, row.reasons) == (expected.verdict, expected.label, expected.reasons)
    assert row.probabilities == tuple(expected.probabilities.values())
    assert (row.error, row.frame, row.entry) == ("", None, "")
    assert (row.study, row.series) == (hashed("1.2.3"), hashed("1.2.3.1"))
    assert found.state == state_of(str(path)) and found.state.size == path.stat().st_size


def test_every_frame_and_every_entry(tmp_path: Path, classifier: Classifier) -> None:
    frames, archive = tmp_path / "frames.dcm", tmp_path / "some.zip"
    frames.write_bytes(multiframe())
    write_zip(archive)
    calls: list[None] = []
    rows = screen_file(str(frames), classifier, lambda: calls.append(None)).rows
    assert [row.frame for row in rows] == [0, 1, 2]
    assert {row.study for row in rows} == {hashed("1.2.77")}
    assert len(calls) == 5
    rows = screened(archive, classifier).rows
    assert [(row.entry, row.error) for row in rows] == [
        ("one.dcm", ""),
        ("one.dcm", ""),
        ("notes.txt", "no_image"),
    ]


def test_pictures_without_a_study_belong_to_their_folder(tmp_path: Path, classifier: Classifier) -> None:
    for name in ("a.png", "b.png"):
        phantom("glioma", 1, 96).save(tmp_path / name)
    studies = {screened(tmp_path / name, classifier).rows[0].study for name in ("a.png", "b.png")}
    assert studies == {hashed(str(tmp_path))}


def test_pictures_of_a_zip_file_are_a_study_of_their_own(tmp_path: Path, classifier: Classifier) -> None:
    picture = io.BytesIO()
    phantom("glioma", 1, 96).save(picture, "PNG")
    for name in ("a.zip", "b.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for folder in ("1", "2"):
                archive.writestr(f"{folder}/slice.png", picture.getvalue())
    found = [screened(tmp_path / name, classifier).rows for name in ("a.zip", "b.zip")]
    assert [[row.number for row in rows] for rows in found] == [[0, 1], [0, 1]]
    assert [{row.study for row in rows} for rows in found] == [
        {hashed(str(tmp_path / "a.zip"))},
        {hashed(str(tmp_path / "b.zip"))},
    ]


def test_another_bundle_answers_otherwise(tmp_path: Path, toy_bundle: Path, classifier: Classifier) -> None:
    other = shutil.copytree(toy_bundle, tmp_path / "other")
    assert answering(Classifier.load(other)) == answering(classifier)
    # The same model under other thresholds says other things.
    bundle = Bundle.load(other)
    assert bundle.thresholds is not None
    replace(bundle, thresholds=replace(bundle.thresholds, unsure=0.123)).save()
    assert answering(Classifier.load(other)) != answering(classifier)


def test_what_cannot_be_read_is_a_row(tmp_path: Path, classifier: Classifier) -> None:
    (tmp_path / "empty.dcm").touch()
    (tmp_path / "cut.dcm").write_bytes(slice_file("glioma", 1, "1.2.3")[:600])
    os.mkfifo(tmp_path / "pipe")
    found = {
        name: screened(tmp_path / name, classifier).rows[0].error
        for name in ("empty.dcm", "cut.dcm", "pipe", "gone.dcm", ".", "nul\0l")
    }
    assert found == {
        "empty.dcm": "empty",
        "cut.dcm": "dicom",
        "pipe": "no_file",
        "gone.dcm": "missing",
        ".": "closed",
        "nul\0l": "missing",
    }


def test_a_file_that_grows_is_read_again(
    tmp_path: Path, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(slice_file("glioma", 1, "1.2.3"))

    def grow() -> None:
        with path.open("ab") as file:
            file.write(b"x")

    (row,) = screen_file(str(path), classifier, grow).rows
    assert (row.error, row.verdict) == ("changed", "")


def test_more_slices_than_an_examination_has(
    tmp_path: Path, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_app.screen.result.MAX_SLICES", 2)
    path = tmp_path / "frames.dcm"
    path.write_bytes(multiframe())
    assert [row.error for row in screened(path, classifier).rows] == ["too_many_slices"]


def test_no_identifier_leaves_the_file(tmp_path: Path, classifier: Classifier) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(slice_file("glioma", 1, "1.2.3"))
    text = repr(screened(path, classifier))
    assert "Sukarno" not in text and "3174012345" not in text and "1.2.3'" not in text
    assert result.HASH == 16
