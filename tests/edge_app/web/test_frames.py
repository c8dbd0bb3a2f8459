"""A case of many slices: files of several frames, folders and ZIP files, and the ways through them."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from edge_app import wording
from edge_app.languages import sentence
from tests.corpus.zip_cases import frames, zipped
from tests.dicoms import dicom
from tests.edge_app.web.pages import drawn, file, png, read
from tests.edge_app.web.test_case import HOLD, SLOW
from tests.phantoms import LABELS, phantom
from tests.servers import Served

pytestmark = pytest.mark.browser

LIMIT = 60_000  # milliseconds
MANY = 80

# Counts the pixels of all canvases that were ever made and are still held.
CANVASES = """() => {
    window.made = [];
    const make = document.createElement.bind(document);
    document.createElement = (name, ...more) => {
        const element = make(name, ...more);
        if (name === 'canvas') window.made.push(new WeakRef(element));
        return element;
    };
}"""
PIXELS = """() => window.made.map((each) => each.deref()).filter((canvas) => canvas?.width)
    .reduce((sum, { width, height }) => sum + width * height, 0)"""

# Drops files where the drop zone is: the whole page.
DROP = """async (files) => {
    const transfer = new DataTransfer();
    for (const [name, data] of files) {
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name));
    }
    const dropped = { dataTransfer: transfer, bubbles: true, cancelable: true };
    document.body.dispatchEvent(new DragEvent('drop', dropped));
}"""


def series(count: int, size: int = 128) -> bytes:
    """Returns a file of frames whose answers differ."""
    heads = [np.asarray(phantom(LABELS[seed % 4], seed, size=size)) for seed in range(min(count, 20))]
    return dicom(np.stack([heads[frame % len(heads)] for frame in range(count)]))


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name=sentence("en", "page.frames"))


def shows(page: Page, served: Served, data: bytes, frame: int, frames: int, name: str = "a.dcm") -> None:
    """Holds all that is said of a frame to Python's answer."""
    prediction = served.classifier.predict(data, name, frame)
    names = wording.label_names(served.classifier, "en")
    place = sentence("en", "page.frames.place", number=frame + 1, count=frames)
    called = sentence("en", "study.frame", name=name, frame=frame + 1)
    expect(page.locator("#place")).to_have_text(f"{place} · {called}")
    expect(page.get_by_role("heading", level=1)).to_have_text(wording.headline(prediction, names, "en"))
    expect(page.get_by_role("img", name=called, exact=False).first).to_be_visible()
    expect(page.locator(".strip button[aria-pressed=true] .number")).to_have_text(str(frame + 1))
    expect(slider(page)).to_have_value(str(frame + 1))


def go_to(page: Page, number: int) -> None:
    slider(page).focus()
    slider(page).press("Home")
    for _ in range(number - 1):
        slider(page).press("ArrowRight")


def test_every_frame_is_a_slice_to_page_to(page: Page, served: Served) -> None:
    data = series(6, 256)
    read(page, file(data, "a.dcm"))
    expect(page.locator(".strip button")).to_have_count(6)
    most = served.classifier.predict_study([("a.dcm", data)]).slices[0].frame
    assert most is not None
    shows(page, served, data, most, 6)
    go_to(page, 1)
    shows(page, served, data, 0, 6)
    expect(slider(page)).to_be_focused()
    expect(page.get_by_role("button", name=sentence("en", "page.frames.before"))).to_be_disabled()
    page.get_by_role("button", name=sentence("en", "page.frames.after")).click()
    shows(page, served, data, 1, 6)
    picture, _ = drawn(page)
    prediction = served.classifier.predict(data, "a.dcm", 1)
    assert np.abs(picture[..., 0].astype(int) - np.asarray(prediction.image.convert("L"))).mean() < 3
    page.clock.install()
    slider(page).press("End")
    shows(page, served, data, 5, 6)
    expect(page.get_by_role("button", name=sentence("en", "page.frames.after"))).to_be_disabled()
    # The browser's history comes to know which slice is shown.
    page.clock.fast_forward("01:00:00")
    page.reload()
    expect(slider(page)).to_have_value("6")


