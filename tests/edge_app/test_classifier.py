from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from edge_app import Classifier, UnreadableImage
from edge_app.bundle import Thresholds
from edge_app.classifier import Prediction, lay_out
from edge_app.errors import BundleError
from tests.dicoms import dicom
from tests.phantoms import LABELS, phantom

FILES = [("float32", "tflite"), ("int8", "tflite"), ("float32", "onnx")]


@pytest.fixture(scope="module")
def classifier(toy_bundle: Path) -> Classifier:
    return Classifier.load(toy_bundle)


@pytest.fixture(params=FILES, ids=lambda file: "-".join(file))
def any_classifier(toy_bundle: Path, request: pytest.FixtureRequest) -> Iterator[Classifier]:
    precision, format = request.param
    if format == "onnx":
        pytest.importorskip("onnxruntime")
    yield Classifier.load(toy_bundle, precision, format=format)


def with_thresholds(classifier: Classifier, unsure: float, refused: float = 0.0) -> Classifier:
    thresholds = Thresholds(unsure=unsure, no_tumour=unsure, refused=refused)
    bundle = replace(classifier.bundle, thresholds=thresholds)
    return Classifier(bundle, classifier.file, classifier.runtime)


def heatmap_of(prediction: Prediction) -> NDArray[np.float32]:
    assert prediction.heatmap is not None
    return prediction.heatmap


def test_every_file_tells_the_phantoms_apart(any_classifier: Classifier) -> None:
    right = 0
    for label in LABELS:
        predictions = [any_classifier.predict(phantom(label, seed)) for seed in range(1000, 1010)]
        right += sum(prediction.label == label for prediction in predictions)
        for prediction in predictions:
            assert list(prediction.probabilities) == list(LABELS)
            assert sum(prediction.probabilities.values()) == pytest.approx(1)
            assert all(
                type(value) is float and 0 <= value <= 1 for value in prediction.probabilities.values()
            )
            assert prediction.label == max(prediction.probabilities, key=prediction.probabilities.__getitem__)
    assert right >= 32  # of 40


def test_files_agree(toy_bundle: Path, any_classifier: Classifier, classifier: Classifier) -> None:
    picture = phantom("meningioma", 77)
    expected = classifier.predict(picture).probabilities
    assert any_classifier.predict(picture).probabilities == pytest.approx(expected, abs=0.1)


def test_what_a_prediction_holds(classifier: Classifier, glioma: Path) -> None:
    prediction = classifier.predict(glioma)
    assert (prediction.verdict, prediction.label, prediction.reasons) == ("answer", "glioma", ())
    assert set(prediction.milliseconds) == {"decode", "preprocess", "infer"}
    assert all(value >= 0 for value in prediction.milliseconds.values())
    assert prediction.image.mode == "L"
    assert prediction.map is not None
    assert prediction.map.dtype == np.float32 and prediction.map.shape == (16, 16)
    assert prediction.in_distribution is not None and 0.2 < prediction.in_distribution <= 1
    heatmap = heatmap_of(prediction)
    assert heatmap is prediction.heatmap
    assert heatmap.dtype == np.float32
    assert heatmap.shape == (prediction.image.height, prediction.image.width)
    assert 0 <= heatmap.min() <= heatmap.max() <= 1


def test_the_same_picture_gives_the_same_answer_however_it_comes(
    classifier: Classifier, glioma: Path
) -> None:
    expected = classifier.predict(glioma).probabilities
    with Image.open(glioma) as image:
        image.load()
    for source in (str(glioma), glioma.read_bytes(), image, np.asarray(image)):
        assert classifier.predict(source).probabilities == expected


def test_a_bad_picture_does_not_spoil_the_next(classifier: Classifier, glioma: Path) -> None:
    expected = classifier.predict(glioma).probabilities
    with pytest.raises(UnreadableImage, match=r"cut\.jpg: "):
        classifier.predict(glioma.read_bytes()[:400], name="cut.jpg")
    assert classifier.predict(glioma).probabilities == expected


