"""The published JSON Schemas are current, and say what the readers say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from edge_app.classifier import SHIPPED
from tests.make_schemas import DOCS, schemas

ROOT = Path(__file__).parents[1]
FOLDERS = [
    SHIPPED,
    ROOT / "tests" / "toy_bundle",
    ROOT / "benchmarks" / "bundles" / "edge",
    ROOT / "benchmarks" / "baselines" / "mobilenetv2",
]


def published(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((DOCS / name).read_text(encoding="utf-8"))
    return schema


def description(folder: Path) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    return plain


@pytest.mark.parametrize("name", schemas())
def test_they_are_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == schemas()[name], "run python -m tests.make_schemas"
    jsonschema.Draft202012Validator.check_schema(published(name))


@pytest.mark.parametrize("path", sorted(ROOT.glob("*/*/*/about.json")), ids=lambda path: path.parent.name)
def test_what_is_said_about_committed_bundles_fits(path: Path) -> None:
    plain = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(plain, published("about.schema.json"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_committed_bundle_fits(folder: Path) -> None:
    jsonschema.validate(description(folder), published("bundle.schema.json"))


@pytest.mark.parametrize(
    "change",
    [
        lambda plain: plain.pop("thresholds"),
        lambda plain: plain.update(source={}),
        lambda plain: plain["thresholds"].pop("refused"),
        lambda plain: plain["thresholds"].update(unsure=-5),
        lambda plain: plain["input"].update(size=10**9),
        lambda plain: plain["files"][0].update(sha256="abc"),
        lambda plain: plain["files"][0].update(path="../a.tflite"),
    ],
)
def test_they_refuse_what_the_reader_refuses(change: Callable[[dict[str, Any]], object]) -> None:
    plain = description(SHIPPED)
    change(plain)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain, published("bundle.schema.json"))
