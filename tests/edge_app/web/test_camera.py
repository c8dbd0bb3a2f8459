"""The camera's finder: what it films, its lamp, the ways out of it, and what is said where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from edge_app.languages import sentence
from tests.edge_app.web.pages import check_accessible, file, png, read
from tests.phantoms import phantom
from tests.servers import Served

pytestmark = pytest.mark.browser

FILMED = (640, 480)
FILM = ((180, 60), (500, 90), (470, 400), (150, 370))  # its corners, from top left, clockwise

# A camera with a lamp, or one that fails as browsers' do.
LAMP = """() => {
    window.lamp = [];
    MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
    MediaStreamTrack.prototype.applyConstraints = async ({ advanced }) => window.lamp.push(advanced[0].torch);
}"""
FAIL = """(name) => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
}"""


def filmed() -> NDArray[np.uint8]:
    """Draws a slice on a film that lies askew on a light box; uint8 (480, 640)."""
    side = 256
    slice_ = Image.fromarray((np.asarray(phantom("glioma", 3, side)) * 0.85 + 20).astype(np.uint8))
    rows = []
    for (x, y), (u, v) in zip(FILM, ((0, 0), (side, 0), (side, side), (0, side)), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    places = [place for corner in ((0, 0), (side, 0), (side, side), (0, side)) for place in corner]
    way = np.linalg.solve(np.array(rows, float), np.array(places, float)).tolist()
    bilinear = Image.Resampling.BILINEAR
    film = slice_.transform(FILMED, Image.Transform.PERSPECTIVE, way, bilinear, fillcolor=235)
    return np.asarray(film)


@pytest.fixture(scope="module")
def filming(
    playwright: Playwright, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """A browser whose camera films a slice."""
    path: Path = tmp_path_factory.mktemp("film") / "film.y4m"
    width, height = FILMED
    colours = bytes([128]) * (width * height // 2)
    path.write_bytes(
        f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\nFRAME\n".encode()
        + filmed().tobytes()
        + colours
    )
    fake = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ]
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", *fake])
    yield browser
    browser.close()


def phone(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 390, "height": 844}, permissions=["camera"], locale="en-GB")


def aimed(context: BrowserContext, served: Served, script: str = "") -> Page:
    page = context.new_page()
    if script:
        page.add_init_script(script)
    page.goto(served.address)
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    return page


def corners(page: Page) -> NDArray[np.float64]:
    """Where the four handles stand, in pixels of what was filmed; (4, 2)."""
    desk = page.locator(".desk canvas").bounding_box()
    assert desk
    found = []
    for handle in page.locator(".desk .corner").all():
        box = handle.bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2 - desk["x"], box["y"] + box["height"] / 2 - desk["y"]
        found.append((x / desk["width"] * FILMED[0], y / desk["height"] * FILMED[1]))
    return np.array(found)


def test_the_edges_of_a_filmed_slice_are_proposed(filming: Browser, served: Served) -> None:
    context = phone(filming)
    page = aimed(context, served)
    box = page.locator(".finder").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 844}
    expect(page.locator(".finder .frame")).to_be_visible()
    for hidden in ("header", "footer", ".skip"):
        expect(page.locator(hidden)).to_be_hidden()
    check_accessible(page)
    page.locator("#shoot").click()
    expect(page.get_by_text(sentence("en", "app.straighten.found"))).to_be_visible()
    np.testing.assert_allclose(corners(page), FILM, atol=8)
    use = page.locator("#use").bounding_box()
    assert use and use["y"] + use["height"] <= 844
    check_accessible(page)
    page.locator("#use").click()
    page.wait_for_selector(".result")
    context.close()


def test_the_lamp_is_switched_where_there_is_one(filming: Browser, served: Served) -> None:
    context = phone(filming)
    page = aimed(context, served, f"({LAMP})()")
    lamp = page.get_by_role("button", name=sentence("en", "app.camera.torch"))
    for on in (True, False):
        lamp.click()
        expect(lamp).to_have_attribute("aria-pressed", str(on).lower())
    assert page.evaluate("() => window.lamp") == [True, False]
    context.close()
    context = phone(filming)
    page = aimed(context, served)
    expect(page.locator("#shoot")).to_be_enabled()
    expect(page.locator("#torch")).to_be_hidden()
    context.close()


def test_a_photograph_is_taken_again_and_cancelled(filming: Browser, served: Served) -> None:
    context = phone(filming)
    page = aimed(context, served)
    page.locator("#shoot").click()
    page.get_by_role("button", name=sentence("en", "app.straighten.again")).click()
    page.locator("#shoot").click()
    page.get_by_role("button", name=sentence("en", "app.camera.cancel")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence("en", "page.empty.title"))
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    page.get_by_role("button", name=sentence("en", "app.camera.cancel")).click()
    expect(page.locator("video")).to_have_count(0)
    expect(page.locator("header")).to_be_visible()
    context.close()


@pytest.mark.parametrize(
    ("name", "fault", "again"),
    [
        ("NotAllowedError", "denied", False),
        ("NotFoundError", "none", False),
        ("NotReadableError", "busy", True),
        ("TypeError", "failed", True),
    ],
)
def test_without_a_camera_a_file_is_the_way_on(
    filming: Browser, served: Served, name: str, fault: str, again: bool
) -> None:
    context = phone(filming)
    page = aimed(context, served, f"({FAIL})('{name}')")
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", f"app.camera.{fault}"))
    # What can't change is not tried again: the system's own camera, or a file, takes its place.
    expect(page.locator("button", has_text=sentence("en", "app.take"))).to_have_count(int(again))
    expect(page.locator("#camera")).to_have_count(int(not again))
    page.click("#language-id")
    expect(page.get_by_role("alert")).to_contain_text(sentence("id", f"app.camera.{fault}"))
    page.set_input_files("#file", [file(png())])
    page.wait_for_selector(".result")
    expect(page.get_by_role("alert")).to_have_count(0)
    context.close()


def test_a_camera_that_is_taken_away_is_told(filming: Browser, served: Served) -> None:
    context = phone(filming)
    page = aimed(context, served)
    expect(page.locator("#shoot")).to_be_enabled()
    page.evaluate(
        "() => document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))"
    )
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.camera.busy"))
    context.close()


def test_a_chosen_photograph_offers_no_camera(filming: Browser, served: Served) -> None:
    context = phone(filming)
    page = aimed(context, served, f"({FAIL})('NotFoundError')")
    page.set_input_files("#camera", [file(png())])
    # A slice that fills the picture has no edges of a film: all of it is marked.
    expect(page.get_by_text(sentence("en", "app.straighten.text"))).to_be_visible()
    width, height = FILMED
    expected = [(0, 0), (width, 0), (width, height), (0, height)]
    np.testing.assert_allclose(corners(page), expected, atol=2)
    expect(page.get_by_role("button", name=sentence("en", "app.straighten.again"))).to_have_count(0)
    page.get_by_role("button", name=sentence("en", "app.straighten.whole")).click()
    expect(page.locator(".answer")).to_have_class(re.compile("answer"))
    context.close()


def test_nothing_covers_the_finder_s_buttons(filming: Browser, served: Served) -> None:
    context = filming.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    page = context.new_page()
    page.goto(served.address)
    read(page, file(png()))
    page.click("#view-history")
    page.locator(".history .delete").click()
    expect(page.locator(".undo")).to_be_visible()
    page.click("#view-read")
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    for name in ("app.camera.shoot", "app.camera.cancel"):
        page.get_by_role("button", name=sentence("en", name)).click(trial=True)
    context.close()
