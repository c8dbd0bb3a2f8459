"""The first visit: how far the download is, how Otak is kept, and how files come in without a button."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from edge_app import Classifier
from edge_app.languages import sentence
from edge_app.serve.app import create_app
from tests.conftest import ROOT
from tests.edge_app.web.pages import check_accessible, file, png, read
from tests.servers import Served

pytestmark = pytest.mark.browser

# Files in the hands of somebody who drags or pastes, as events of the page have them.
HAND = """([kind, names, bytes]) => {
    const transfer = new DataTransfer();
    const data = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
    names.forEach((name) => transfer.items.add(new File([data], name, { type: 'image/png' })));
    const given = { bubbles: true, cancelable: true };
    const event = kind === 'paste'
        ? new ClipboardEvent(kind, { ...given, clipboardData: transfer })
        : new DragEvent(kind, { ...given, dataTransfer: transfer });
    (document.activeElement ?? document.body).dispatchEvent(event);
}"""

# What Chromium fires where a page can be installed.
OFFER = """() => {
    window.prompts = 0;
    const event = new Event('beforeinstallprompt', { cancelable: true });
    event.prompt = async () => { window.prompts++; };
    window.dispatchEvent(event);
    return event.defaultPrevented;
}"""


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Halting:
    """A device on a slow network: the runtime stops half way until it is let go on."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self._app = create_app(Classifier.load())
        # Otak's own server sends nothing before all of it is there.
        self._server = make_server("127.0.0.1", 0, self._answer, Threads, Quiet)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        data = self._app(environ, start)
        return self._halves(b"".join(data)) if environ["PATH_INFO"].endswith(".wasm") else data

    def _halves(self, data: bytes) -> Iterator[bytes]:
        yield data[: len(data) // 2]
        self.go_on.wait(600)
        yield data[len(data) // 2 :]

    def close(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def halting() -> Iterator[Halting]:
    halting = Halting()
    yield halting
    halting.close()


def test_the_download_is_shown_as_it_comes(browser: Browser, halting: Halting) -> None:
    # Its service worker would wait for the same bytes.
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="id", service_workers="block"
    )
    page = context.new_page()
    page.goto(halting.address)
    bar = page.locator("#download")
    expect(bar).to_be_visible()
    page.wait_for_function(
        "() => { const { value, max } = download; return 0.4 < value / max && value < max; }"
    )
    text = page.locator(".download label").inner_text()
    assert re.fullmatch(r"Terunduh: 1,\d dari 2,\d MB", text), text
    page.wait_for_function("() => document.getAnimations().length === 0")
    check_accessible(page)
    # A slice that is chosen meanwhile waits for the rest, in sight of it.
    page.set_input_files("#file", [file(png(), "a.png")])
    expect(page.locator("#case")).to_be_visible()
    expect(bar).to_be_visible()
    halting.go_on.set()
    page.wait_for_selector(".result")
    expect(bar).to_be_hidden()
    context.close()


def test_a_download_that_fails_is_shown_no_longer(browser: Browser, halting: Halting) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, service_workers="block")
    page = context.new_page()
    page.route("**/model/*", lambda route: route.fulfill(body=b"too short"))
    page.goto(halting.address)
    expect(page.locator(".status p")).to_be_empty()
    expect(page.locator("#download")).to_be_hidden()
    page.set_input_files("#file", [file(png(), "a.png")])
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.phone.failed"))
    context.close()


def hand(page: Page, kind: str, *names: str) -> None:
    page.evaluate(HAND, [kind, list(names), base64.b64encode(png()).decode()])


def test_files_are_dropped_in_sight_of_where_they_go(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = context.new_page()
    page.goto(served.address)
    expect(page.get_by_text(sentence("en", "app.drop.desk"))).to_be_visible()
    zone = page.locator(".drop-zone")
    hand(page, "dragover")
    expect(zone).to_be_hidden()
    hand(page, "dragover", "a.png")
    expect(zone).to_have_text(sentence("en", "app.drop.here"))
    expect(zone).to_be_visible()
    check_accessible(page)
    hand(page, "dragleave")
    expect(zone).to_be_hidden()
    hand(page, "dragover", "a.png")
    hand(page, "drop", "a.png", "b.png")
    expect(zone).to_be_hidden()
    expect(page.locator(".strip button")).to_have_count(2)
    context.close()


def test_pictures_are_pasted(page: Page) -> None:
    # A phone has neither.
    hand(page, "paste")
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence("en", "page.empty.title"))
    hand(page, "paste", "image.png")
    page.wait_for_selector(".result")
    expect(page.locator(".name")).to_have_text("image.png")
    # What is pasted into a note is a part of the note.
    page.locator("#note").focus()
    hand(page, "paste", "other.png")
    expect(page.locator(".name")).to_have_text("image.png")


def test_a_phone_is_told_of_no_dropping(playwright: Playwright, browser: Browser, served: Served) -> None:
    context = browser.new_context(**playwright.devices["Pixel 5"], locale="en-GB")
    page = context.new_page()
    page.goto(served.address)
    expect(page.locator("#file")).to_be_attached()
    expect(page.get_by_text(sentence("en", "app.drop.desk"))).to_be_hidden()
    context.close()


def test_nothing_calls_another_device_a_phone() -> None:
    for language, word in (("en", "phone"), ("id", "ponsel")):
        path = ROOT / "edge_app" / "languages" / f"{language}.json"
        page = json.loads(path.read_text(encoding="utf-8"))
        assert [key for key, text in page.items() if word in text.lower()] == []


def test_otak_is_installed_where_the_browser_offers_it(page: Page) -> None:
    keep = page.locator("#keep")
    expect(keep).to_contain_text(sentence("en", "app.keep.menu"))
    assert page.evaluate(OFFER)
    keep.get_by_role("button", name=sentence("en", "app.keep.install.button")).click()
    assert page.evaluate("() => window.prompts") == 1
    page.evaluate("() => { window.dispatchEvent(new Event('appinstalled')); }")
    expect(keep.get_by_role("button")).to_have_count(0)
    page.click("#view-settings")
    page.click("#language-id")
    expect(keep).to_contain_text(sentence("id", "app.keep.menu"))


def test_safari_keeps_it_by_its_share_sheet(context: BrowserContext, served: Served) -> None:
    page = context.new_page()
    page.add_init_script(
        "navigator.standalone = false; Object.defineProperty(navigator, 'maxTouchPoints', { value: 5 });"
    )
    page.goto(served.address)
    expect(page.locator("#keep")).to_contain_text(sentence("en", "app.keep.share"))


def test_plain_http_gives_the_page_as_a_file(
    playwright: Playwright, chromium: str, served: Served, tmp_path: Path
) -> None:
    rules = ["--no-sandbox", "--host-resolver-rules=MAP clinic.test 127.0.0.1"]
    other = playwright.chromium.launch(executable_path=chromium, args=rules)
    page = other.new_page(locale="en-GB", viewport={"width": 390, "height": 844})
    path = tmp_path / "otak.html"
    with Served(served.classifier, name="clinic.test") as device:
        page.goto(device.address.replace("127.0.0.1", "clinic.test"))
        expect(page.locator("#keep")).to_contain_text(sentence("en", "app.keep.file"))
        with page.expect_download() as download:
            page.get_by_role("link", name=sentence("en", "app.keep.file.button")).click()
        assert download.value.suggested_filename == "otak.html"
        download.value.save_as(path)
    page.goto(path.as_uri())
    read(page, file(png(), "a.png"))
    page.click("#view-read")
    expect(page.locator("#file")).to_be_attached()
    # It is kept already.
    expect(page.locator("#keep")).to_have_count(0)
    other.close()


@pytest.mark.parametrize("kind", ["glioma", "meningioma", "pituitary", "no_tumor", "other"])
def test_a_drawing_is_tried_and_never_taken_for_a_patient(page: Page, kind: str) -> None:
    name = sentence("en", "app.example.other" if kind == "other" else f"label.{kind}")
    card = page.locator("#examples")
    expect(card).to_contain_text(sentence("en", "app.example.text"))
    card.get_by_role("button", name=name).click()
    expect(page.locator(".name")).to_have_text(sentence("en", "app.example.name", kind=name))
    # What it shows is worth something only where it is answered as the real thing would be.
    expected = {"other": "verdict.refused", "no_tumor": "verdict.answer.no_tumor"}.get(kind, f"label.{kind}")
    text = sentence("en", expected)
    expect(page.locator("h1")).to_have_text(text[0].upper() + text[1:])
    notice = page.locator("#drawn")
    expect(notice).to_have_text(sentence("en", "app.example.notice"))
    page.emulate_media(media="print")
    expect(notice).to_be_visible()
    page.emulate_media(media="screen")
    expect(page.locator("#note")).to_have_count(0)
    page.click("#language-id")
    expect(notice).to_have_text(sentence("id", "app.example.notice"))
    page.click("#view-history")
    expect(page.get_by_text(sentence("id", "app.history.empty"))).to_be_visible()
    page.reload()
    page.click("#view-read")
    expect(page.locator("#examples")).to_be_visible()


def test_the_first_screens_are_accessible(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="id", color_scheme="dark")
    page = context.new_page()
    page.goto(served.address)
    expect(page.locator("#examples button")).to_have_count(5)
    page.get_by_text(sentence("id", "app.ready")).wait_for()
    check_accessible(page)
    page.locator("#examples button").first.click()
    page.wait_for_selector(".result")
    check_accessible(page)
    context.close()