def test_by_arrow_keys_wherever_the_focus_is(page: Page, served: Served) -> None:
    data = series(4)
    read(page, file(data, "a.dcm"))
    go_to(page, 2)
    page.locator("#headline").focus()
    page.keyboard.press("ArrowRight")
    shows(page, served, data, 2, 4)
    page.locator("#note").fill("x")
    page.locator("#note").press("ArrowLeft")
    shows(page, served, data, 2, 4)


def test_by_the_wheel_over_the_picture(page: Page, served: Served) -> None:
    data = series(4)
    read(page, file(data, "a.dcm"))
    go_to(page, 1)
    page.locator(".stage").hover()
    page.mouse.wheel(0, 100)
    shows(page, served, data, 1, 4)
    page.locator(".stage").hover()
    page.mouse.wheel(0, -100)
    shows(page, served, data, 0, 4)


def test_by_swipes_on_the_picture(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB", has_touch=True)
    page = context.new_page()
    page.goto(served.address)
    data = series(4)
    read(page, file(data, "a.dcm"))
    go_to(page, 2)
    page.locator(".stage").scroll_into_view_if_needed()
    for step, frame in ((-120, 2), (120, 1)):
        place = page.locator(".stage").bounding_box()
        assert place
        x, y = place["x"] + place["width"] / 2, place["y"] + 60
        touch = context.new_cdp_session(page)
        for kind, across in (
            ("touchStart", 0),
            ("touchMove", step / 2),
            ("touchMove", step),
            ("touchEnd", None),
        ):
            points = [] if across is None else [{"x": x + across, "y": y}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        shows(page, served, data, frame, 4)
    context.close()


def test_verdicts_along_the_slider_differ_by_more_than_colour(page: Page, served: Served) -> None:
    data = zipped({"a": series(8, 256), "b.png": png("glioma", 3), "c.jpg": b"x"})
    read(page, file(data, "s.zip"))
    said = served.classifier.predict_study([("s.zip", data)])
    decisions = [each.decision for each in sorted(said.slices, key=lambda each: (each.name, each.frame or 0))]
    kinds = []
    for decision in decisions:
        if decision:
            clear = decision.verdict == "answer" and decision.label == "no_tumor"
            kinds.append("clear" if clear else {"answer": "tumour"}.get(decision.verdict, decision.verdict))
    marks = page.locator(".rail .mark")
    assert [
        name.split()[1] for name in marks.evaluate_all("(all) => all.map((each) => each.className.baseVal)")
    ] == kinds
    assert len(set(kinds)) > 1
    striped = marks.evaluate_all("(all) => all.map((each) => each.querySelector('.gap') !== null)")
    assert striped == [kind == "unsure" for kind in kinds]
    told = {sentence("en", f"page.frames.{kind}") for kind in kinds}
    assert set(page.locator(".legend li").all_text_contents()) == told


def test_the_strip_keeps_its_place_and_can_be_sorted(page: Page) -> None:
    read(page, file(series(20), "a.dcm"))
    strip = page.locator(".strip")
    in_order = page.get_by_role("button", name=sentence("en", "page.sort.order"))
    numbers = page.locator(".strip .number")
    assert numbers.all_text_contents() != [str(number) for number in range(1, 21)]
    in_order.click()
    expect(in_order).to_have_attribute("aria-pressed", "true")
    assert numbers.all_text_contents() == [str(number) for number in range(1, 21)]
    strip.evaluate("(strip) => { strip.scrollLeft = 900; }")
    page.wait_for_function("() => document.querySelector('.strip').scrollLeft > 800")
    page.locator(".strip button", has_text="frame 10").first.click()
    expect(page.locator("#place")).to_contain_text("frame 10")
    assert strip.evaluate("(strip) => strip.scrollLeft") == 900
    page.click("#language-id")
    page.wait_for_function("() => document.querySelector('.strip').scrollLeft === 900")
    page.click("#view-settings")
    page.go_back()
    page.wait_for_function("() => document.querySelector('.strip').scrollLeft === 900")
    assert numbers.all_text_contents() == [str(number) for number in range(1, 21)]


def test_many_slices_stay_light(context: BrowserContext, served: Served) -> None:
    page = context.new_page()
    page.add_init_script(f"({CANVASES})()")
    page.goto(served.address)
    page.set_input_files("#file", file(series(MANY, 256), "a.dcm"))
    expect(page.locator(".result")).to_be_visible(timeout=LIMIT)
    expect(page.locator(".strip button")).to_have_count(MANY)
    slider(page).focus()
    slider(page).press("Home")
    for _ in range(MANY - 1):
        slider(page).press("ArrowRight")
    expect(page.locator("#place")).to_contain_text(f"frame {MANY}")
    # The picture and its heat, and what a view that was left a moment ago still draws.
    assert page.evaluate(PIXELS) <= 8 * 256 * 256
    page.locator(".strip").scroll_into_view_if_needed()
    expect(page.locator(".strip img[src]")).not_to_have_count(0)
    # No thumbnail is made before it comes into view, and none is large.
    sources = page.locator(".strip img[src]").evaluate_all("(all) => all.map(({ src }) => src.length)")
    assert 0 < len(sources) < MANY and max(sources) < 12_000


def test_a_folder(page: Page, tmp_path: Path) -> None:
    for name, data in {
        "b.png": png("glioma", 3),
        "a.png": png(),
        "series/many": frames(2, 128),
        "series/bad.png": b"x",
        ".hidden.png": png(),
        "DICOMDIR": b"x",
        "__MACOSX/c.png": png(),
        "series/.DS_Store": b"x",
    }.items():
        (tmp_path / "Sukarno" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "Sukarno" / name).write_bytes(data)
    page.set_input_files("#folder", tmp_path / "Sukarno")
    expect(page.locator(".result")).to_be_visible(timeout=LIMIT)
    page.get_by_role("button", name=sentence("en", "page.sort.order")).click()
    names = ["a.png", "b.png", "many, frame 1", "many, frame 2"]
    assert page.locator(".strip .file").all_text_contents() == names
    assert page.locator(".strip .number").all_text_contents() == ["1", "2", "4", "5"]
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "error.no_image", name="bad.png"))
    assert "Sukarno" not in page.content(), "folders are often named after patients"


