"""Photographs: aimed, straightened and read, as pixels from the camera to the model."""

import base64
import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, expect

from edge_app.languages import sentence
from tests.edge_app.web.pages import check_accessible
from tests.servers import Served

pytestmark = pytest.mark.browser

STEP = 1 / 256  # of an int8 softmax

# Notes the pixels of canvases, those that the worker is asked about, its answers, and what is encoded.
WATCH = """() => {
    window.seen = { canvases: [], sources: [], predictions: [], encoded: [] };
    const get = OffscreenCanvasRenderingContext2D.prototype.getImageData;
    OffscreenCanvasRenderingContext2D.prototype.getImageData = function (...given) {
        const image = get.apply(this, given);
        window.seen.canvases.push(image);
        return image;
    };
    for (const [kind, name] of [[OffscreenCanvas, 'convertToBlob'], [HTMLCanvasElement, 'toBlob']]) {
        const encode = kind.prototype[name];
        kind.prototype[name] = function (...given) {
            window.seen.encoded.push(name);
            return encode.apply(this, given);
        };
    }
    window.Worker = class extends Worker {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', ({ data }) => {
                if (data.prediction) window.seen.predictions.push(data.prediction);
            });
        }
        postMessage(request) {
            if (request.source) window.seen.sources.push(request.source);
            super.postMessage(request);
        }
    };
}"""
PIXELS = """([name, index]) => {
    const { width, height, data } = window.seen[name].at(index);
    let text = '';
    for (let start = 0; start < data.length; start += 32768) {
        text += String.fromCharCode(...data.subarray(start, start + 32768));
    }
    return [width, height, btoa(text)];
}"""


def pixels(page: Page, name: str, index: int = -1) -> NDArray[np.uint8]:
    """Returns the newest or another of the pixels that were seen, uint8 (H, W, 4)."""
    width, height, data = page.evaluate(PIXELS, [name, index])
    return np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4)


def test_the_pixels_of_the_camera_reach_the_model(with_camera: Browser, served: Served) -> None:
    page = with_camera.new_context(permissions=["camera"]).new_page()
    page.add_init_script(f"({WATCH})()")
    page.goto(served.address)
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    page.locator("#shoot").click()
    page.locator("#use").wait_for()
    shot = pixels(page, "canvases", 0)
    assert (shot[..., 3] == 255).all()
    page.get_by_role("button", name=sentence("en", "app.straighten.whole")).click()
    page.wait_for_selector(".result")
    assert np.array_equal(pixels(page, "sources"), shot)
    compare(page, served, shot)
    # The picture that is kept and its thumbnail, and nothing on the way to the model.
    assert page.evaluate("() => window.seen.encoded") == ["toBlob", "toBlob"]
    page.context.close()


def test_the_pixels_of_a_straightened_part_reach_the_model(with_camera: Browser, served: Served) -> None:
    page = with_camera.new_context(permissions=["camera"]).new_page()
    page.add_init_script(f"({WATCH})()")
    page.goto(served.address)
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    page.locator("#shoot").click()
    page.locator("#use").wait_for()
    # As it is shown, made smaller.
    shot = pixels(page, "canvases")
    width = shot.shape[1]
    right = page.get_by_role("button", name=sentence("en", "app.straighten.top-right"))
    lower = page.get_by_role("button", name=sentence("en", "app.straighten.bottom-right"))
    for corner in (right, lower):
        for _ in range(60):
            corner.press("ArrowLeft")
    page.locator("#use").click()
    page.wait_for_selector(".result")
    part = pixels(page, "sources")
    # Nothing of the browser's test picture is certain: the corners began at the whole of it.
    assert np.array_equal(part, shot[:, : round(0.4 * width)])
    compare(page, served, part)
    assert page.evaluate("() => window.seen.encoded") == ["toBlob", "toBlob"]
    page.context.close()


def compare(page: Page, served: Served, rgba: NDArray[np.uint8]) -> None:
    """Holds the page's prediction to Python's of the same pixels."""
    prediction = served.classifier.predict(np.ascontiguousarray(rgba[..., :3]))
    answers: list[dict[str, Any]] = page.evaluate("() => window.seen.predictions")
    (answer,) = answers
    assert (answer["verdict"], answer["label"]) == (prediction.verdict, prediction.label)
    assert tuple(answer["box"]) == prediction.box
    for label, probability in prediction.probabilities.items():
        assert abs(answer["probabilities"][label] - probability) <= STEP, label


def test_a_photograph_is_aimed_straightened_and_read(with_camera: Browser, served: Served) -> None:
    context = with_camera.new_context(viewport={"width": 390, "height": 844}, permissions=["camera"])
    page = context.new_page()
    page.goto(served.address)
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    expect(page.locator(".finder .frame")).to_be_visible()
    check_accessible(page)
    page.locator("#shoot").click()
    page.get_by_role("button", name="Indonesia").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence("id", "app.straighten"))
    corner = page.get_by_role("button", name=sentence("id", "app.straighten.top-left"))
    before = corner.bounding_box()
    corner.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    moved = corner.bounding_box()
    assert before and moved and moved["x"] > before["x"] and moved["y"] == before["y"]
    page.mouse.move(moved["x"] + 22, moved["y"] + 22)
    page.mouse.down()
    page.mouse.move(moved["x"] + 42, moved["y"] + 52)
    page.mouse.up()
    dragged = corner.bounding_box()
    assert dragged and dragged["x"] > moved["x"] and dragged["y"] > moved["y"]
    check_accessible(page)
    page.locator("#use").click()
    page.wait_for_selector(".result")
    expect(page.locator("details dl", has_text="photo.png")).to_have_count(1)
    context.close()


def test_the_camera_stops_when_its_view_is_left(with_camera: Browser, served: Served) -> None:
    context = with_camera.new_context(permissions=["camera"])
    page = context.new_page()
    page.goto(served.address)
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    expect(page.locator("#shoot")).to_be_enabled()
    video = page.locator("video").element_handle()
    page.keyboard.press("Escape")
    expect(page.locator("#file")).to_be_attached()
    assert video and video.evaluate("v => v.srcObject.getTracks().every((t) => t.readyState === 'ended')")
    context.close()


def test_a_photograph_is_sent_to_the_clinic_s_device_without_loss(
    with_camera: Browser, served: Served
) -> None:
    page = with_camera.new_context(permissions=["camera"], locale="en-GB").new_page()
    page.add_init_script(f"({WATCH})()")
    page.goto(served.address)
    page.click("#view-settings")
    page.get_by_label(sentence("en", "app.choice.clinic")).check()
    page.click("#view-read")
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    page.locator("#shoot").click()
    page.locator("#use").wait_for()
    shot = pixels(page, "canvases", 0)
    page.get_by_role("button", name=sentence("en", "app.straighten.whole")).click()
    page.wait_for_selector(".result")
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.clinic"))
    prediction = served.classifier.predict(np.ascontiguousarray(shot[..., :3]))
    expect(page.locator(".answer")).to_have_class(re.compile(rf"\b{prediction.verdict}\b"))
    page.context.close()
