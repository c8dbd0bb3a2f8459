"""What tests send to the page in a browser, and read there."""

from __future__ import annotations

import base64
import io
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import FilePayload, Page

from edge_app.classifier import Prediction
from tests.conftest import ROOT
from tests.phantoms import phantom

AXE = ROOT / "edge_app" / "web" / "node_modules" / "axe-core" / "axe.min.js"
REACH = ROOT / "tests" / "edge_app" / "web" / "reach.js"
MAX_STOPS = 60  # of the Tab key on one view

# As the setting does: without it no name of a file is in the history.
KEEP_NAMES = """() => localStorage.setItem('otak.names', 'kept')"""

# What a browser does when its disk is full; Chromium's quota can't be made small enough to see it.
FULL = """() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
        const request = put.call(this, ...given);
        request.onsuccess = () => this.transaction.abort();
        return request;
    };
}"""

STEP = 1 / 256  # of an int8 softmax

# The picture as it is drawn, and the heat over it.
DRAWN = """() => [...document.querySelectorAll('.stage canvas')].map((canvas) => canvas.toDataURL())"""

# Reads a file in a worker of the test's own and returns what the worker answers.
ASK = """async ([url, file, frame]) => {
    window.reader ??= new Worker(url);
    window.bundle ??= await (await fetch('/bundle.json')).json();
    const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
    const { data } = await new Promise((resolve) => {
        // How far its files have come is no answer.
        window.reader.onmessage = (event) => 'progress' in event.data || resolve(event);
        const source = new Blob([bytes]);
        window.reader.postMessage({ id: 1, bundle: window.bundle, source, frame, files: {} });
    });
    if (!data.prediction) return data;
    const { picture, prediction } = data;
    const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d', { alpha: false });
    canvas.drawImage(picture, 0, 0);
    const pack = (values) => {
        let text = '';
        for (const byte of new Uint8Array(values.buffer)) text += String.fromCharCode(byte);
        return btoa(text);
    };
    const pixels = pack(canvas.getImageData(0, 0, picture.width, picture.height).data);
    const [shown, map] = [[picture.width, picture.height], pack(prediction.map.values)];
    return { ...prediction, shown, pixels, map };
}"""


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(label: str = "glioma", seed: int = 1) -> bytes:
    """Returns a phantom's file."""
    return encode(phantom(label, seed), "PNG")


def file(data: bytes, name: str = "slice.jpg") -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


def read(page: Page, *files: FilePayload) -> None:
    page.set_input_files("#file", list(files))
    page.wait_for_selector(".result, .alert", timeout=60_000)


def ask(page: Page, data: bytes, frame: int | None = None) -> dict[str, Any]:
    """Returns what the page's worker answers to a file, or a frame of it."""
    if not page.workers:
        page.wait_for_event("worker")
    answer: dict[str, Any] = page.evaluate(ASK, [page.workers[0].url, base64.b64encode(data).decode(), frame])
    return answer


def drawn(page: Page) -> list[NDArray[Any]]:
    """Returns picture and heat of 256 pixels a side as they are shown, uint8 (H, W, 4)."""
    page.wait_for_function("() => document.querySelector('.stage canvas')?.width === 256")
    images = [url.partition(",")[2] for url in page.evaluate(DRAWN)]
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA")) for data in images]


def compare(answer: dict[str, Any], prediction: Prediction) -> None:
    """Holds what the page's worker answered to Python's answer."""
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
    """Holds the pixels of a picture of at most 1,024 a side, and the model's map of it, to Python's."""
    assert tuple(answer["shown"]) == prediction.image.size
    shape = (prediction.image.height, prediction.image.width)
    pixels = np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8).reshape(*shape, 4)
    assert np.array_equal(pixels[..., :3], np.asarray(prediction.image.convert("RGB")))
    assert prediction.map is not None
    values = np.frombuffer(base64.b64decode(answer["map"]), "<f4").reshape(prediction.map.shape)
    np.testing.assert_allclose(values, prediction.map, atol=1e-6)


def check_accessible(page: Page) -> None:
    """Holds a view to axe-core's rules and to its width."""
    if not page.evaluate("() => 'reach' in window"):
        for script in (AXE, REACH):
            page.evaluate(script.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    faults = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
    assert not faults, faults
    wide = page.evaluate("() => reach.sideways()")
    assert not wide, wide


def check_reach(page: Page) -> None:
    """Holds a view to what everybody needs of it; it is left as it was but for the focus.

    axe-core's rules; targets of 44 pixels; names for pictures; bars and fields that stand out 3:1 from what
    is behind them; Tab from one visible target to the next, down the page; and no sideways scroll, at this
    width and at 320 pixels with text of twice the size.
    """
    check_accessible(page)
    questions = ("small", "nameless", "faint")
    faults = [fault for question in questions for fault in page.evaluate(f"() => reach.{question}()")]
    faults += _tab_through(page) + _enlarged(page)
    assert not faults, "\n".join(faults)


def _tab_through(page: Page) -> list[str]:
    faults: list[str] = []
    page.evaluate("() => reach.start()")
    for _ in range(MAX_STOPS):
        page.keyboard.press("Tab")
        found: list[str] | None = page.evaluate("() => reach.focused()")
        if found is None:
            break
        faults += found
    return faults


def _enlarged(page: Page) -> list[str]:
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": 320, "height": 640})
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    faults: list[str] = page.evaluate("() => reach.sideways()")
    page.evaluate("() => { document.documentElement.style.fontSize = ''; }")
    page.set_viewport_size(size)
    return faults
