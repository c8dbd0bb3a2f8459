"""Without https, without the server, after a restart or an update, and as a single file."""

import io
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from edge_app import Classifier, wording
from edge_app.languages import sentence
from edge_app.single_file import single_file
from tests.edge_app.web.pages import file, png, read
from tests.servers import Served

pytestmark = pytest.mark.browser


def test_plain_http_reads_and_says_what_is_missing(playwright: Playwright, chromium: str) -> None:
    # As behind a proxy of the clinic's own.
    served = Served(Classifier.load(), name="clinic.test")
    rules = ["--no-sandbox", "--host-resolver-rules=MAP clinic.test 127.0.0.1"]
    other = playwright.chromium.launch(executable_path=chromium, args=rules)
    page = other.new_page(locale="en-GB")
    page.goto(served.address.replace("127.0.0.1", "clinic.test"))
    assert not page.evaluate("window.isSecureContext")
    expect(page.get_by_text(sentence("en", "app.insecure"))).to_be_visible()
    expect(page.locator("#camera")).to_have_attribute("capture", "environment")
    page.set_input_files("#camera", [file(png())])
    page.locator("#use").click()
    page.wait_for_selector(".result")
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.phone"))
    other.close()
    served.close()


def test_without_the_server(context: BrowserContext) -> None:
    served = Served(Classifier.load())
    page = context.new_page()
    page.goto(served.address)
    page.evaluate("() => navigator.serviceWorker.ready")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    served.close()
    page.close()
    page = context.new_page()
    page.goto(served.address)
    read(page, file(png(), "a.png"))
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.phone"))


def installed(context: BrowserContext, served: Served) -> Page:
    page = context.new_page()
    page.goto(served.address)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    return page


@pytest.mark.slow
def test_after_a_cold_restart_without_the_server(
    playwright: Playwright, chromium: str, tmp_path: Path
) -> None:
    def start() -> BrowserContext:
        return playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=chromium, args=["--no-sandbox"]
        )

    served = Served(Classifier.load())
    with start() as context:
        read(installed(context, served), file(png(), "a.png"))
    served.close()
    with start() as context:
        page = context.new_page()
        page.goto(served.address)
        read(page, file(png(seed=2), "b.png"))
        expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.phone"))
        page.get_by_role("button", name=sentence("en", "app.history"), exact=True).click()
        expect(page.locator(".history li")).to_have_count(2)


@pytest.mark.slow
def test_a_new_model_is_offered_and_taken(context: BrowserContext, tmp_path: Path) -> None:
    folder = shutil.copytree(Classifier.load().bundle.folder, tmp_path / "bundle")
    served = Served(Classifier.load(folder))
    page = installed(context, served)
    description = folder / "bundle.json"
    content = json.loads(description.read_text())
    description.write_text(json.dumps(content | {"version": "2099-01-01"}))
    served.replace(Classifier.load(folder))
    page.reload()
    expect(page.get_by_text(sentence("en", "app.update"), exact=True)).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("button", name=sentence("en", "app.update.button")).click()
    read(page, file(png()))
    expect(page.locator("dl")).to_contain_text("2099-01-01")
    served.close()


def test_the_icons_for_home_screens(page: Page, served: Served) -> None:
    manifest = page.request.get(f"{served.address}/manifest.webmanifest").json()
    for icon in manifest["icons"]:
        answer = page.request.get(served.address + icon["src"])
        assert answer.headers["content-type"].startswith(icon["type"])
        if icon["type"] == "image/png":
            side = Image.open(io.BytesIO(answer.body())).size
            assert icon["sizes"] == f"{side[0]}x{side[1]}"


def test_a_single_file_reads_slices_by_itself(
    context: BrowserContext, served: Served, tmp_path: Path
) -> None:
    path = tmp_path / "otak.html"
    path.write_text(single_file(served.classifier.bundle), encoding="utf-8")
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    data = png()
    read(page, file(data, "a.png"))
    names = wording.label_names(served.classifier, "en")
    expected = wording.headline(served.classifier.predict(data), names, "en")
    expect(page.get_by_role("heading", level=1)).to_have_text(expected)
    assert all(request.startswith(("file:", "blob:", "data:")) for request in requests)
    page.click("#view-settings")
    expect(page.get_by_label(sentence("en", "app.choice.clinic"))).to_have_count(0)
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)
