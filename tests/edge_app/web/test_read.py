"""Reading slices on the phone: what is shown, printed and loaded for it."""

import base64
import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from edge_app import delivery, wording
from edge_app.languages import LANGUAGES, sentence
from tests.edge_app.web.pages import encode, file, png, read
from tests.phantoms import phantom
from tests.servers import Served

pytestmark = pytest.mark.browser

DROP = """([name, data]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], name, { type: 'image/jpeg' }));
    document.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
}"""


def test_reading_a_slice(page: Page, served: Served) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(f"{request.method} {request.url}"))
    data = png()
    prediction = served.classifier.predict(data)
    read(page, file(data, "<b>slice</b>.png"))
    answer = {
        language: wording.headline(prediction, wording.label_names(served.classifier, language), language)
        for language in LANGUAGES
    }
    expect(page.get_by_role("heading", level=1)).to_have_text(answer["en"])
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.phone"))
    expect(page.locator(".bars li")).to_have_count(4)
    expect(page.get_by_text(sentence("en", "disclaimer"))).to_have_count(1)
    expect(page.locator("footer")).to_contain_text(sentence("en", "licence"))
    page.get_by_label(sentence("en", "app.opacity")).fill("25")
    expect(page.locator(".heat")).to_have_css("opacity", "0.25")
    page.click("#language-id")
    expect(page.get_by_role("heading", level=1)).to_have_text(answer["id"])
    expect(page.locator("html")).to_have_attribute("lang", "id")
    page.locator("summary").click()
    expect(page.locator("details dl")).to_contain_text(served.classifier.file.sha256[:12])
    expect(page.locator("details dl")).to_contain_text("<b>slice</b>.png")
    assert not [
        request for request in requests if not request.split()[1].startswith(("blob:", served.address))
    ]
    assert not [request for request in requests if request.startswith("POST")]


def test_choices_are_remembered(page: Page) -> None:
    page.click("#language-id")
    page.click("#view-settings")
    page.get_by_label(sentence("id", "app.choice.dark")).check()
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_first_load_is_light(page: Page, served: Served) -> None:
    page.get_by_text(sentence("en", "app.ready")).wait_for()
    sizes = page.evaluate("() => performance.getEntries().map((entry) => entry.encodedBodySize ?? 0)")
    assert sum(sizes) <= 3_500_000
    packed = [path.stat().st_size for path in delivery.PAGE.rglob("*.gz")]
    assert sum(packed) + served.classifier.file.bytes <= 3_500_000


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_the_memory_after_a_hundred_slices(browser: Browser, page: Page) -> None:
    slices = [encode(phantom("glioma", seed).resize((512, 512)), "JPEG") for seed in range(5)]
    for turn in range(100):
        name = f"slice {turn}.jpg"
        # Playwright holds on to every input that it gave files, and by that to the view around it.
        page.evaluate(DROP, [name, base64.b64encode(slices[turn % 5]).decode()])
        expect(page.get_by_label(name)).to_be_visible(timeout=60_000)
    # What is left of it when nothing that could go is there.
    page.context.new_cdp_session(page).send("HeapProfiler.collectGarbage")
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    renderers = [process["id"] for process in processes if process["type"] == "renderer"]
    status = [Path(f"/proc/{number}/status").read_text() for number in renderers]
    # What Chromium's own task manager shows as a page's memory.
    private = [sum(map(int, re.findall(r"(?:RssAnon|VmSwap):\s+(\d+)", text))) for text in status]
    assert max(private) < 150_000
