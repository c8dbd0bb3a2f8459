"""What ``otak predict`` takes and writes; what it says of a slice is in ``tests/edge_app/test_cli.py``."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge_app import Classifier
from tests.dicoms import dicom
from tests.edge_app.commands.running import OTAK, otak
from tests.phantoms import phantom, png


def names(run: subprocess.CompletedProcess[str]) -> list[str]:
    return [json.loads(line)["name"] for line in run.stdout.splitlines()]


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder of pictures, a ZIP file and a DICOM file of three frames, at two depths."""
    folder = tmp_path / "scans"
    (folder / "deep").mkdir(parents=True)
    for place in range(5):
        (folder / f"{place}.png").write_bytes(png(phantom("glioma", 1)))
    (folder / "deep" / "a.png").write_bytes(png(phantom("no_tumor", 1)))
    (folder / "deep" / "b.txt").write_text("a letter")
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.writestr("inside/c.png", png(phantom("pituitary", 1)))
    three = np.stack([np.asarray(phantom("glioma", seed, size=64)) for seed in range(3)])
    (folder / "three.dcm").write_bytes(dicom(three))
    return folder


def test_a_folder(toy_bundle: Path, scans: Path) -> None:
    run = otak("predict", "--json", scans, "--bundle", toy_bundle)
    assert (run.returncode, run.stderr) == (1, "")
    pictures = [scans / f"{place}.png" for place in range(5)]
    assert names(run) == [
        *map(str, pictures),
        f"{scans}/more.zip/c.png",
        f"{scans}/three.dcm",
        f"{scans}/deep/a.png",
        f"{scans}/deep/b.txt",
    ]
    *answers, letter = map(json.loads, run.stdout.splitlines())
    assert letter["error"]["code"] == "no_image"
    # A file is one slice here: the middle one of its frames.
    assert (answers[6]["frame"], answers[6]["frames"]) == (1, 3)
    classifier = Classifier.load(toy_bundle)
    assert answers[0]["probabilities"] == classifier.predict(pictures[0]).probabilities


def test_patterns(toy_bundle: Path, scans: Path) -> None:
    run = otak("predict", "--json", scans / "[0-2].png", scans / "**" / "a.p*", "--bundle", toy_bundle)
    assert run.returncode == 0
    assert names(run) == [*(f"{scans}/{place}.png" for place in range(3)), f"{scans}/deep/a.png"]
    # A file of that very name comes first.
    (scans / "[0-2].png").write_bytes(png(phantom("glioma", 1)))
    assert names(otak("predict", "--json", scans / "[0-2].png", "--bundle", toy_bundle)) == [
        f"{scans}/[0-2].png"
    ]
    run = otak("predict", scans / "*.bmp", "--bundle", toy_bundle)
    assert run.returncode == 1
    assert run.stderr == f"otak: {scans}/*.bmp: there is no such file; check the name.\n"


