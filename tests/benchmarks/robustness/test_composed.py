from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.robustness.composed import screens, sheets
from edge_app.preprocessing import InputSpec, preprocess
from edge_app.quality import measure
from edge_app.verdict import LIMITS
from tests.phantoms import LABELS, phantom


@pytest.fixture
def slices(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{label}.png" for label in LABELS]
    for label, path in zip(LABELS, paths, strict=True):
        phantom(label, 1).save(path)
    return paths


def test_each_slice_is_shown_once_and_always_alike(slices: list[Path]) -> None:
    for compose in (sheets, screens):
        first, second = dict(compose(slices)), dict(compose(slices))
        assert [name.split("/")[-1] for name in first] == [path.name for path in slices]
        assert all(np.array_equal(np.asarray(first[name]), np.asarray(second[name])) for name in first)


def test_sheets_have_gutters_and_screens_have_text(slices: list[Path]) -> None:
    for _, image in sheets(slices):
        assert measure(image, *preprocess(image, InputSpec())).gutter < LIMITS["gutter"]
    for _, image in screens(slices):
        assert measure(image, *preprocess(image, InputSpec())).lines > LIMITS["lines"]
