from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge_app import Classifier, UnreadableImage
from edge_app.bundle import Thresholds
from edge_app.classifier import to_frame
from edge_app.errors import BundleError
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


def judged(classifier: Classifier, unsure: float | None, refused: float | None) -> Classifier:
    bundle = replace(classifier.bundle, thresholds=Thresholds(unsure=unsure, refused=refused))
    return Classifier(bundle, classifier.file, classifier.runtime)


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
    one, other = any_classifier.predict(picture).probabilities, classifier.predict(picture).probabilities
    assert one == pytest.approx(other, abs=0.1)


def test_what_a_prediction_holds(classifier: Classifier, glioma: Path) -> None:
    prediction = classifier.predict(glioma)
    assert prediction.verdict == "answer"
    assert prediction.reasons == ("uncalibrated",)
    assert set(prediction.milliseconds) == {"decode", "preprocess", "infer"}
    assert all(value >= 0 for value in prediction.milliseconds.values())
    assert prediction.image.mode == "RGB"
    assert prediction.heatmap is not None
    assert prediction.heatmap.dtype == np.float32
    assert prediction.heatmap.shape == (prediction.image.height, prediction.image.width)
    assert 0 <= prediction.heatmap.min() <= prediction.heatmap.max() <= 1


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
    sure = judged(classifier, top - 0.01, top - 0.02).predict(glioma)
    assert (sure.verdict, sure.label, sure.reasons) == ("answer", "glioma", ())
    unsure = judged(classifier, top + 0.01, top - 0.01).predict(glioma)
    assert (unsure.verdict, unsure.label, unsure.reasons) == ("unsure", "glioma", ("low_confidence",))


def test_a_colour_picture_is_refused(classifier: Classifier, glioma: Path) -> None:
    with Image.open(glioma) as image:
        grey = np.asarray(image.convert("L"))
    hues = np.where(np.arange(grey.shape[1])[:, None] // 16 % 2, [1.0, 0.3, 1.0], [1.0, 1.0, 0.3])
    colour = (grey[:, :, None] * hues).astype(np.uint8)
    refused = judged(classifier, 0.1, 0.0).predict(colour)
    assert (refused.verdict, refused.label, refused.reasons) == ("refused", None, ("colour",))
    assert sum(refused.probabilities.values()) == pytest.approx(1)


def test_threads_share_a_classifier(any_classifier: Classifier) -> None:
    pictures = [phantom(label, seed) for label in LABELS for seed in range(5)]
    expected = [any_classifier.predict(picture) for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(any_classifier.predict, pictures * 5))
    for index, result in enumerate(results):
        one = expected[index % len(pictures)]
        assert result.probabilities == one.probabilities
        assert np.array_equal(result.heatmap, one.heatmap)


def test_the_heatmap_moves_with_the_content(classifier: Classifier) -> None:
    picture = np.asarray(phantom("meningioma", 5))
    moved = np.pad(picture, ((10, 0), (0, 24)))
    one, other = classifier.predict(picture), classifier.predict(moved)
    assert other.heatmap is not None
    assert other.heatmap.shape == moved.shape
    assert np.abs(other.heatmap[10:, :-24] - one.heatmap).mean() < 0.03


def test_the_heatmap_points_at_the_blob(toy_bundle: Path) -> None:
    classifier = Classifier.load(toy_bundle, "float32")
    for seed in range(1000, 1004):
        picture = phantom("meningioma", seed)
        heatmap = classifier.predict(picture).heatmap
        assert heatmap is not None
        blob = np.asarray(picture) > 220
        assert heatmap[blob].mean() > 3 * heatmap.mean()


def test_to_frame_lays_a_map_over_its_box() -> None:
    heatmap = np.zeros((4, 4), np.float32)
    heatmap[1, 2] = 1
    frame = to_frame(heatmap, (10, -20, 90, 60), (120, 100))
    assert frame.shape == (100, 120)
    assert 0.9 < frame.max() <= 1
    row, column = np.unravel_index(frame.argmax(), frame.shape)
    assert abs(row - 10) <= 1
    assert abs(column - 60) <= 1
    assert not frame[:, :10].any()
    assert not frame[:, 90:].any()
    assert not frame[60:].any()


@pytest.mark.parametrize(
    ("box", "size"),
    [((28, 61, 479, 512), (512, 512)), ((-50, -3, 250, 297), (200, 290)), ((5, 6, 12, 13), (40, 33))],
)
def test_to_frame_gives_what_pillow_does(box: tuple[int, int, int, int], size: tuple[int, int]) -> None:
    heatmap = np.random.default_rng(0).random((16, 16), np.float32)
    left, top, right, bottom = box
    stretched = Image.fromarray(heatmap).resize((right - left, bottom - top), Image.Resampling.BILINEAR)
    expected = Image.new("F", size)
    expected.paste(stretched, (left, top))
    np.testing.assert_allclose(to_frame(heatmap, box, size), np.asarray(expected), atol=1e-6)


def test_to_frame_of_no_evidence() -> None:
    assert not to_frame(np.zeros((3, 3), np.float32), (0, 0, 40, 40), (40, 40)).any()


def test_numbers_that_are_not_finite(classifier: Classifier) -> None:
    class Broken:
        name = "broken"

        def run(self, pixels: object) -> dict[str, np.ndarray]:
            return {"probabilities": np.full((1, 4), np.nan, np.float32)}

    with pytest.raises(BundleError, match=r"toy-int8\.tflite: gave no finite"):
        Classifier(classifier.bundle, classifier.file, Broken()).predict(phantom("glioma", 1))
