"""Weights say what they may be used for: in the card, inside the files and in the wheel, by one sentence."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from convert.__main__ import main
from convert.export import metadata
from convert.licence import NON_COMMERCIAL, UNKNOWN, of_pretraining, of_weights
from convert.provenance import Provenance
from tests.train.runs import make_run
from train.config import Teacher

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("sources", "sentence"),
    [
        (["sartaj/Training", "wide/lgg_tcga"], NON_COMMERCIAL),
        (["sartaj/Training", "extra/glioma"], UNKNOWN),
        (["our clinic"], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_the_sentence_follows_from_the_collections(sources: list[str], sentence: str) -> None:
    assert of_weights(sources) == sentence


def test_weights_from_a_collection_without_commercial_use(run: Path, phantoms: Path, tmp_path: Path) -> None:
    table, folder = phantoms / "manifest-with-sources.csv", tmp_path / "bundle"
    with (run / "split.csv").open(newline="") as file, table.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["path", "label", "source"])
        writer.writerows([row["path"], row["label"], "wide/drawn"] for row in csv.DictReader(file))
    words = ["--out", str(folder), "--data", str(table), "--precision", "float32", "--allow-loss"]
    assert main(["make", str(run), *words]) == 0

    assert Provenance.load(folder).sources == ("wide/drawn",)
    assert (folder / "card.md").read_text().count(NON_COMMERCIAL) == 1
    assert metadata.of_tflite((folder / "edge-float32.tflite").read_bytes())["licence"] == NON_COMMERCIAL
    assert metadata.of_onnx((folder / "edge-float32.onnx").read_bytes())["licence"] == NON_COMMERCIAL


def test_a_student_says_what_its_teacher_began_from() -> None:
    config = make_run(Path("run")).config
    assert of_pretraining(config) is None
    weights = "efficientnet_lite0_imagenet_notop.weights.h5"
    own = of_pretraining(replace(config, weights=f"/somewhere/{weights}"))
    taught = of_pretraining(
        replace(
            config,
            teacher=Teacher(arch="efficientnet_lite0", weights=weights, fold=0, sha256="a" * 64),
        )
    )
    assert own is not None and own.startswith("The backbone began from EfficientNet-Lite0's ImageNet weights")
    assert taught == own.replace("The backbone", "The backbone of the net's teacher", 1)
    unknown = of_pretraining(replace(config, weights="x.h5"))
    assert unknown == "The backbone began from the weights x.h5, whose licence isn't recorded here."


@pytest.mark.parametrize("name", ["README.md", "docs/data.md", "edge_app/models/LICENSE"])
def test_the_texts_say_the_same(name: str) -> None:
    text = " ".join((ROOT / name).read_text(encoding="utf-8").split())
    assert text.count(NON_COMMERCIAL) == 1


def test_the_wheel_carries_both_licences() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0 AND CC-BY-NC-SA-4.0"
    assert all((ROOT / name).is_file() for name in project["license-files"])
    assert "edge_app/models/LICENSE" in project["license-files"]