def test_more_files_than_a_study_has(toy_bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for place in range(2_100):
            archive.writestr(f"{place:04d}.png", b"")
    run = otak("predict", "--json", tmp_path / "many.zip", "--bundle", toy_bundle)
    assert run.returncode == 1
    assert [json.loads(line)["error"]["code"] for line in run.stdout.splitlines()] == ["empty"] * 2_100


def test_a_table(toy_bundle: Path, scans: Path) -> None:
    run = otak("predict", "--csv", scans, "--bundle", toy_bundle)
    assert (run.returncode, run.stderr) == (1, "")
    rows = list(csv.DictReader(io.StringIO(run.stdout)))
    assert len(rows) == 9
    first, last = rows[0], rows[-1]
    assert first["name"] == f"{scans}/0.png"
    assert (first["verdict"], first["label"], first["frame"], first["error"]) == ("answer", "glioma", "", "")
    classifier = Classifier.load(toy_bundle)
    assert first["glioma"] == f"{classifier.predict(scans / '0.png').probabilities['glioma']:.4f}"
    assert first["sha256"] == classifier.file.sha256
    assert (last["verdict"], last["glioma"], last["error"]) == ("", "", "no_image")
    assert [row["frame"] for row in rows if row["name"].endswith(".dcm")] == ["1"]


def test_the_table_of_a_study(study_bundle: Path, write_study: Callable[[str], Path]) -> None:
    run = otak("predict", "--study", "--csv", write_study("ngn"), "--bundle", study_bundle)
    assert run.returncode == 0
    rows = list(csv.DictReader(io.StringIO(run.stdout)))
    assert rows[0]["name"].endswith("01.png")
    assert float(rows[0]["tumour"]) > 0.9 > float(rows[1]["tumour"])


def test_heatmaps(toy_bundle: Path, scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "maps"
    run = otak("predict", "--json", scans, scans / "0.png", "--heatmap", out, "--bundle", toy_bundle)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    drawn = [answer for answer in answers if "error" not in answer and answer["verdict"] != "refused"]
    assert len(list(out.iterdir())) == len(drawn) >= 6
    # Two of one name are two files.
    assert {"0.png.heatmap.png", "0.png.2.heatmap.png"} <= {path.name for path in out.iterdir()}
    with Image.open(out / "0.png.heatmap.png") as image:
        assert (image.mode, image.size) == ("RGB", (256, 256))
        red, _, blue = (np.asarray(band, int) for band in image.split())
    heat = Classifier.load(toy_bundle).predict(scans / "0.png").heatmap
    assert heat is not None
    # Orange where the heat is, and grey where there is none.
    assert (red - blue)[heat > 0.5].mean() > 60
    assert np.abs(red - blue)[heat == 0].max(initial=0) == 0


def test_heatmaps_of_a_study(study_bundle: Path, write_study: Callable[[str], Path], tmp_path: Path) -> None:
    run = otak(
        "predict", "--study", write_study("gn"), "--heatmap", tmp_path / "maps", "--bundle", study_bundle
    )
    assert run.returncode == 0
    assert {path.name for path in (tmp_path / "maps").iterdir()} == {
        "00.png.heatmap.png",
        "01.png.heatmap.png",
    }


def test_heatmaps_of_long_names(toy_bundle: Path, glioma: Path, tmp_path: Path) -> None:
    longest = [tmp_path / f"{'ä' * 125}{digit}.png" for digit in "12"]
    for path in longest:
        shutil.copy(glioma, path)
    run = otak("predict", *longest, "--heatmap", tmp_path / "maps", "--bundle", toy_bundle)
    assert run.returncode == 0
    assert len(list((tmp_path / "maps").iterdir())) == 2


def test_heatmaps_that_can_t_be_written(toy_bundle: Path, glioma: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    run = otak("predict", glioma, "--heatmap", tmp_path / "file", "--bundle", toy_bundle)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(f"otak: {tmp_path}/file: can't be written (")


@pytest.mark.parametrize("options", [["--json"], ["--study", "--json"]])
def test_what_is_no_file_holds_nothing_up(
    toy_bundle: Path, glioma: Path, tmp_path: Path, options: list[str]
) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    words: list[str | Path] = ["predict", tmp_path / "pipe.png", "/dev/zero", "/dev/tty", glioma, *options]
    run = otak(*words, "--bundle", toy_bundle)
    assert run.returncode == 1
    assert run.stdout.count('"no_regular_file"') == 3 and run.stdout.count('"verdict": "answer"') == 1


def test_a_pipe_is_told_in_both_languages(toy_bundle: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for language, words in (("en", "is a pipe or a device"), ("id", "pipa atau perangkat")):
        assert (
            words in otak("predict", tmp_path / "pipe.png", "--bundle", toy_bundle, language=language).stderr
        )


def test_json_and_a_table_at_once(glioma: Path) -> None:
    run = otak("predict", "--json", "--csv", glioma)
    assert run.returncode == 2
    assert "--csv: not allowed with argument --json" in run.stderr


def test_progress_is_for_terminals(toy_bundle: Path, scans: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [*OTAK, "predict", "--json", str(scans), "--bundle", str(toy_bundle)]
    environment = os.environ | {"LC_ALL": "en_XX.UTF-8"}
    with (tmp_path / "out").open("wb") as out:
        done = subprocess.run(command, stdout=out, stderr=theirs, env=environment, timeout=120)
    os.close(theirs)
    shown = b""
    # Linux says EIO once nobody can write any longer.
    try:
        while part := os.read(ours, 65_536):
            shown += part
    except OSError:
        pass
    os.close(ours)
    assert done.returncode == 1
    assert re.search(rb"\r\x1b\[K\d+ read, \d not readable", shown)
    assert shown.endswith(b"\r\x1b[K")
    assert len((tmp_path / "out").read_text().splitlines()) == 9
