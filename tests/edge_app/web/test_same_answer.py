"""The page's worker answers as Python does, and both refuse the same files in the same words."""

import base64
import csv
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from playwright.sync_api import Page, expect

from edge_app.classifier import Prediction
from edge_app.errors import ImageError
from tests import dicoms
from tests.edge_app.web.pages import ask, encode
from tests.phantoms import phantom
from tests.servers import Served

pytestmark = pytest.mark.browser

STEP = 1 / 256  # of an int8 softmax


def compare(answer: dict[str, Any], prediction: Prediction) -> None:
    assert prediction.in_distribution is not None
    assert answer["verdict"] == prediction.verdict
    assert answer["label"] == prediction.label
    assert tuple(answer["reasons"]) == prediction.reasons
    assert (tuple(answer["size"]), tuple(answer["box"])) == (prediction.image.size, prediction.box)
    assert answer["quality"] == asdict(prediction.quality)
    assert (answer["frame"], answer["frames"]) == (prediction.frame, prediction.frames)
    assert abs(answer["in_distribution"] - prediction.in_distribution) <= STEP
    for label, probability in prediction.probabilities.items():
        assert abs(answer["probabilities"][label] - probability) <= STEP, label


def compare_pictures(answer: dict[str, Any], prediction: Prediction) -> None:
    assert tuple(answer["shown"]) == prediction.image.size
    shape = (prediction.image.height, prediction.image.width)
    pixels = np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8).reshape(*shape, 4)
    assert np.array_equal(pixels[..., :3], np.asarray(prediction.image))
    assert prediction.map is not None
    values = np.frombuffer(base64.b64decode(answer["map"]), "<f4").reshape(prediction.map.shape)
    np.testing.assert_allclose(values, prediction.map, atol=1e-6)


def pictures() -> dict[str, bytes]:
    grey = phantom("glioma", 1, size=300).crop((0, 10, 300, 270))
    colour = Image.merge("RGB", (grey, grey.rotate(5), grey.rotate(-5)))
    alpha = colour.convert("RGBA")
    alpha.putalpha(Image.linear_gradient("L").resize(grey.size))
    turned = Image.Exif()
    turned[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    sixteen = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    return {
        "4:2:0": encode(colour, "JPEG", subsampling="4:2:0"),
        "4:4:4": encode(colour, "JPEG", subsampling="4:4:4", quality=95),
        "progressive": encode(colour, "JPEG", progressive=True),
        "grey JPEG": encode(grey, "JPEG"),
        "turned": encode(colour, "JPEG", exif=turned),
        "profile": encode(colour, "JPEG", icc_profile=profile),
        "grey PNG": encode(grey, "PNG"),
        "colour PNG": encode(colour, "PNG"),
        "palette": encode(colour.quantize(32), "PNG"),
        "16 bits": encode(sixteen, "PNG"),
        "alpha": encode(alpha, "PNG"),
        "lossless WebP": encode(colour, "WEBP", lossless=True),
        "lossy WebP": encode(colour, "WEBP"),
        "BMP": encode(colour, "BMP"),
    }


@pytest.mark.parametrize("kind", pictures())
def test_every_kind_of_picture_gives_the_same_pixels(page: Page, served: Served, kind: str) -> None:
    data = pictures()[kind]
    answer, prediction = ask(page, data), served.classifier.predict(data)
    compare_pictures(answer, prediction)
    compare(answer, prediction)


@pytest.mark.parametrize("kind", dicoms.kinds())
def test_uncompressed_dicom_gives_the_same_pixels(page: Page, served: Served, kind: str) -> None:
    data = dicoms.kinds()[kind]
    answer, prediction = ask(page, data), served.classifier.predict(data)
    compare_pictures(answer, prediction)
    compare(answer, prediction)


def test_a_photograph_of_twelve_megapixels(page: Page, served: Served) -> None:
    photo = Image.new("RGB", (4000, 3000), (20, 22, 30))
    photo.paste(phantom("pituitary", 4, size=2000), (900, 400))
    data = encode(photo, "JPEG", quality=92)
    compare(ask(page, data), served.classifier.predict(data))


@pytest.mark.slow
def test_real_slices(page: Page, served: Served, otak_data: Path) -> None:
    with (otak_data / "manifest.csv").open(encoding="utf-8", newline="") as rows:
        paths = [otak_data / row["path"] for row in csv.DictReader(rows)]
    for index, path in enumerate(paths[:: len(paths) // 199][:200]):
        data = path.read_bytes()
        answer, prediction = ask(page, data), served.classifier.predict(data)
        compare(answer, prediction)
        if index % 20 == 0 and max(prediction.image.size) <= 1024:
            compare_pictures(answer, prediction)


def bad() -> dict[str, bytes]:
    whole = encode(phantom("glioma", 1), "JPEG")
    return {
        "text": b"a letter",
        "zip": b"PK\x03\x04" + bytes(100),
        "HEIC": b"\0\0\0\x1cftypheic" + bytes(100),
        "cut": whole[:900],
        "nearly whole": whole[:-500],
        "cut PNG": encode(phantom("glioma", 1), "PNG")[:-200],
        "cut WebP": encode(phantom("glioma", 1), "WEBP")[:-200],
        "empty": b"",
        "bomb": encode(Image.new("1", (10_000, 10_000)), "PNG"),
        "strip": encode(Image.new("1", (20_000, 40)), "PNG"),
        "tiny": encode(Image.new("L", (20, 20)), "PNG"),
        "big": bytes(20_000_001),
        **{f"DICOM, {fault}": data for fault, data in dicoms.faults().items()},
        "big DICOM": dicoms.dicom() + bytes(20_000_001),
        "CT": dicoms.dicom(Modality="CT"),
        "wide DICOM": dicoms.dicom(Rows=9000, Columns=9000),
        "tiny DICOM": dicoms.dicom(np.zeros((20, 20), np.uint16)),
    }


@pytest.mark.parametrize("kind", bad())
def test_both_sides_refuse_alike(page: Page, served: Served, kind: str, tmp_path: Path) -> None:
    data = bad()[kind]
    with pytest.raises(ImageError) as refused:
        served.classifier.predict(data, "a.jpg")
    # From a disk: a browser takes seconds for large files that are handed over.
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    page.set_input_files("#file", path)
    page.wait_for_selector(".alert")
    for language in ("en", "id"):
        page.click(f"#language-{language}")
        expect(page.get_by_role("alert")).to_contain_text(refused.value.sentence(language))