def test_thresholds(classifier: Classifier, glioma: Path) -> None:
    top = max(classifier.predict(glioma).probabilities.values())
    sure = with_thresholds(classifier, top - 0.01).predict(glioma)
    assert (sure.verdict, sure.label, sure.reasons) == ("answer", "glioma", ())
    unsure = with_thresholds(classifier, 1.0).predict(glioma)
    assert (unsure.verdict, unsure.label, unsure.reasons) == ("unsure", "glioma", ("low_confidence",))
    refused = with_thresholds(classifier, top - 0.01, 1.0).predict(glioma)
    assert (refused.verdict, refused.label, refused.reasons) == ("refused", None, ("no_brain_mri",))


def test_a_colour_picture_is_refused(classifier: Classifier, glioma: Path) -> None:
    with Image.open(glioma) as image:
        grey = np.asarray(image.convert("L"))
    hues = np.where(np.arange(grey.shape[1])[:, None] // 16 % 2, [1.0, 0.3, 1.0], [1.0, 1.0, 0.3])
    colour = (grey[:, :, None] * hues).astype(np.uint8)
    refused = with_thresholds(classifier, 0.1).predict(colour)
    assert (refused.verdict, refused.label, refused.reasons) == ("refused", None, ("colour",))
    assert sum(refused.probabilities.values()) == pytest.approx(1)


def test_threads_share_a_classifier(any_classifier: Classifier) -> None:
    pictures = [phantom(label, seed) for label in LABELS for seed in range(5)]
    expected = [any_classifier.predict(picture) for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(any_classifier.predict, pictures * 5))
    for index, result in enumerate(results):
        alone = expected[index % len(pictures)]
        assert result.probabilities == alone.probabilities
        assert result.map is not None and alone.map is not None
        assert np.array_equal(result.map, alone.map)


def test_the_heatmap_moves_with_the_content(classifier: Classifier) -> None:
    picture = np.asarray(phantom("meningioma", 5))
    moved = np.pad(picture, ((10, 0), (0, 24)))
    still, shifted = (heatmap_of(classifier.predict(each)) for each in (picture, moved))
    assert shifted.shape == moved.shape
    assert np.abs(shifted[10:, :-24] - still).mean() < 0.03


def test_the_heatmap_points_at_the_blob(toy_bundle: Path) -> None:
    classifier = Classifier.load(toy_bundle, "float32")
    for seed in range(1000, 1004):
        picture = phantom("meningioma", seed)
        heatmap = heatmap_of(classifier.predict(picture))
        blob = np.asarray(picture) > 220
        assert heatmap[blob].mean() > 3 * heatmap.mean()


def test_a_heatmap_at_the_size_that_is_shown(classifier: Classifier) -> None:
    prediction = classifier.predict(phantom("meningioma", 5, size=512))
    whole, small, large = (
        heatmap_of(prediction),
        prediction.heatmap_at((128, 96)),
        prediction.heatmap_at((700, 600)),
    )
    assert small is not None and large is not None
    assert (small.shape, large.shape) == ((96, 128), (600, 700))
    for shown in (small, large):
        resized = Image.fromarray(whole).resize(shown.shape[::-1], Image.Resampling.BILINEAR)
        assert np.abs(shown - np.asarray(resized)).mean() < 0.02
    with pytest.raises(ValueError, match="at least 1"):
        prediction.heatmap_at((0, 10))


def test_a_model_without_a_map_has_no_heatmap(classifier: Classifier, glioma: Path) -> None:
    prediction = replace(classifier.predict(glioma), map=None)
    assert prediction.heatmap is None
    assert prediction.heatmap_at((10, 10)) is None


def test_a_map_lies_over_its_box() -> None:
    heatmap = np.zeros((4, 4), np.float32)
    heatmap[1, 2] = 1
    frame = lay_out(heatmap, (10, -20, 90, 60), (120, 100), (120, 100))
    assert frame.shape == (100, 120)
    assert 0.9 < frame.max() <= 1
    row, column = np.unravel_index(frame.argmax(), frame.shape)
    assert abs(row - 10) <= 1
    assert abs(column - 60) <= 1
    assert not frame[:, :10].any()
    assert not frame[:, 90:].any()
    assert not frame[60:].any()
    half = lay_out(heatmap, (10, -20, 90, 60), (120, 100), (60, 50))
    assert np.abs(half - frame[::2, ::2]).max() < 0.05
    assert not half[:, :5].any() and not half[:, 45:].any() and not half[30:].any()


@pytest.mark.parametrize(
    ("box", "size"),
    [((28, 61, 479, 512), (512, 512)), ((-50, -3, 250, 297), (200, 290)), ((5, 6, 12, 13), (40, 33))],
)
def test_a_map_is_stretched_as_pillow_does(box: tuple[int, int, int, int], size: tuple[int, int]) -> None:
    heatmap = np.random.default_rng(0).random((16, 16), np.float32)
    left, top, right, bottom = box
    stretched = Image.fromarray(heatmap).resize((right - left, bottom - top), Image.Resampling.BILINEAR)
    expected = Image.new("F", size)
    expected.paste(stretched, (left, top))
    np.testing.assert_allclose(lay_out(heatmap, box, size, size), np.asarray(expected), atol=1e-6)


def test_a_map_beside_what_is_shown() -> None:
    heatmap = np.ones((3, 3), np.float32)
    assert not lay_out(heatmap, (50, 0, 60, 10), (40, 40), (40, 40)).any()
    assert not lay_out(heatmap, (0, -10, 10, 0), (40, 40), (40, 40)).any()
    assert lay_out(heatmap, (0, 0, 1, 1), (4000, 4000), (40, 40)).sum() == 1


@pytest.mark.parametrize("picture", [(12_000, 5000), (32, 12_000)])
def test_the_memory_of_a_heatmap_is_that_of_what_is_shown(picture: tuple[int, int]) -> None:
    side = max(picture)
    tracemalloc.start()
    lay_out(np.ones((16, 16), np.float32), (0, 0, side, side), picture, (256, 256))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 256 * 256 * 4


class Replay:
    """A runtime that gives the same outputs for every picture."""

    name = "replay"
    shape: tuple[int, ...] = (1, 128, 128, 1)
    dtype: type[np.generic] = np.uint8

    def __init__(self, outputs: dict[str, NDArray[np.float32]]) -> None:
        self.outputs = outputs

    def run(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        return self.outputs


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("probabilities", [[0.5, np.nan, 0.2, 0.3]]),
        ("probabilities", [[0.5, np.inf, 0.2, 0.3]]),
        ("probabilities", [[0.0, 0.0, 0.0, 0.0]]),
        ("probabilities", [[2.0, -1.0, 0.0, 0.0]]),
        ("heatmap", [[[0.5, np.nan]]]),
        ("brain", [np.nan]),
    ],
)
def test_numbers_that_make_no_sense(classifier: Classifier, name: str, values: list[object]) -> None:
    outputs = {
        "probabilities": np.full((1, 4), 0.25, np.float32),
        "heatmap": np.zeros((1, 2, 2), np.float32),
        "brain": np.ones(1, np.float32),
    }
    fine = Classifier(classifier.bundle, classifier.file, Replay(outputs))
    assert fine.predict(phantom("glioma", 1)).probabilities["glioma"] == 0.25
    broken = Replay(outputs | {name: np.array(values, np.float32)})
    with pytest.raises(BundleError, match=r"toy-int8\.tflite: gave no "):
        Classifier(classifier.bundle, classifier.file, broken).predict(phantom("glioma", 1))


