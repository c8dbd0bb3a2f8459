"""The page's worker answers as Python does, and both refuse the same files in the same words."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from edge_app.errors import ImageError
from tests import dicoms
from tests.edge_app.web.pages import ask, compare, compare_pictures, encode
from tests.phantoms import phantom
from tests.servers import Served

pytestmark = pytest.mark.browser


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
