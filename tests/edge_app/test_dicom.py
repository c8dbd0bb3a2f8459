from __future__ import annotations

import gc
import io
import json
import logging
import struct
import tracemalloc
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, RLELossless

from edge_app import Classifier
from edge_app.answer import answer_of, plain
from edge_app.dicom import DicomFile
from edge_app.errors import ImageError, ImageTooLarge, UnreadableImage
from edge_app.image import count_frames, decode
from edge_app.serve.app import create_app
from edge_app.wording import origin
from tests.corpus import dicom_cases, dicom_display_cases
from tests.corpus.case import Case
from tests.dicoms import PATIENT, dicom, faults, kinds

CASES = dicom_cases.cases() + dicom_display_cases.cases()


def levels(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(decode(data).convert("L"))


def code_of(data: bytes) -> str | None:
    try:
        decode(data)
    except ImageError as error:
        return error.code
    return None


def encoded(image: Image.Image, kind: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def encoded_jpeg(size: tuple[int, int] = (150, 150), mode: str = "L", **options: int) -> bytes:
    return encoded(Image.effect_noise(size, 50).convert(mode), "JPEG", **options)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_kind_shows_its_levels_or_has_its_error(case: Case) -> None:
    if case.error is not None:
        with pytest.raises(ImageError) as refused:
            decode(case.data, case.name)
        assert refused.value.code == case.error
        return
    shown = np.asarray(decode(case.data, case.name).convert("RGB"))
    if case.levels is not None:
        assert np.array_equal(shown, np.repeat(case.levels[..., None], 3, axis=2))


def test_a_window_is_laid_as_the_standard_says() -> None:
    values = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    shown = levels(dicom(values, WindowCenter=2048, WindowWidth=1024)).ravel()
    assert (shown[: 2048 - 512] == 0).all() and (shown[2048 + 512 :] == 255).all()
    assert abs(int(shown[2048]) - 128) <= 1


def test_without_a_window_the_whole_range_is_shown() -> None:
    values = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) + 300
    assert (levels(dicom(values)).min(), levels(dicom(values)).max()) == (0, 255)


def test_monochrome1_is_white_where_there_is_least() -> None:
    files = kinds()
    assert np.array_equal(levels(files["inverted"]), 255 - levels(files["explicit"]))


def test_the_middle_frame_is_taken() -> None:
    assert np.array_equal(levels(kinds()["frames"]), levels(kinds()["explicit"]))


def test_what_lies_above_the_stored_bits_is_ignored() -> None:
    files = kinds()
    assert np.array_equal(levels(files["12 bits, more above"]), levels(files["explicit"]))


@pytest.mark.parametrize(
    "name",
    [
        "MR_small_bigendian.dcm",
        "MR_small_implicit.dcm",
        "MR_small_RLE.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_padded.dcm",
    ],
)
def test_real_files_are_read_alike_however_they_are_stored(name: str) -> None:
    stored, plain = (Path(str(get_testdata_file(each))).read_bytes() for each in (name, "MR_small.dcm"))
    assert np.array_equal(levels(stored), levels(plain))
    assert len(np.unique(levels(plain))) > 50


def test_run_lengths_are_decoded() -> None:
    assert np.array_equal(levels(dicom(transfer=RLELossless)), levels(dicom()))


JPEG = "1.2.840.10008.1.2.4.50"
JPEG_2000 = "1.2.840.10008.1.2.4.90"


@pytest.mark.parametrize(("kind", "transfer"), [("JPEG", JPEG), ("JPEG2000", JPEG_2000)])
def test_jpeg_is_decoded(kind: str, transfer: str) -> None:
    grey = Image.fromarray(dcmread(io.BytesIO(kinds()["8 bits"])).pixel_array)
    shown = levels(packed(encoded(grey, kind, quality=95), transfer))
    difference = shown.astype(int) - levels(kinds()["8 bits"])
    assert np.abs(difference).mean() < 2


def test_colours_in_jpeg_are_decoded() -> None:
    grey = Image.fromarray(dcmread(io.BytesIO(kinds()["8 bits"])).pixel_array)
    colours = Image.merge("RGB", (grey, grey.rotate(5), grey))
    data = packed(
        encoded(colours, "JPEG", quality=95),
        JPEG,
        SamplesPerPixel=3,
        PhotometricInterpretation="YBR_FULL_422",
        PlanarConfiguration=0,
    )
    difference = np.asarray(decode(data)).astype(int) - np.asarray(colours)
    assert np.abs(difference).mean() < 4


def test_a_jpeg_of_twelve_bits_has_no_decoder() -> None:
    frame = bytearray(encoded(Image.new("L", (150, 150)), "JPEG"))
    frame[frame.index(b"\xff\xc0") + 4] = 12
    assert code_of(packed(bytes(frame), "1.2.840.10008.1.2.4.51")) == "dicom_compressed"


@pytest.mark.parametrize(
    "frame",
    [
        encoded_jpeg(size=(149, 150)),
        encoded_jpeg(mode="RGB"),
        encoded_jpeg(progressive=True),
        encoded_jpeg()[:-200],
        encoded_jpeg()[:30],
        b"\xff\xd8\xff\xd9",
    ],
)
def test_a_jpeg_that_is_not_the_frame_is_refused(frame: bytes) -> None:
    assert code_of(packed(frame, JPEG)) == "dicom"


def test_a_jpeg_2000_that_is_not_the_frame_is_refused() -> None:
    whole = encoded(Image.effect_noise((150, 150), 50), "JPEG2000", no_jp2=True)
    assert code_of(packed(whole, JPEG_2000)) is None
    small = encoded(Image.new("L", (150, 149)), "JPEG2000", no_jp2=True)
    tiles = bytearray(whole)
    struct.pack_into(">II", tiles, 24, 1, 1)  # of one pixel each
    for frame in (small, bytes(tiles), whole[:40], whole[:200]):
        assert code_of(packed(frame, JPEG_2000)) == "dicom"


@pytest.mark.parametrize("fault", faults())
def test_a_file_without_a_whole_slice_has_its_sentence(fault: str) -> None:
    with pytest.raises(UnreadableImage, match=r"^a.dcm: .*DICOM") as refused:
        decode(faults()[fault], "a.dcm")
    assert refused.value.code == "dicom"


@pytest.mark.parametrize("modality", ["CT", "US", "CR"])
def test_what_comes_from_another_scanner_has_its_own(modality: str) -> None:
    with pytest.raises(UnreadableImage, match=r"^a.dcm: .*MRI") as refused:
        decode(dicom(Modality=modality), "a.dcm")
    assert refused.value.code == "dicom_modality"
    assert decode(dicom(Modality="MR")).size == (256, 256)


def test_an_unknown_compression_has_its_own() -> None:
    with pytest.raises(UnreadableImage) as refused:
        decode(dicom(transfer=DeflatedExplicitVRLittleEndian))
    assert refused.value.code == "dicom_compressed"


def test_sizes_are_checked_before_pixels_are_decoded() -> None:
    with pytest.raises(ImageTooLarge):
        decode(dicom(Rows=9000, Columns=9000))
    with pytest.raises(UnreadableImage) as refused:
        decode(dicom(np.zeros((20, 20), np.uint16)))
    assert refused.value.code == "too_small"


def packed(frame: bytes, transfer: str, **elements: Any) -> bytes:
    """A file of 150 x 150 pixels whose frame is packed bytes."""
    file = dcmread(io.BytesIO(kinds()["8 bits"]))
    for name, value in elements.items():
        setattr(file, name, value)
    file.PixelData = encapsulate([frame])
    file["PixelData"].is_undefined_length = True
    file.file_meta.TransferSyntaxUID = UID(transfer)
    whole = io.BytesIO()
    file.save_as(whole)
    return whole.getvalue()


BOMBS = {
    "JPEG": (encoded(Image.new("L", (6000, 6000)), "JPEG"), JPEG),
    "JPEG 2000": (encoded(Image.new("L", (6000, 6000)), "JPEG2000"), JPEG_2000),
    "RLE": (struct.pack("<16I", 1, 64, *[0] * 14) + b"\x81\0" * 500_000, "1.2.840.10008.1.2.5"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_frame_larger_than_the_file_says_is_not_unpacked(kind: str) -> None:
    data = packed(*BOMBS[kind])
    decode(dicom())  # what is imported once
    tracemalloc.start()
    with pytest.raises(UnreadableImage) as refused:
        decode(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.value.code == "dicom"
    assert peak < 10_000_000


def test_names_of_patients_are_neither_told_nor_logged(
    toy_bundle: Path, caplog: pytest.LogCaptureFixture
) -> None:
    classifier = Classifier.load(toy_bundle)
    with caplog.at_level(logging.DEBUG):
        told = json.dumps(plain(answer_of("a", classifier.predict(dicom()), classifier)))
        form = {"file": (io.BytesIO(dicom()), "a.dcm")}
        shown = create_app(classifier).test_client().post("/api/v1/predict?include=picture", data=form).text
        with pytest.raises(UnreadableImage):
            classifier.predict(dicom()[:-10])
    for text in (told, shown, caplog.text):
        assert PATIENT not in text and "3174012345" not in text and "Siti" not in text


def test_which_frame_stands_for_all_is_told() -> None:
    assert (DicomFile(kinds()["frames"], "a").middle, count_frames(kinds()["frames"])) == (1, 3)
    assert np.array_equal(
        levels(kinds()["frames"]), np.asarray(decode(kinds()["frames"], frame=1).convert("L"))
    )
    with pytest.raises(UnreadableImage):
        decode(kinds()["frames"], frame=3)


def test_an_answer_says_which_frame_was_read(toy_bundle: Path) -> None:
    classifier = Classifier.load(toy_bundle)
    prediction = classifier.predict(kinds()["frames"])
    assert (prediction.frame, prediction.frames) == (1, 3)
    told = plain(answer_of("a", prediction, classifier))
    assert (told["frame"], told["frames"]) == (1, 3)
    assert origin(prediction, "en") == ["Frame 2 of the 3 in this file was read."]
    assert origin(classifier.predict(dicom()), "en") == []


def test_a_want_of_memory_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("edge_app.dicom.file.show", give_up)
    with pytest.raises(MemoryError):
        decode(dicom())


def test_an_opened_file_is_free_once_it_is_let_go() -> None:
    group, window = Dataset(), Dataset()
    window.WindowCenter, window.WindowWidth = 500.0, 1000.0
    group.FrameVOILUTSequence = Sequence([window])
    frames = np.zeros((3, 64, 64), np.uint16)
    data = dicom(frames, PerFrameFunctionalGroupsSequence=Sequence([group] * 3))
    gc.disable()
    try:
        file = DicomFile(data, "a.dcm")
        for frame in range(3):
            file.load(frame)
        elements = weakref.ref(file._file)
        del file
        assert elements() is None
    finally:
        gc.enable()


def test_large_frames_take_little_memory() -> None:
    pixels = np.arange(3000 * 3000, dtype=np.uint32).reshape(3000, 3000) % 60_000
    data = dicom(pixels.astype(np.uint16))
    tracemalloc.start()
    DicomFile(data, "a").load()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * pixels.size
