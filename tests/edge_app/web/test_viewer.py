"""The picture: enlarged, moved, seen through windows, without its heat, beside others; the first screen."""

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from edge_app import Classifier
from edge_app.languages import LANGUAGES
from tests import dicoms
from tests.edge_app.web.pages import AXE, check_accessible, encode, file, png, read
from tests.edge_app.web.viewers import (
    NO_FULL_SCREEN,
    SOON,
    a_dicom,
    box,
    middle,
    offset,
    say,
    tool,
    value,
    zoom,
)
from tests.phantoms import phantom
from tests.servers import Served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["answer", "unsure", "refused"])
def strict(
    request: pytest.FixtureRequest, toy_bundle: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A bundle that gives one verdict."""
    verdict = str(request.param)
    folder = shutil.copytree(toy_bundle, tmp_path_factory.mktemp(verdict) / "bundle")
    description = folder / "bundle.json"
    content = json.loads(description.read_text(encoding="utf-8"))
    thresholds = {
        "unsure": 0.5,
        "no_tumour": 1.0 if verdict == "unsure" else 0.6,
        "refused": 1.0 if verdict == "refused" else 0.0,
    }
    description.write_text(json.dumps(content | {"thresholds": thresholds}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def serving(strict: Path) -> Iterator[Served]:
    serving = Served(Classifier.load(strict))
    yield serving
    serving.close()


@pytest.mark.parametrize("label", ["glioma", "no_tumor"])
def test_picture_verdict_and_percentage_are_on_the_first_screen(
    context: BrowserContext, serving: Served, strict: Path, label: str
) -> None:
    page = context.new_page()
    page.goto(serving.address)
    read(page, file(encode(phantom(label, 2), "PNG"), "a.png"))
    for language in LANGUAGES:
        page.click(f"#language-{language}")
        page.evaluate("() => window.scrollTo(0, 0)")
        bar = box(page.locator(".again > .actions"))
        assert bar["y"] + bar["height"] == pytest.approx(844, abs=1)
        shown = [page.locator("h1"), page.locator(".stage"), page.locator(".plane")]
        numbers = page.locator(".answer :is(.percent, .guess)")
        for part in [*shown, *numbers.all()]:
            place = box(part)
            assert place["y"] >= 0 and place["y"] + place["height"] <= bar["y"], part
        assert box(page.locator(".plane"))["width"] >= 300
        if page.locator(".answer.refused").count() == 0:
            expect(numbers).to_have_text(re.compile(r"\d%"))


def test_of_several_slices_they_are_too(page: Page) -> None:
    stack = np.stack([np.asarray(phantom("meningioma", 3, size=256))] * 3)
    read(page, file(dicoms.dicom(stack), "a.dcm"))
    expect(page.locator(".study")).to_be_visible()
    for language in LANGUAGES:
        page.click(f"#language-{language}")
        page.evaluate("() => window.scrollTo(0, 0)")
        bar = box(page.locator(".again > .actions"))
        for part in (".study", ".frames", "h1", ".answer :is(.percent, .guess)", ".plane"):
            place = box(page.locator(part).first)
            assert place["y"] >= 0 and place["y"] + place["height"] <= bar["y"], part
    # What is chosen below the picture leaves the focus and the list where they are.
    tile = page.locator(".strip button").last
    tile.click()
    expect(tile).to_have_attribute("aria-pressed", "true")
    expect(tile).to_be_focused()
    page.focus("#viewer")
    page.keyboard.press("ArrowLeft")
    expect(tile).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#viewer")).to_be_focused()


def test_reading_another_stays_at_hand_and_covers_nothing(page: Page) -> None:
    read(page, file(png(), "a.png"))
    bar = page.locator(".again > .actions")
    page.get_by_role("button", name=say("app.print")).scroll_into_view_if_needed()
    assert page.evaluate("() => window.scrollY") > 100
    assert box(bar)["y"] + box(bar)["height"] <= 844
    # Along everything that can be reached by Tab, the focus is seen.
    page.evaluate("() => window.scrollTo(0, 0)")
    page.focus("#headline")
    covered = """() => {
        const focused = document.activeElement;
        const { left, top, width, height } = focused.getBoundingClientRect();
        const at = document.elementFromPoint(left + width / 2, top + Math.min(height, 20) / 2);
        return focused.closest('.again') ? null : focused.contains(at) || at?.contains(focused);
    }"""
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(covered))
        if seen[-1] is None:
            break
    assert seen[-1] is None and len(seen) > 8
    assert all(seen[:-1])
    # At the end of the page nothing lies behind it either.
    page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
    foot = box(page.locator("footer"))
    assert foot["y"] >= box(bar)["y"] + box(bar)["height"]


# Closer


def test_the_wheel_enlarges_what_it_points_at(page: Page) -> None:
    read(page, file(png(), "a.png"))
    stage = page.locator(".stage")
    expect(value(page)).to_have_text(re.compile(r"^1[34]\d%$"))
    x, y = middle(stage)
    page.mouse.move(x - 100, y - 60)
    for _ in range(6):
        page.mouse.wheel(0, -120)
    expect(page.locator(".coarse canvas").first).to_have_css("image-rendering", "pixelated")
    close = zoom(page)
    assert close > 3
    # What lay under the mouse still does.
    left, top = offset(page)
    assert (left, top) == pytest.approx((100 * (close - 1), 60 * (close - 1)), abs=2)
    page.mouse.down()
    page.mouse.move(x - 80, y - 30)
    page.mouse.up()
    assert offset(page) == pytest.approx((left + 20, top + 30), abs=2)
    page.mouse.dblclick(x, y)
    assert zoom(page) == 1
    page.mouse.dblclick(x - 50, y)
    assert zoom(page) == 3
    assert offset(page) == pytest.approx((100, 0), abs=2)
    tool(page, "viewer.farther").click()
    assert zoom(page) == pytest.approx(2.4)


def test_the_page_scrolls_over_the_whole_picture(page: Page) -> None:
    read(page, file(png(), "a.png"))
    page.mouse.move(*middle(page.locator(".stage")))
    page.mouse.wheel(0, 200)
    page.wait_for_function("() => window.scrollY > 100")
    assert zoom(page) == 1


# Whether the page scrolls no further for some frames.
STANDS = """() => new Promise((resolve) => {
    const at = window.scrollY;
    const look = (left) => {
        if (left > 0) requestAnimationFrame(() => look(left - 1));
        else resolve(window.scrollY === at);
    };
    look(20);
})"""


class Fingers:
    """Touches the screen as Chromium's own driver does."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._driver: CDPSession = page.context.new_cdp_session(page)

    def send(self, kind: str, *points: tuple[float, float], when: float | None = None) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        event = {"type": kind, "touchPoints": touches} | ({} if when is None else {"timestamp": when})
        self._driver.send("Input.dispatchTouchEvent", event)

    def drag(self, start: tuple[float, float], x: float, y: float) -> None:
        self.send("touchStart", start)
        for step in range(1, 11):
            self.send("touchMove", (start[0] + x * step / 10, start[1] + y * step / 10))
        self.send("touchEnd")

    def pinch(self, at: tuple[float, float], before: float, after: float) -> None:
        def pair(reach: float) -> list[tuple[float, float]]:
            return [(at[0] - reach, at[1]), (at[0] + reach, at[1])]

        self.send("touchStart", pair(before)[0])
        self.send("touchStart", *pair(before))
        for step in range(1, 11):
            self.send("touchMove", *pair(before + (after - before) * step / 10))
        self.send("touchEnd")

    def tap_twice(self, at: tuple[float, float]) -> None:
        # Which a busy machine may be too slow to send in the time that two taps may take.
        now = time.time()
        for tap in (0.0, 0.1):
            self.send("touchStart", at, when=now + tap)
            self.send("touchEnd", when=now + tap + 0.05)


@pytest.fixture
def phone(browser: Browser, served: Served) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="en-GB", has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(served.address)
    yield page
    context.close()


def test_two_fingers_enlarge_and_one_scrolls_until_then(phone: Page) -> None:
    read(phone, file(png(), "a.png"))
    fingers = Fingers(phone)
    at = middle(phone.locator(".stage"))
    fingers.drag(at, 0, -150)
    phone.wait_for_function("() => window.scrollY > 50")
    assert zoom(phone) == 1
    # It glides on for a while.
    phone.wait_for_function(STANDS)
    phone.evaluate("() => window.scrollTo(0, 0)")

    fingers.pinch(at, 40, 100)
    assert zoom(phone) == pytest.approx(2.5, rel=0.05)
    assert phone.evaluate("() => [window.scrollY, window.visualViewport.scale]") == [0, 1]
    left, top = offset(phone)
    fingers.drag(at, -30, -60)
    assert offset(phone) == pytest.approx((left - 30, top - 60), abs=4)
    assert phone.evaluate("() => window.scrollY") == 0

    fingers.tap_twice(at)
    assert zoom(phone) == 1
    fingers.tap_twice(at)
    assert zoom(phone) == 3
    fingers.pinch(at, 100, 20)
    assert zoom(phone) == 1


# Windows


def test_by_keyboard_alone(page: Page) -> None:
    read(page, file(a_dicom(), "a.dcm"))
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.id") == "viewer":
            break
    expect(page.locator("#viewer")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => window.scrollY > 0")
    for key in "+++":
        page.keyboard.press(key)
    assert zoom(page) == pytest.approx(1.25**3, rel=1e-4)
    live = page.locator(".told")
    expect(live).to_have_text(value(page).inner_text())
    page.keyboard.press("ArrowRight")
    assert offset(page)[0] < -10
    page.keyboard.press("-")
    assert zoom(page) == pytest.approx(1.25**2, rel=1e-4)
    page.keyboard.press("0")
    assert zoom(page) == 1
    page.keyboard.press("w")
    expect(tool(page, "viewer.tool")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("2")
    expect(value(page)).to_contain_text("W", timeout=SOON)
    before = value(page).inner_text()
    page.keyboard.press("ArrowLeft")
    expect(value(page)).not_to_have_text(before)
    page.keyboard.press("1")
    page.keyboard.press("i")
    expect(value(page)).to_contain_text(say("viewer.inverted"))
    expect(live).to_contain_text(say("viewer.inverted"))
    page.keyboard.press("s")
    expect(page.locator(".pane")).to_have_count(2)
    page.keyboard.press("s")
    expect(page.locator(".pane")).to_have_count(1)
    page.keyboard.press("?")
    expect(page.get_by_text(say("viewer.key.zoom"))).to_be_visible()
    # Letters that are written are no commands.
    page.locator("#note").fill("")
    page.locator("#note").press_sequentially("fis0")
    expect(page.locator(".viewer.full")).to_have_count(0)
    expect(page.locator("#note")).to_have_value("fis0")


def test_the_whole_screen(page: Page) -> None:
    read(page, file(png(), "a.png"), file(png("meningioma", 3), "b.png"))
    tool(page, "viewer.full").click()
    expect(page.locator(".viewer.full")).to_be_visible()
    page.wait_for_function("() => document.fullscreenElement !== null")
    expect(page.locator(".caption")).to_be_visible()
    assert box(page.locator(".stage"))["height"] > 600
    # Another slice stays on the whole screen.
    shown, other, key = ("a.png", "b.png", "ArrowRight")
    if page.get_by_role("img", name=shown).count() == 0:
        shown, other, key = ("b.png", "a.png", "ArrowLeft")
    page.keyboard.press(key)
    expect(page.get_by_role("img", name=other)).to_be_visible()
    expect(page.locator(".viewer.full")).to_be_visible()
    expect(page.locator(".caption")).to_contain_text(other)
    page.evaluate("() => document.exitFullscreen()")
    expect(page.locator(".viewer.full")).to_have_count(0)
    assert page.evaluate("() => [...document.querySelectorAll('[inert]')].length") == 0
    # On a desk too, with all that can be set open below the picture.
    page.set_viewport_size({"width": 1280, "height": 800})
    tool(page, "viewer.more").click()
    tool(page, "viewer.full").click()
    page.wait_for_function("() => document.fullscreenElement !== null")
    assert box(page.locator(".viewer.full")) == {"x": 0, "y": 0, "width": 1280, "height": 800}
    assert box(page.locator(".stage").first)["height"] > 200


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "id"])
def test_where_a_browser_has_no_full_screen(
    browser: Browser, served: Served, theme: Literal["light", "dark"], language: str
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=theme, locale=language, bypass_csp=True
    )
    page = context.new_page()
    page.add_init_script(f"({NO_FULL_SCREEN})()")
    page.goto(served.address)
    page.add_script_tag(path=AXE)
    read(page, file(png(), "a.png"), file(png("meningioma", 3), "b.png"))
    page.focus("#viewer")
    for key in "f+s?":
        page.keyboard.press(key)
    expect(page.locator(".pane")).to_have_count(2)
    assert box(page.locator(".viewer.full")) == {"x": 0, "y": 0, "width": 390, "height": 844}
    check_accessible(page)
    # Tab goes round in it, and Escape leaves.
    reached: set[Any] = set()
    for _ in range(25):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.closest('.viewer, body').tagName"))
    assert reached <= {"FIGURE", "BODY"}
    page.keyboard.press("Escape")
    expect(page.locator(".viewer.full")).to_have_count(0)
    expect(page.locator(".tool[aria-pressed='false']").last).to_be_focused()
    check_accessible(page)
    context.close()
