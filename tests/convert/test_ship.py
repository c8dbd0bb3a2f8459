"""What ships, and how it comes to lie there."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from convert.__main__ import main
from convert.provenance import Provenance
from convert.ship import ship
from edge_app import Classifier
from edge_app.bundle import Bundle, sha256
from edge_app.classifier import SHIPPED
from edge_app.errors import BundleError
from tests.phantoms import phantom

ROOT = Path(__file__).parents[2]
WHOLE = ROOT / "benchmarks" / "bundles" / "edge"


def test_what_travels(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "models"
    assert main(["ship", str(bundle), "--to", str(target)]) == 0
    assert "edge-int8.tflite alone" in capsys.readouterr().out
    names = {path.name for path in target.iterdir()}
    assert names == {
        "edge-int8.tflite",
        "bundle.json",
        "provenance.json",
        "card.md",
        "about.json",
        "expected.json",
    }
    for name in names - {"bundle.json"}:
        assert sha256(target / name) == sha256(bundle / name)
    picture = phantom("glioma", 1)
    expected = Classifier.load(bundle).predict(picture).probabilities
    assert Classifier.load(target).predict(picture).probabilities == expected


def test_the_bundle_before_is_taken_away_and_nothing_else(bundle: Path, tmp_path: Path) -> None:
    target = tmp_path / "models"
    ship(bundle, target)
    (target / "LICENSE").write_text("words")
    data = json.loads((target / "bundle.json").read_text())
    (target / "edge-int8.tflite").rename(target / "old.tflite")
    data["files"][0]["path"] = data["default"] = "old.tflite"
    (target / "bundle.json").write_text(json.dumps(data))
    ship(bundle, target)
    assert not (target / "old.tflite").exists()
    assert (target / "LICENSE").read_text() == "words"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("card.md", "card.md: is missing"),
        ("about.json", "about.json: is missing"),
        ("expected.json", "expected.json: is missing"),
        ("provenance.json", "provenance.json: can't be read"),
        ("bundle.json", "bundle.json: can't be read"),
        ("edge-float32.onnx", "edge-float32.onnx: is missing"),
    ],
)
def test_a_bundle_that_is_not_whole_does_not_ship(
    name: str, sentence: str, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(bundle, tmp_path / "bundle")
    (copy / name).unlink()
    assert main(["ship", str(copy), "--to", str(tmp_path / "models")]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "models").exists()


def test_a_default_that_no_browser_reads_does_not_ship(
    toy_bundle: Path, bundle: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(toy_bundle, tmp_path / "bundle")
    for name in ("provenance.json", "card.md", "about.json", "expected.json"):
        shutil.copy(bundle / name, copy)
    data = json.loads((copy / "bundle.json").read_text())
    (copy / "bundle.json").write_text(json.dumps(data | {"default": "toy-float32.onnx"}))
    with pytest.raises(BundleError, match="no tflite file as its default"):
        ship(copy, tmp_path / "models")


def test_the_wheel_carries_no_more_than_a_device_reads() -> None:
    names = {path.name for path in SHIPPED.iterdir()}
    told = {"bundle.json", "provenance.json", "card.md", "about.json", "expected.json", "LICENSE"}
    assert names == {"edge-int8.tflite"} | told
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert (wheel["packages"], wheel["artifacts"]) == (["edge_app"], ["edge_app/page"])
    assert not [path for path in (ROOT / "edge_app").rglob("*") if path.suffix in (".npz", ".csv", ".onnx")]


def test_what_ships_is_the_committed_bundle() -> None:
    whole, shipped = Bundle.load(WHOLE), Bundle.load(SHIPPED)
    assert shipped.files == (whole.file(),)
    for field in ("name", "version", "labels", "input", "outputs", "thresholds", "default"):
        assert getattr(shipped, field) == getattr(whole, field)
    for name in ("provenance.json", "card.md", "about.json", "expected.json", shipped.default):
        assert sha256(SHIPPED / name) == sha256(WHOLE / name)
    assert {file.path for file in whole.files} == set(Provenance.load(WHOLE).verification)