def test_a_folder_without_pictures(page: Page, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / ".DS_Store").write_bytes(b"x")
    page.set_input_files("#folder", tmp_path / "empty")
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "error.no_slices", name="empty"))


def test_a_zip_file_is_dropped(page: Page) -> None:
    data = zipped({"a.png": png(), "b.png": png("glioma", 3), "DICOMDIR": b"x"})
    page.evaluate(DROP, [["s.zip", base64.b64encode(data).decode()]])
    expect(page.locator(".strip button")).to_have_count(2, timeout=LIMIT)


@pytest.mark.parametrize("language", ["en", "id"])
def test_a_zip_file_that_can_t_be_read(page: Page, language: str) -> None:
    page.click(f"#language-{language}")
    read(page, file(zipped({"a.png": png()})[:-30], "s.zip"))
    expect(page.get_by_role("alert")).to_contain_text(sentence(language, "error.zip", name="s.zip"))
    read(page, file(frames(2001, 32), "a.dcm"))
    expect(page.get_by_role("alert")).to_contain_text(sentence(language, "error.too_many_slices", limit=2000))
    expect(page.locator(".result, .study")).to_have_count(0)


def test_cases_of_many_slices_never_mix(context: BrowserContext, served: Served) -> None:
    page = context.new_page()
    page.add_init_script(f"({HOLD})()")
    page.goto(served.address)
    page.get_by_text(sentence("en", "app.ready")).wait_for()
    # Drawn before, since a case that has ended meanwhile is kept.
    data = series(3, 256)
    chosen = [
        file(zipped({"a": series(30), "b.png": png()}), "earlier.zip"),
        file(series(40), "earlier.dcm"),
        file(zipped({"c": series(30)}), "earlier too.zip"),
        file(data, "later.dcm"),
    ]
    page.set_input_files("#file", chosen[0])
    expect(page.locator(".strip img")).not_to_have_count(0, timeout=LIMIT)
    # Two of them come while slices are still looked for.
    for each in chosen[1:]:
        page.set_input_files("#file", each)
    expect(page.locator(".strip button")).to_have_count(3, timeout=LIMIT)
    page.wait_for_timeout(SLOW)
    for frame in range(3):
        go_to(page, frame + 1)
        shows(page, served, data, frame, 3, "later.dcm")
    assert "earlier" not in page.content()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)
    assert "earlier" not in page.content()
