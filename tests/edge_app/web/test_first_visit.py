"""The first visit: how far the download is."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from edge_app import Classifier
from edge_app.languages import sentence
from tests.edge_app.web.pages import AXE, check_accessible, file, png
from tests.servers import Served

pytestmark = pytest.mark.browser


class Halting(Served):
    """A device on a slow network: the runtime stops half way until it is let go on."""

    def __init__(self, classifier: Classifier) -> None:
        self.go_on, self._went_on = threading.Event(), threading.Event()
        super().__init__(classifier)
        self._halt(self._app)

    def _halt(self, app: Flask) -> None:
        answer = app.wsgi_app

        def halting(environ: dict[str, str], start: object) -> Iterable[bytes]:
            data = answer(environ, start)  # type: ignore[arg-type]
            return self._halves(b"".join(data)) if environ["PATH_INFO"].endswith(".wasm") else data

        app.wsgi_app = halting  # type: ignore[method-assign, assignment]

    def _halves(self, data: bytes) -> Iterator[bytes]:
        yield data[: len(data) // 2]
        self.go_on.wait(60)
        yield data[len(data) // 2 :]
        self._went_on.set()

    def close(self) -> None:
        self.go_on.set()
        self._went_on.wait(10)
        super().close()


@pytest.fixture
def halting() -> Iterator[Halting]:
    halting = Halting(Classifier.load())
    yield halting
    halting.close()


def test_the_download_is_shown_as_it_comes(browser: Browser, halting: Halting) -> None:
    # Its service worker would wait for the same bytes.
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="id", bypass_csp=True, service_workers="block"
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
    page.add_script_tag(path=AXE)
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