def test_a_study_keeps_no_picture(classifier: Classifier, tmp_path: Path) -> None:
    for seed in range(6):
        phantom("glioma", seed, size=900).save(tmp_path / f"{seed}.png")
    whole = (tmp_path / "0.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    tracemalloc.start()
    try:
        study = classifier.predict_study([tmp_path])
        gc.collect()
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert study.counts.slices == 7 and study.counts.unreadable == 1
    assert kept < 400_000, "the pictures are of 2.4 MB each"
    assert peak < 30_000_000


def test_a_study_says_of_a_slice_what_is_said_of_it_alone(classifier: Classifier, glioma: Path) -> None:
    many = dicom(np.stack([np.asarray(phantom("pituitary", seed)) for seed in range(2)]))
    study = classifier.predict_study([glioma, ("many.dcm", many), phantom("no_tumor", 1)])
    alone = {
        (str(glioma), None): classifier.predict(glioma),
        ("many.dcm", 0): classifier.predict(many, frame=0),
        ("many.dcm", 1): classifier.predict(many, frame=1),
        ("", None): classifier.predict(phantom("no_tumor", 1)),
    }
    assert {(each.name, each.frame): each.decision for each in study.slices} == {
        key: prediction.decision for key, prediction in alone.items()
    }
    assert study.suspicious is None, "the toy isn't calibrated for studies"
