"""The picture through windows, without its heat, beside others, and as the model saw it."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from edge_app import image
from edge_app.preprocessing import preprocess
from tests.edge_app.web.pages import encode, file, png, read
from tests.edge_app.web.viewers import KEPT, SOON, a_dicom, box, heat, middle, pixels, say, tool, value, zoom
from tests.phantoms import phantom
from tests.servers import Served

pytestmark = pytest.mark.browser


def test_a_window_changes_what_is_shown_and_nothing_else(page: Page) -> None:
    data = a_dicom()
    read(page, file(data, "a.dcm"))
    shares = page.locator(".bars").inner_text()
    kept = page.evaluate(KEPT)
    canvas = page.locator(".stage canvas").first
    tool(page, "viewer.more").click()
    tool(page, "viewer.window.full").click()
    # The file's 16 bits, as its own window shows them, and as the full range does.
    expect(page.get_by_text(say("viewer.depth.stored"))).to_be_visible(timeout=SOON)
    levels = np.asarray(phantom("glioma", 1)).astype(int) * 5 + 100
    low, high = int(levels.min()), int(levels.max())
    full = np.floor((levels - low) / (high - low) * 255 + 0.5)
    assert np.array_equal(pixels(canvas)[..., 0], full)
    expect(value(page)).to_contain_text(f"W {high - low} L {round((low + high) / 2)}")
    tool(page, "viewer.invert").click()
    assert np.array_equal(pixels(canvas)[..., 0], 255 - full)
    tool(page, "viewer.invert").click()
    tool(page, "viewer.window.own").click()
    assert np.array_equal(pixels(canvas), np.asarray(image.decode(data).convert("RGB")))

    tool(page, "viewer.tool").click()
    x, y = middle(page.locator(".stage"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 100, y + 20, steps=4)
    page.mouse.up()
    width, level = map(int, re.findall(r"[WL] (\d+)", value(page).inner_text()))
    assert width < 700 and level > 500
    assert len(np.unique(pixels(canvas))) > 10
    assert not np.array_equal(pixels(canvas)[..., 0], full)
    expect(tool(page, "viewer.window.own")).to_have_attribute("aria-pressed", "false")

    assert page.locator(".bars").inner_text() == shares
    assert page.evaluate(KEPT) == kept
    # The same file again, while it is seen through that window, and as it is kept.
    page.set_input_files("#file", [file(data, "b.dcm")])
    expect(page.get_by_role("img", name="b.dcm")).to_be_visible(timeout=60_000)
    assert page.locator(".bars").inner_text() == shares
    page.reload()
    expect(page.locator(".bars")).to_be_visible()
    assert page.locator(".bars").inner_text() == shares
    tool(page, "viewer.more").click()
    tool(page, "viewer.window.robust").click()
    expect(page.get_by_text(say("viewer.depth.shown"))).to_be_visible()
    expect(value(page)).to_contain_text(re.compile(r"W \d+ L \d+"))


def test_the_pixels_of_a_file_at_hand_are_its_own(page: Page) -> None:
    data = png()
    read(page, file(data, "a.png"))
    canvas = page.locator(".stage canvas").first
    original = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    tool(page, "viewer.closer").click()
    for _ in range(600):
        if np.array_equal(pixels(canvas), original):
            break
        page.wait_for_timeout(100)
    assert np.array_equal(pixels(canvas), original)


# Heat, and what stands beside the slice


def test_the_heat_is_hidden_while_a_button_or_a_key_is_held(page: Page) -> None:
    read(page, file(png(), "a.png"))
    hide = tool(page, "viewer.hide")
    page.mouse.move(*middle(hide))
    page.mouse.down()
    expect(heat(page)).to_have_css("opacity", "0")
    page.mouse.up()
    expect(heat(page)).to_have_css("opacity", "0.6")
    for key, target in (("h", "#viewer"), (" ", "#viewer-hide"), ("Enter", "#viewer-hide")):
        page.locator(target).focus()
        page.keyboard.down(key)
        expect(heat(page)).to_have_css("opacity", "0")
        page.keyboard.up(key)
        expect(heat(page)).to_have_css("opacity", "0.6")
    # What can't hold, such as a voice, clicks twice.
    hide.dispatch_event("click")
    expect(heat(page)).to_have_css("opacity", "0")
    hide.dispatch_event("click")
    expect(heat(page)).to_have_css("opacity", "0.6")
    page.get_by_label(say("app.opacity")).fill("0")
    expect(hide).to_be_disabled()


def test_side_by_side_and_beside_another_slice(page: Page) -> None:
    read(page, file(png(), "a.png"), file(png("meningioma", 3), "b.png"))
    tool(page, "viewer.more").click()
    beside = page.get_by_label(say("viewer.beside"))
    beside.select_option(label=say("viewer.side"))
    panes = page.locator(".pane")
    expect(panes).to_have_count(2)
    expect(panes.first.locator(".heat")).to_have_count(0)
    expect(panes.last.locator(".heat")).to_have_css("opacity", "0.6")
    other = "b.png" if page.get_by_role("img", name="a.png").count() else "a.png"
    choice = beside.locator("option", has_text=other)
    beside.select_option(value=choice.get_attribute("value"))
    expect(page.get_by_role("img", name=other)).to_be_visible()
    expect(panes.last.locator(".caption")).to_contain_text(other)
    page.evaluate("() => document.querySelector('.panes').scrollIntoView({ block: 'center' })")
    page.mouse.move(*middle(panes.last.locator(".stage")))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -60)
    page.keyboard.up("Control")
    page.wait_for_function("() => !document.querySelector('.plane').style.transform.includes('scale(1)')")
    transforms = page.locator(".plane").evaluate_all("(all) => all.map(({ style }) => style.transform)")
    assert len(set(transforms)) == 1 and zoom(page) > 1.5


def test_what_the_model_saw(page: Page, served: Served) -> None:
    photo = Image.new("L", (300, 260))
    photo.paste(phantom("glioma", 1, size=200), (80, 30))
    data = encode(photo, "PNG")
    read(page, file(data, "a.png"))
    page.focus("#viewer")
    page.keyboard.press("m")
    square = page.get_by_role("img", name=say("viewer.input"))
    given, cut = preprocess(image.decode(data), served.classifier.bundle.input)
    expect(square).to_have_js_property("width", given.shape[2], timeout=SOON)
    assert np.array_equal(pixels(square)[..., 0], given[0, ..., 0])
    # It lies where it was cut out.
    plane = box(page.locator(".plane").last)
    scale = plane["width"] / 300
    place = box(square)
    assert place["x"] - plane["x"] == pytest.approx(cut[0] * scale, abs=1)
    assert place["y"] - plane["y"] == pytest.approx(cut[1] * scale, abs=1)
    assert place["width"] == pytest.approx((cut[2] - cut[0]) * scale, abs=1)
    # Of the picture that is kept, which has been through a JPEG, it is nearly the same.
    page.reload()
    page.focus("#viewer")
    page.keyboard.press("m")
    expect(square).to_have_js_property("width", given.shape[2], timeout=SOON)
    assert np.abs(pixels(square)[..., 0].astype(int) - given[0, ..., 0]).mean() < 4


# By keyboard, and the whole screen
