from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.errors import BenchmarkError
from benchmarks.measure import models, robustness
from benchmarks.measure.robustness import Robustness, verdicts_of
from benchmarks.robustness.corruptions import CORRUPTIONS
from convert.provenance import RejectionData
from edge_app.bundle import Thresholds, sha256
from evaluation.labels import UNTYPED
from evaluation.predictions import SlicePrediction
from tests.benchmarks.conftest import MakeBundle
from tests.benchmarks.provenances import random_weights, trained
from tests.evaluation.rows import rows

Table = list[SlicePrediction]


def measure(
    data: Path,
    *folders: Path,
    others: Path | None = None,
    stride: int = 8,
    steps: list[str] | None = None,
) -> Robustness:
    told = [] if steps is None else steps
    parts = data.parent / "parts"
    return robustness.measure(
        models.load(folders), data, others, stride, parts, lambda name, done, total: told.append(name)
    )


def test_the_file_of_devices_is_measured(make_bundle: MakeBundle, data: Path, table: Table) -> None:
    steps: list[str] = []
    bundle = make_bundle(thresholds=Thresholds(unsure=0.5, no_tumour=0.9, refused=0.1))
    result = measure(data, bundle, steps=steps)
    (file,) = result.files
    assert file.file == "toy@128 toy-int8.tflite"
    assert set(file.corruptions) == set(CORRUPTIONS)
    for name, (_, strengths) in CORRUPTIONS.items():
        assert [step.strength for step in file.corruptions[name]] == [None, *strengths]
        assert all(step.verdicts.slices == len(table[::8]) for step in file.corruptions[name])
    assert len({steps[0].verdicts for steps in file.corruptions.values()}) == 1, "the slices as they are"
    kinds = {kind.kind: kind for kind in file.out_of_distribution}
    assert set(kinds) == {"generated", "scikit-learn", "scikit-image", "several slices", "screenshots"}
    assert kinds["several slices"].pictures == kinds["screenshots"].pictures == len(table[::8])
    assert not kinds["several slices"].verdicts.get("answer")
    assert not kinds["screenshots"].verdicts.get("answer")
    for kind in kinds.values():
        assert sum(kind.verdicts.values()) == kind.pictures > 0
        assert len(kind.let_in) == kind.pictures - kind.verdicts.get("refused", 0)
    assert "toy@128 toy-int8.tflite: corruptions" in steps
    steps.clear()
    assert measure(data, bundle, steps=steps) == result
    assert steps == [], "an interrupted call's file is not measured again"


def test_photographs_that_a_rejection_was_fitted_on_do_not_test_it(
    make_bundle: MakeBundle, data: Path
) -> None:
    (data / "not_mri").mkdir()
    for seed, name in enumerate(("seen", "new")):
        levels = np.random.default_rng(seed).integers(0, 256, (64, 64, 3), np.uint8)
        Image.fromarray(levels).save(data / "not_mri" / f"{name}.png")
    digest = sha256(data / "not_mri" / "seen.png")
    seen = RejectionData(photographs=(digest,), others=0, others_sha256=None)
    (file,) = measure(data, make_bundle(provenance=replace(trained(), rejection=seen))).files
    kinds = {kind.kind: kind for kind in file.out_of_distribution}
    assert kinds["photographs"].pictures == kinds["photographs in grey"].pictures == 1
    assert kinds["photographs"].verdicts == {"refused": 1}, "no slice is so colourful"


def test_tumours_of_unknown_type_are_left_out(make_bundle: MakeBundle, data: Path, table: Table) -> None:
    mixed = [replace(row, label=UNTYPED) if i else row for i, row in enumerate(table)]
    (file,) = measure(data, make_bundle(table=mixed), stride=1).files
    assert file.corruptions["Gamma"][0].verdicts.slices == 1


def test_random_weights_are_passed_over(make_bundle: MakeBundle, data: Path) -> None:
    random = make_bundle("random", name="other", provenance=random_weights())
    assert [file.file for file in measure(data, make_bundle(), random).files] == ["toy@128 toy-int8.tflite"]
    with pytest.raises(BenchmarkError, match="No bundle has trained weights"):
        measure(data, random)


SPOILS: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "no test part": (lambda bundle, slice_: (bundle / "predictions.csv").unlink(), "is missing"),
    "a slice is gone": (lambda bundle, slice_: slice_.unlink(), "is missing or can't be read"),
    "a slice is another": (lambda bundle, slice_: slice_.write_bytes(b"changed"), "was changed"),
}


@pytest.mark.parametrize(("spoil", "sentence"), SPOILS.values(), ids=SPOILS)
def test_bad_input_gives_one_sentence(
    make_bundle: MakeBundle,
    data: Path,
    table: Table,
    spoil: Callable[[Path, Path], object],
    sentence: str,
) -> None:
    bundle, steps = make_bundle(), list[str]()
    spoil(bundle, data / table[0].path)
    with pytest.raises(BenchmarkError, match=sentence):
        measure(data, bundle, steps=steps)
    assert steps == []


def test_no_data_folder(make_bundle: MakeBundle, tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="nothing: is no folder"):
        measure(tmp_path / "nothing", make_bundle())


def test_verdicts_are_counted_of_the_slices_that_they_are_about() -> None:
    counted = verdicts_of(
        rows("aabb--", "ab--a-", verdict=["answer", "unsure", "answer", "refused", "answer", "answer"])
    )
    assert counted.slices == 6
    assert counted.right == pytest.approx(2 / 6)
    assert [counted.answered, counted.refused] == pytest.approx([4 / 6, 1 / 6])
    assert counted.wrong == pytest.approx(2 / 4), "what is called none, and what is called a tumour"
    assert counted.missed == pytest.approx(1 / 4), "a tumour that is answered as none"


def test_shares_of_nothing_are_none() -> None:
    healthy = verdicts_of(rows("--", "--", verdict="unsure"))
    assert healthy.wrong is None and healthy.missed is None
    assert (healthy.right, healthy.answered) == (1, 0)
