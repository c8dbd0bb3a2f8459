"""A case is what is read at one time: how far it is, how it is cancelled, that no other's slices get in."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from edge_app import wording
from edge_app.languages import sentence
from tests.edge_app.web.pages import AXE, KEEP_NAMES, check_accessible, drawn, encode, file, png, read
from tests.phantoms import phantom
from tests.servers import Served

pytestmark = pytest.mark.browser

SLOW = 600  # milliseconds; what was held back has long arrived by then
LIMIT = 60_000  # milliseconds

# Holds back what the worker replies to the files that are named, until it is told to go on.
HOLD = """() => {
    window.held = { names: [], replies: [], ids: new Map(), asked: [], dropped: [] };
    window.Worker = class extends Worker {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', (event) => {
                const name = window.held.ids.get(event.data.id);
                if (event.isTrusted && window.held.names.includes(name)) {
                    event.stopImmediatePropagation();
                    const late = new MessageEvent('message', { data: event.data });
                    window.held.replies.push(() => this.dispatchEvent(late));
                }
            });
        }
        postMessage(request) {
            if (request.source) {
                window.held.asked.push(request.source.name);
                window.held.ids.set(request.id, request.source.name);
            }
            if (request.drop) window.held.dropped.push(window.held.ids.get(request.id));
            super.postMessage(request);
        }
    };
}"""


@pytest.fixture
def page(context: BrowserContext, served: Served) -> Page:
    return opened(context, served)


def opened(context: BrowserContext, served: Served) -> Page:
    page = context.new_page()
    page.add_init_script(f"({HOLD})()")
    page.goto(served.address)
    page.get_by_text(sentence("en", "app.ready")).wait_for()
    return page


def hold(page: Page, *names: str) -> None:
    page.evaluate("(names) => { window.held.names = names; }", list(names))


def release(page: Page) -> None:
    """Lets what was held back go, and waits until it would be seen."""
    page.evaluate("() => { window.held.names = []; window.held.replies.splice(0).forEach((go) => go()); }")
    page.wait_for_timeout(SLOW)


def first_case() -> list[FilePayload]:
    return [file(png("meningioma", seed), f"earlier-{seed}.png") for seed in range(1, 7)]


def second_case() -> list[FilePayload]:
    return [file(png("glioma", seed), f"later-{seed}.png") for seed in (3, 4)]


def progress(done: int, count: int, language: str = "en") -> str:
    return sentence(language, "page.case.progress", done=done, count=count)


def begin_first(page: Page) -> None:
    """Begins the first case, whose third slice never ends by itself."""
    hold(page, "earlier-3.png")
    page.set_input_files("#file", first_case())
    expect(page.get_by_role("heading", level=1)).to_have_text(progress(2, 6), timeout=LIMIT)
    page.wait_for_function("() => window.held.replies.length > 0")


def only_the_second(page: Page, served: Served) -> None:
    """Holds all that is seen of the second case to what Python answers, and looks for traces of the first."""
    files = second_case()
    names = wording.label_names(served.classifier, "en")
    tiles = page.locator(".strip button")
    expect(tiles).to_have_count(2, timeout=LIMIT)
    for number, each in enumerate(files, start=1):
        prediction = served.classifier.predict(each["buffer"])
        tiles.filter(has_text=each["name"]).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(wording.headline(prediction, names, "en"))
        place = sentence("en", "page.frames.place", number=number, count=2)
        expect(page.locator("#place")).to_have_text(f"{place} · {each['name']}")
        expect(page.get_by_role("img", name=each["name"])).to_have_count(1)
        picture, heat = drawn(page)
        assert prediction.heatmap is not None
        assert np.abs(picture[..., 0].astype(int) - np.asarray(prediction.image.convert("L"))).mean() < 3
        assert np.abs(heat[..., 3] / 255 - prediction.heatmap).max() <= 2 / 255
    nothing_of_the_first(page)
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)
    expect(page.locator(".history li")).to_contain_text(files[0]["name"])
    nothing_of_the_first(page)


def nothing_of_the_first(page: Page) -> None:
    assert "earlier" not in page.content()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_two_quick_choices_never_mix(page: Page, served: Served) -> None:
    begin_first(page)
    page.set_input_files("#file", second_case())
    release(page)
    only_the_second(page, served)
    asked = page.evaluate("() => window.held.asked")
    assert asked == ["earlier-1.png", "earlier-2.png", "earlier-3.png", "later-3.png", "later-4.png"]
    assert page.evaluate("() => window.held.dropped") == ["earlier-3.png"]


def test_two_choices_at_once_never_mix(page: Page, served: Served) -> None:
    hold(page, *[each["name"] for each in first_case()])
    page.set_input_files("#file", first_case())
    page.set_input_files("#file", second_case())
    expect(page.locator(".strip button")).to_have_count(2, timeout=LIMIT)
    release(page)
    only_the_second(page, served)


def test_the_language_changes_between_two_choices(page: Page, served: Served) -> None:
    begin_first(page)
    page.click("#language-id")
    expect(page.get_by_role("heading", level=1)).to_have_text(progress(2, 6, "id"))
    expect(page.locator(".strip li")).to_have_count(6)
    expect(page.locator(".strip img")).to_have_count(2)
    page.set_input_files("#file", second_case())
    page.click("#language-en")
    release(page)
    only_the_second(page, served)


def test_the_camera_takes_the_place_of_a_case(with_camera: Browser, served: Served) -> None:
    context = with_camera.new_context(permissions=["camera"], locale="en-GB")
    page = opened(context, served)
    begin_first(page)
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    page.locator("#shoot").click()
    page.click("#language-id")
    page.locator("#use").wait_for()
    release(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence("id", "app.straighten"))
    page.click("#language-en")
    page.locator("#use").click()
    page.wait_for_selector(".result")
    expect(page.locator("details dl")).to_contain_text("photo.png")
    nothing_of_the_first(page)
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)
    nothing_of_the_first(page)
    context.close()


def test_a_case_is_shown_at_once_and_as_it_comes(page: Page) -> None:
    read(page, file(png(), "before.png"))
    begin_first(page)
    assert "before.png" not in page.content()
    expect(page.locator(".result")).to_have_count(0)
    expect(page.get_by_role("progressbar")).to_have_attribute("max", "6")
    tiles = page.locator(".strip li")
    expect(tiles).to_have_count(6)
    for place in range(6):
        expect(tiles.nth(place)).to_contain_text(f"earlier-{place + 1}.png")
        expect(tiles.nth(place).locator("img")).to_have_count(1 if place < 2 else 0)
    release(page)
    expect(page.locator(".strip button")).to_have_count(6, timeout=LIMIT)


def test_what_was_read_before_it_was_cancelled_is_kept(page: Page) -> None:
    begin_first(page)
    page.get_by_role("button", name=sentence("en", "page.case.cancel")).click()
    told = sentence("en", "page.case.cancelled", read=2, count=6, failed=0)
    expect(page.get_by_text(told)).to_be_visible()
    expect(page.locator(".strip button")).to_have_count(2)
    release(page)
    expect(page.locator(".strip button")).to_have_count(2)
    assert "earlier-3.png" not in page.content()
    assert page.evaluate("() => window.held.asked.length") == 3
    page.click("#language-id")
    expect(page.get_by_text(sentence("id", "page.case.cancelled", read=2, count=6, failed=0))).to_be_visible()
    page.click("#view-history")
    expect(page.locator(".history li")).to_contain_text(
        sentence("id", "app.history.slices.some", count=2, all=6)
    )
    page.locator(".history .open").click()
    expect(page.locator(".strip button")).to_have_count(2)
    expect(page.get_by_text(sentence("id", "page.case.cancelled", read=2, count=6))).to_be_visible()


def test_cancelled_before_anything_was_read(page: Page) -> None:
    hold(page, "earlier-1.png")
    page.set_input_files("#file", first_case())
    page.get_by_role("button", name=sentence("en", "page.case.cancel")).click()
    told = sentence("en", "page.case.cancelled", read=0, count=6, failed=0)
    expect(page.get_by_text(told)).to_be_visible()
    release(page)
    expect(page.locator(".result, .strip")).to_have_count(0)
    read(page, *second_case())
    expect(page.get_by_text(told)).to_have_count(0)


def test_broken_files_are_listed_below_the_result(page: Page) -> None:
    broken = "<img src=x onerror=window.run=1>.png"
    good = first_case()[:2]
    read(page, good[0], file(b"a letter", broken), good[1], file(b"", "empty.png"))
    expect(page.locator(".strip button")).to_have_count(2)
    expect(page.get_by_text(sentence("en", "study.incomplete", count=2))).to_have_count(1)
    alert = page.get_by_role("alert")
    expect(alert).to_have_count(1)
    expect(alert.get_by_role("heading")).to_have_text(sentence("en", "page.case.failed", count=2))
    expect(alert.get_by_role("listitem")).to_have_text(
        [sentence("en", "error.no_image", name=broken), sentence("en", "error.empty", name="empty.png")]
    )
    result, below = page.locator(".result").bounding_box(), alert.bounding_box()
    assert result and below and below["y"] >= result["y"] + result["height"]
    expect(page.get_by_role("heading", name=sentence("en", "study.uncalibrated"))).to_be_focused()
    page.locator(".strip button").nth(1).click()
    expect(alert).to_have_count(1)
    assert page.evaluate("() => window.run") is None
    # A slice is called by the same number when its case is opened again.
    numbers = page.locator(".strip .number")
    assert sorted(numbers.all_inner_texts()) == ["1", "3"]
    page.reload()
    expect(numbers).to_have_count(2)
    assert sorted(numbers.all_inner_texts()) == ["1", "3"]


def test_names_are_text(page: Page) -> None:
    name = "<img src=x onerror=window.run=1>.png"
    hold(page, name)
    page.set_input_files("#file", [file(png(), name), file(png("glioma", 3), "b.png")])
    expect(page.locator(".strip li").first).to_contain_text(name)
    release(page)
    expect(page.locator(".strip button").filter(has_text=name)).to_have_count(1)
    assert page.evaluate("() => window.run") is None


def test_what_fails_alike_for_all_is_told_once(context: BrowserContext, served: Served) -> None:
    context.route("**/*.wasm", lambda route: route.abort())
    page = context.new_page()
    page.goto(served.address)
    read(page, *second_case())
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_text(
        f"later-3.png, later-4.png: {sentence('en', 'app.phone.failed')}"
    )
    page.get_by_role("button", name=sentence("en", "app.phone.failed.button")).click()
    expect(page.locator(".strip button")).to_have_count(2)


def test_back_leads_to_the_case_before_and_reload_keeps_it(page: Page, served: Served) -> None:
    home = sentence("en", "page.empty.title")
    before, after = second_case(), [file(png("pituitary", 5), "third.png")]
    page.evaluate(KEEP_NAMES)
    read(page, *before)
    page.locator(".strip button", has_text="later-4.png").click()
    page.click("#view-history")
    page.go_back()
    expect(page.get_by_role("img", name="later-4.png")).to_be_visible()
    page.reload()
    expect(page.get_by_role("img", name="later-4.png")).to_be_visible()
    expect(page.locator(".strip button")).to_have_count(2)
    page.set_input_files("#file", after)
    expect(page.get_by_role("img", name="third.png")).to_be_visible(timeout=LIMIT)
    page.go_back()
    expect(page.get_by_role("img", name="later-4.png")).to_be_visible()
    assert "third.png" not in page.content()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(home)
    page.go_forward()
    expect(page.locator(".strip button")).to_have_count(2)


def test_back_never_shows_what_was_deleted(page: Page) -> None:
    read(page, *second_case())
    page.click("#view-history")
    page.get_by_role("button", name="Delete: later-3.png").click()
    expect(page.locator(".history li")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence("en", "page.empty.title"))
    assert "later" not in page.content()


def test_back_drops_the_case_that_is_being_read(page: Page) -> None:
    begin_first(page)
    page.click("#view-settings")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(progress(2, 6))
    page.go_back()
    release(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence("en", "page.empty.title"))
    assert "earlier" not in page.content()
    page.go_forward()
    page.wait_for_timeout(SLOW)
    assert "earlier" not in page.content()
    page.click("#view-history")
    expect(page.get_by_text(sentence("en", "app.history.empty"))).to_be_visible()


def test_back_leaves_the_camera_and_a_reload_keeps_the_section(with_camera: Browser, served: Served) -> None:
    context = with_camera.new_context(permissions=["camera"], locale="en-GB")
    page = opened(context, served)
    read(page, *second_case())
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    expect(page.locator("#shoot")).to_be_enabled()
    page.go_back()
    expect(page.locator(".strip button")).to_have_count(2)
    expect(page.locator(".finder")).to_have_count(0)
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    page.get_by_role("button", name=sentence("en", "app.camera.cancel")).click()
    expect(page.locator(".strip button")).to_have_count(2)
    page.click("#view-settings")
    page.reload()
    expect(page.locator("#view-settings")).to_have_attribute("aria-current", "page")
    context.close()


@pytest.mark.parametrize("language", ["en", "id"])
def test_accessible_while_it_is_read_and_when_some_is_missing(
    browser: Browser, served: Served, language: str
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale=language, bypass_csp=True)
    page = context.new_page()
    page.add_init_script(f"({HOLD})()")
    page.goto(served.address)
    page.add_script_tag(path=AXE)
    hold(page, "earlier-3.png")
    long = file(encode(phantom("glioma", 3), "PNG"), f"{'a_long_name_without_a_space' * 5}.png")
    page.set_input_files("#file", [long, *first_case(), file(b"a letter", f"{'b' * 100}.png")])
    expect(page.get_by_role("heading", level=1)).to_have_text(progress(3, 8, language), timeout=LIMIT)
    check_accessible(page)
    release(page)
    expect(page.get_by_role("alert")).to_be_visible(timeout=LIMIT)
    check_accessible(page)
    context.close()
