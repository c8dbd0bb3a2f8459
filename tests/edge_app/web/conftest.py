"""A real browser on the real app, for the tests of the page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from edge_app import Classifier
from tests.servers import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright


LONG = 60_000  # milliseconds


@pytest.fixture(scope="module")
def chromium() -> str:
    return shutil.which("chromium") or pytest.skip("no Chromium; install the package chromium")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    # The other tests of this folder do without.
    from playwright.sync_api import expect, sync_playwright

    # What is waited for comes at once, but for a machine that is busy with something else.
    expect.set_options(timeout=LONG)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def with_camera(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    other = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", *fake])
    yield other
    other.close()


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    served = Served(Classifier.load())
    yield served
    served.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    context.set_default_timeout(LONG)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, served: Served) -> Page:
    page = context.new_page()
    page.goto(served.address)
    return page
