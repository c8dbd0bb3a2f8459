"""The clinic's device keeps cases: there all slices of a case bear the code that is written for it."""

from __future__ import annotations

import json
import os
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, Route, expect

from edge_app.languages import sentence
from tests.edge_app.web.pages import file, png, read
from tests.edge_app.web.test_clinic import choose_the_clinic
from tests.servers import serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(toy_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environment = os.environ | {"XDG_STATE_HOME": str(tmp_path_factory.mktemp("state"))}
    environment.pop("STATE_DIRECTORY", None)
    with serving(toy_bundle, arguments=("--keep-cases",), env=environment) as (_, address):
        yield address


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    return page


def logged(address: str, text: str = "") -> list[dict[str, Any]]:
    """Returns the cases of the device's log, found by what their code holds."""
    query = urllib.parse.urlencode({"q": text})
    with urllib.request.urlopen(f"{address}/api/v1/cases?{query}", timeout=30) as response:
        found: list[dict[str, Any]] = json.load(response)["cases"]
    return found


def write(page: Page, code: str) -> Locator:
    field = page.get_by_label(sentence("en", "page.code"))
    field.fill(code)
    field.press("Tab")
    return field


def expect_kept(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text=sentence("en", "page.code.saved"))).to_be_visible()


def choose_this_device(page: Page) -> None:
    page.click("#view-settings")
    page.get_by_label(sentence("en", "app.choice.phone"), exact=True).check()


def sent_by(page: Page) -> list[Request]:
    """Notes what the page sends to the device from now on."""
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method != "GET" else None)
    return sent


def test_all_slices_of_a_case_bear_its_code(page: Page, address: str) -> None:
    choose_the_clinic(page)
    expect(page.get_by_text(sentence("en", "app.privacy.clinic.kept"))).to_be_visible()

    def without_the_second(route: Route) -> None:
        if b"2.png" in (route.request.post_data_buffer or b""):
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/predict**", without_the_second)
    read(page, *(file(png(seed=seed), f"{seed}.png") for seed in (1, 2, 3)))
    assert [case["patient"] for case in logged(address)] == ["", ""]
    field = write(page, "RS-17")
    expect(field).to_have_accessible_description(sentence("en", "page.code.hint.clinic"))
    expect_kept(page)
    assert len(logged(address, "RS-17")) == 2

    # The slice that is read again belongs to the same case, here and there.
    page.unroute("**/api/v1/predict**")
    page.get_by_role("button", name=sentence("en", "app.failed.again")).click()
    expect(page.locator(".strip button")).to_have_count(3)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert [case["patient"] for case in logged(address)] == ["RS-17"] * 3
    expect(field).to_have_value("RS-17")

    write(page, "RS-18")
    expect_kept(page)
    assert [case["patient"] for case in logged(address)] == ["RS-18"] * 3

    # What is typed last is told, though its field is never left.
    field.press("End")
    field.press_sequentially("b")
    with page.expect_response(lambda response: response.request.method == "PATCH"):
        page.evaluate("() => window.dispatchEvent(new Event('pagehide'))")
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)
    expect(page.locator(".history li")).to_contain_text("RS-18b")
    assert {case["patient"] for case in logged(address)} == {"RS-18b"}


def test_a_code_that_can_t_be_told_is_said_and_told_again(page: Page, address: str) -> None:
    choose_the_clinic(page)
    read(page, file(png(), "a.png"))
    page.route("**/api/v1/cases/**", lambda route: route.abort())
    write(page, "RS-20")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(sentence("en", "page.code.unsent"))
    page.click("#language-id")
    expect(alert).to_contain_text(sentence("id", "page.code.unsent"))
    page.click("#language-en")
    # A note is this device's alone, and makes nothing good.
    page.get_by_label(sentence("en", "app.note")).fill("look again")
    expect(alert).to_be_visible()
    assert not logged(address, "RS-20")
    page.unroute("**/api/v1/cases/**")
    alert.get_by_role("button", name=sentence("en", "app.failed.again")).click()
    expect(alert).to_have_count(0)
    assert len(logged(address, "RS-20")) == 1


def test_nothing_is_sent_where_this_device_reads(page: Page, address: str) -> None:
    choose_the_clinic(page)
    read(page, file(png(), "a.png"))
    write(page, "RS-30")
    expect_kept(page)
    choose_this_device(page)
    before, sent = logged(address), sent_by(page)
    # Neither of a case that the clinic's device knows, nor of a new one.
    page.click("#view-history")
    page.locator(".history .open").click()
    field = write(page, "RS-31")
    expect(field).to_have_accessible_description(sentence("en", "page.code.hint"))
    expect_kept(page)
    read(page, file(png(), "b.png"))
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.phone"))
    write(page, "RS-32")
    expect_kept(page)
    page.evaluate("() => window.dispatchEvent(new Event('pagehide'))")
    page.wait_for_timeout(300)
    assert not sent
    assert logged(address) == before


def test_a_drawing_is_no_case_of_the_clinic(page: Page, address: str) -> None:
    choose_the_clinic(page)
    before, sent = logged(address), sent_by(page)
    page.locator(".examples button").first.click()
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.phone"))
    expect(page.get_by_text(sentence("en", "app.example.notice"))).to_be_visible()
    assert not sent
    assert logged(address) == before
