"""What tests do with the page's viewer, and read there."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import FloatRect, Locator, Page

from edge_app.languages import sentence
from tests import dicoms

# A worker that is asked for the file's own pixels answers in this time, however busy the machine is.
SOON = 60_000  # milliseconds

PIXELS = """(canvas) => canvas.toDataURL()"""

# What the phone keeps of its readings, with the bytes of their pictures.
KEPT = """() => new Promise((resolve) => {
    const request = indexedDB.open('otak');
    request.onsuccess = () => {
        const all = request.result.transaction('readings').objectStore('readings').getAll();
        all.onsuccess = async () => {
            request.result.close();
            resolve(await Promise.all(all.result.map(async ({ picture, ...kept }) => [
                JSON.stringify(kept), [...new Uint8Array(await picture.arrayBuffer())].join(),
            ])));
        };
    };
})"""

# As on an iPhone.
NO_FULL_SCREEN = "() => { delete Element.prototype.requestFullscreen; }"


def say(key: str, **details: str | int) -> str:
    return sentence("en", key, **details)


def tool(page: Page, key: str) -> Locator:
    return page.locator(".viewer").get_by_role("button", name=say(key), exact=True)


def box(found: Locator) -> FloatRect:
    place = found.bounding_box()
    assert place is not None
    return place


def middle(found: Locator) -> tuple[float, float]:
    place = box(found)
    return place["x"] + place["width"] / 2, place["y"] + place["height"] / 2


def zoom(page: Page) -> float:
    scale = page.locator(".plane").first.evaluate(
        "(plane) => new DOMMatrix(getComputedStyle(plane).transform).a"
    )
    return float(scale)


def offset(page: Page) -> tuple[float, float]:
    """Returns how far the picture's middle lies from its pane's."""
    (x, y), (x0, y0) = (middle(page.locator(name).first) for name in (".plane", ".stage"))
    return x - x0, y - y0


def pixels(canvas: Locator) -> NDArray[np.uint8]:
    """Returns what a canvas shows, uint8 (H, W, 3)."""
    data = base64.b64decode(str(canvas.evaluate(PIXELS)).partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def heat(page: Page) -> Locator:
    return page.locator(".heat").last


def a_dicom() -> bytes:
    return dicoms.dicom(WindowCenter="500", WindowWidth="700")


def value(page: Page) -> Locator:
    """What stands over the picture."""
    return page.locator(".value").first


# The first screen
