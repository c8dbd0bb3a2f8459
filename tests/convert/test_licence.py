"""Weights say what they may be used for: in the card, inside the files and in the wheel, by one sentence."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from convert.__main__ import main
from convert.export import metadata
from convert.licence import NON_COMMERCIAL, UNKNOWN, of_pretraining, of_weights, sentences
from convert.provenance import Provenance
from tests.train.runs import make_run
from train.config import Teacher, TrainingConfig

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


LITE, MOBILE = "efficientnet_lite0_imagenet_notop.weights.h5", "mobilenet_v2_imagenet_notop.weights.h5"
OWN, TAUGHT = "The backbone began from", "The backbone of a teacher of the net began from"


def config_of(own: str | None, *teachers: str | None) -> TrainingConfig:
    """The configuration of a net whose teachers, as it may have itself, began from these weights."""
    taught = (
        Teacher(arch="efficientnet_lite0", weights=each, fold=0, sha256=f"{i:064x}")
        for i, each in enumerate(teachers)
    )
    return replace(make_run(Path("run")).config, weights=own, teachers=tuple(taught))


@pytest.mark.parametrize(
    ("own", "teachers", "began"),
    [
        (None, (), []),
        (None, (None,), []),
        (f"/somewhere/{LITE}", (), [f"{OWN} EfficientNet-Lite0's"]),
        ("x.h5", (), [f"{OWN} the weights x.h5, whose licence isn't recorded here."]),
        (None, (LITE,), [f"{TAUGHT} EfficientNet-Lite0's"]),
        (None, (LITE, None, MOBILE), [f"{TAUGHT} EfficientNet-Lite0's", f"{TAUGHT} MobileNetV2's"]),
        (None, (LITE, LITE), [f"{TAUGHT} EfficientNet-Lite0's"]),
        (f"/somewhere/{LITE}", (LITE, MOBILE), [f"{OWN} EfficientNet-Lite0's", f"{TAUGHT} MobileNetV2's"]),
    ],
)
def test_a_net_says_once_of_each_file_what_it_and_its_teachers_began_from(
    own: str | None, teachers: tuple[str | None, ...], began: list[str]
) -> None:
    found = of_pretraining(config_of(own, *teachers))
    assert len(found) == len(began)
    assert all(sentence.startswith(start) for sentence, start in zip(found, began, strict=True))


def test_what_teachers_began_from_is_said_beside_the_net_s_own_licence() -> None:
    config = config_of(None, LITE, MOBILE)
    assert sentences(config, ["wide/lgg_tcga"]) == [NON_COMMERCIAL, *of_pretraining(config)]


@pytest.mark.parametrize("name", ["README.md", "docs/data.md", "edge_app/models/LICENSE"])
def test_the_texts_say_the_same(name: str) -> None:
    text = " ".join((ROOT / name).read_text(encoding="utf-8").split())
    assert text.count(NON_COMMERCIAL) == 1


def test_the_wheel_carries_both_licences() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0 AND CC-BY-NC-SA-4.0"
    assert all((ROOT / name).is_file() for name in project["license-files"])
    assert "edge_app/models/LICENSE" in project["license-files"]
