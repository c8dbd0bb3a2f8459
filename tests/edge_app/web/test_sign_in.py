"""The page of ``otak serve --lan``: over HTTPS, and for those who know the PIN."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from edge_app import Classifier
from edge_app.case_log.keeper import Keeper
from edge_app.case_log.log import CaseLog
from edge_app.lan.pin import set_pin
from edge_app.lan.serving import LanServer
from edge_app.lan.state import State
from edge_app.languages import LANGUAGES, sentence
from edge_app.serve.cases import keeping
from tests.edge_app.web.pages import AXE, file, png, read
from tests.edge_app.web.test_clinic import choose_the_clinic

pytestmark = pytest.mark.browser

PIN = "493817"


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> Keeper:
    return Keeper(CaseLog(tmp_path_factory.mktemp("log") / "cases.sqlite"), names=False)


@pytest.fixture(scope="module")
def lan(tmp_path_factory: pytest.TempPathFactory, keeper: Keeper) -> Iterator[LanServer]:
    state = State(tmp_path_factory.mktemp("state"))
    set_pin(state, PIN)
    ports = {"host": "127.0.0.1", "port": 0, "trust_port": 0}
    kept = (keeping(keeper),)
    server = LanServer(Classifier.load(), kept, state=state, threads=2, **ports)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server
    server.stop()
    thread.join(30)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def trusting(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    # As if its system trusted the authority.
    arguments = ["--no-sandbox", "--ignore-certificate-errors"]
    browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
    yield browser
    browser.close()


@pytest.fixture
def context(trusting: Browser) -> Iterator[BrowserContext]:
    context = trusting.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, lan: LanServer) -> Page:
    page = context.new_page()
    page.goto(lan.urls()[0])
    return page


def test_the_phone_reads_without_a_pin_and_the_device_with_it(page: Page, keeper: Keeper) -> None:
    read(page, file(png(), "a.png"))
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.phone"))
    choose_the_clinic(page)
    read(page, file(png(), "a.png"))
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "error.sign_in"))
    field = page.get_by_label(sentence("en", "app.pin"))
    field.fill("700000")
    field.press("Enter")
    expect(page.get_by_role("status").filter(has_text=sentence("en", "app.pin.wrong"))).to_be_visible()
    field.fill(PIN)
    page.get_by_role("button", name=sentence("en", "app.pin.send")).click()
    # What was chosen is read at once.
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.clinic"))
    read(page, file(png(), "b.png"))
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.clinic"))
    page.get_by_label(sentence("en", "page.code")).fill("RS-17")
    page.get_by_label(sentence("en", "page.code")).press("Tab")
    expect(page.get_by_role("status").filter(has_text=sentence("en", "page.code.saved"))).to_be_visible()
    assert [case.patient for case in keeper.log.every()] == ["", "RS-17"]


def test_it_works_offline(page: Page, context: BrowserContext) -> None:
    page.wait_for_function("() => navigator.serviceWorker.ready")
    page.get_by_text(sentence("en", "app.ready")).wait_for()
    context.set_offline(True)
    page.reload()
    read(page, file(png(), "a.png"))
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.phone"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_signing_in_without_javascript(trusting: Browser, lan: LanServer, language: str) -> None:
    context = trusting.new_context(
        viewport={"width": 390, "height": 844}, locale=language, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"{lan.urls()[0]}sign-in")
    page.get_by_label(sentence(language, "lan.pin")).fill("700000")
    page.get_by_role("button", name=sentence(language, "lan.sign_in")).click()
    expect(page.get_by_role("alert")).to_have_text(sentence(language, "lan.wrong_pin"))
    page.get_by_label(sentence(language, "lan.pin")).fill(PIN)
    page.get_by_role("button", name=sentence(language, "lan.sign_in")).click()
    page.wait_for_url(lan.urls()[0])
    page.goto(f"{lan.urls()[0]}sign-in")
    expect(page.get_by_role("heading")).to_have_text(sentence(language, "lan.signed_in"))
    page.get_by_role("button", name=sentence(language, "lan.sign_out")).click()
    expect(page.get_by_role("heading")).to_have_text(sentence(language, "lan.sign_in"))
    context.close()


@pytest.mark.parametrize("path", ["sign-in", "trust"])
def test_everybody_can_use_the_pages_without_a_script(
    browser: Browser, trusting: Browser, lan: LanServer, path: str
) -> None:
    # A test's script, not the page's.
    context = trusting.new_context(bypass_csp=True, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(lan.trust_url() if path == "trust" else f"{lan.urls()[0]}{path}")
    page.add_script_tag(path=AXE)
    found = page.evaluate("async () => (await axe.run()).violations")
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
    context.close()


def test_the_trust_page_is_plain_http_and_links_on(context: BrowserContext, lan: LanServer) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(lan.trust_url())
    expect(page.locator("code")).to_have_text(lan.device.authority.fingerprint)
    expect(page.locator("svg")).to_be_visible()
    assert asked and all(url.startswith(lan.trust_url()) for url in asked)
    with page.expect_download() as download:
        page.get_by_role("link", name=sentence("en", "trust.get")).click()
    assert Path(download.value.path()).read_bytes()
    page.get_by_role("link", name=lan.urls()[0]).click()
    page.wait_for_url(lan.urls()[0])


def test_a_page_of_another_site_gets_nothing(context: BrowserContext, lan: LanServer) -> None:
    own = lan.urls()[0]
    page = context.new_page()
    page.goto(f"{own}sign-in")
    page.get_by_label(sentence("en", "lan.pin")).fill(PIN)
    page.get_by_role("button", name=sentence("en", "lan.sign_in")).click()
    page.wait_for_url(own)
    evil = "https://evil.example/"
    paths = ("sign-in", "sign-out", "api/v1/session", "api/v1/predict")
    form = "<form method=post action={}><input name=pin value={}><button>{}</button></form>"
    body = "".join(form.format(own + path, PIN, path) for path in paths)
    page.route(evil, lambda route: route.fulfill(body=body, content_type="text/html"))
    for path in paths:
        page.goto(evil)
        with page.expect_response(own + path) as response:
            page.get_by_role("button", name=path).click()
        assert response.value.status == 403, path
    page.goto(f"{own}sign-in")
    expect(page.get_by_role("heading")).to_have_text(sentence("en", "lan.signed_in"))
