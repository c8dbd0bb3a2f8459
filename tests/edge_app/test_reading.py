from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from edge_app import Classifier, image, reading
from edge_app.errors import ImageTooLarge
from edge_app.image import decode
from edge_app.preprocessing import InputSpec, preprocess
from edge_app.quality import measure
from edge_app.reading import SHOWN_SIDE, Reader, shrink
from tests.dicoms import dicom
from tests.phantoms import phantom, png

SPEC = InputSpec()
SLICE = png(phantom("glioma", 1))


def test_what_a_reading_holds() -> None:
    image = decode(SLICE)
    pixels, box = preprocess(image, SPEC)
    found = Reader().read(SLICE, "", SPEC)
    assert np.array_equal(found.pixels, pixels) and found.pixels.dtype == np.uint8
    assert (found.box, found.quality) == (box, measure(image, pixels, box))
    assert (found.size, found.frame, found.frames) == ((256, 256), 0, 1)
    assert found.image.tobytes() == image.tobytes()
    assert set(found.milliseconds) == {"decode", "preprocess"}
    assert all(value >= 0 for value in found.milliseconds.values())


def test_frames() -> None:
    data = dicom(np.stack([np.asarray(phantom("glioma", seed, 100)) for seed in range(4)]))
    reader = Reader()
    assert (reader.count_frames(data, ""), reader.count_frames(SLICE, "")) == (4, 1)
    for asked, read in ((None, 2), (0, 0), (3, 3)):
        found = reader.read(data, "", SPEC, asked)
        assert (found.frame, found.frames) == (read, 4)
        assert np.array_equal(found.pixels, reader.read(decode(data, frame=read), "", SPEC).pixels)


def test_a_reading_is_classified_as_its_picture_is(classifier: Classifier) -> None:
    expected = classifier.predict(SLICE)
    found = classifier.classify(Reader().read(SLICE, "", classifier.bundle.input))
    assert (found.probabilities, found.verdict) == (expected.probabilities, expected.verdict)
    assert (found.box, found.size, found.quality) == (expected.box, (256, 256), expected.quality)
    assert set(found.milliseconds) == {"decode", "preprocess", "infer"}


@pytest.mark.parametrize(
    ("module", "half"),
    [(image, "decode_frame"), (reading, "preprocess"), (reading, "measure"), (image, "count_frames")],
)
def test_a_want_of_memory_is_no_damage(
    module: ModuleType, half: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(module, half, fail)
    reader = Reader()
    with pytest.raises(ImageTooLarge, match=r"^a\.png: .* memory") as raised:
        if half == "count_frames":
            reader.count_frames(SLICE, "a.png")
        else:
            reader.read(SLICE, "a.png", SPEC)
    assert raised.value.code == "too_much_memory"


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((40, 30), (40, 30)),
        ((SHOWN_SIDE, 7), (SHOWN_SIDE, 7)),
        ((3000, 1500), (1024, 512)),
        ((2, 4096), (1, 1024)),
    ],
)
def test_a_picture_as_it_is_shown(size: tuple[int, int], shown: tuple[int, int]) -> None:
    for mode in ("L", "RGB"):
        small = shrink(Image.new(mode, size))
        assert (small.size, small.mode) == (shown, mode)
