"""What the page says about Otak's model, and how fast it is on this device."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from benchmarks.measure.latency import Latency
from benchmarks.measure.resume import SCHEMA
from benchmarks.report import results
from benchmarks.report.results import LatencyPart
from edge_app import Classifier, records
from edge_app.about import NAME, About
from edge_app.about import SCHEMA as ABOUT
from edge_app.classifier import SHIPPED
from edge_app.languages import LANGUAGES, sentence
from edge_app.single_file import single_file
from tests.edge_app.web.pages import check_reach, file, png, read
from tests.servers import Served

pytestmark = pytest.mark.browser


# Holds back what the worker replies while it is told to.
STALL = """() => {
    window.stalled = false;
    window.Worker = class extends Worker {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', (event) => {
                if (!window.stalled || !event.isTrusted) return;
                event.stopImmediatePropagation();
                const late = new MessageEvent('message', { data: event.data });
                const wait = () => { window.stalled ? setTimeout(wait, 20) : this.dispatchEvent(late); };
                wait();
            });
        }
    };
}"""


@pytest.fixture(scope="module")
def about() -> About:
    return records.read(SHIPPED / NAME, About, ABOUT)


def open_about(page: Page) -> None:
    page.click("#view-about")
    page.wait_for_selector("#measure")


def stall(page: Page, held: bool) -> None:
    page.evaluate("(held) => { window.stalled = held; }", held)


def begin(page: Page, language: str = "en") -> None:
    page.get_by_role("button", name=sentence(language, "measure.button"), exact=True).click()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_was_measured_the_weakest_first(
    browser: Browser, served: Served, about: About, language: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale=language)
    page = context.new_page()
    page.goto(served.address)
    open_about(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence(language, "about.title"))
    assert about.measured is not None
    rows = page.locator(".about > .parts > li").all_inner_texts()
    assert len(rows) == len(about.measured.parts)
    for row, part in zip(rows, about.measured.parts, strict=True):
        assert part.wrong is not None
        assert sentence(language, "about.wrong.count", count=part.wrong.count, of=part.wrong.of) in row
    text = page.locator("main").inner_text()
    for code in about.unknown:
        assert sentence(language, f"about.unknown.{code}") in text
    for name in (*about.collections, about.sha256, served.classifier.bundle.version, "CC BY-NC-SA 4.0"):
        assert name in text
    assert page.get_by_text(sentence(language, "disclaimer")).count() == 1
    page.get_by_text(sentence(language, "about.sequences")).click()
    expect(page.locator("details .parts li")).to_have_count(len(about.measured.sequences))
    check_reach(page)
    context.close()


def without(about: str | None, folder: Path) -> Served:
    """Serves the bundle that ships with another ``about.json``, or none."""
    copy = shutil.copytree(SHIPPED, folder / "bundle")
    (copy / NAME).unlink()
    if about is not None:
        (copy / NAME).write_text(about, encoding="utf-8")
    return Served(Classifier.load(copy))


@pytest.mark.parametrize("kind", ["missing", "broken", "about another model", "not measured"])
def test_of_what_is_not_known_nothing_is_said(context: BrowserContext, tmp_path: Path, kind: str) -> None:
    plain = json.loads((SHIPPED / NAME).read_text(encoding="utf-8"))
    changes = {"about another model": {"sha256": "0" * 64}, "not measured": {"measured": None}}
    text = {"missing": None, "broken": "{"}.get(kind, json.dumps(plain | changes.get(kind, {})))
    served = without(text, tmp_path)
    page = context.new_page()
    page.goto(served.address)
    open_about(page)
    said = page.locator("main").inner_text()
    key = "about.unmeasured" if kind == "not measured" else "about.missing"
    assert sentence("en", key) in said
    assert "TCGA-LGG:" not in said
    assert sentence("en", "about.unknown.children") in said
    assert served.classifier.bundle.file().sha256 in said
    served.close()


@pytest.fixture(scope="module")
def record(browser: Browser, served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with what the page exports after it has measured this machine."""
    folder = tmp_path_factory.mktemp("phone")
    page = browser.new_page(locale="en-GB", viewport={"width": 390, "height": 844})
    page.add_init_script(f"({STALL})()")
    page.goto(served.address)
    open_about(page)
    stall(page, True)
    begin(page)
    expect(page.locator("#measuring")).to_contain_text("of 100")
    stall(page, False)
    expect(page.locator("#measure dd")).to_have_count(4, timeout=120_000)
    expect(page.locator("#measured")).to_be_focused()
    check_reach(page)
    with page.expect_download() as download:
        page.get_by_role("button", name=sentence("en", "measure.export")).click()
    assert download.value.suggested_filename == results.NAMES[LatencyPart]
    download.value.save_as(folder / results.NAMES[LatencyPart])
    page.click("#view-history")
    expect(page.get_by_text(sentence("en", "app.history.empty"))).to_be_visible()
    page.close()
    yield folder


def test_a_hundred_readings_are_a_record_of_the_benchmarks(record: Path, served: Served) -> None:
    part: LatencyPart = records.read(record / results.NAMES[LatencyPart], LatencyPart, SCHEMA)
    found: Latency = part.latency
    (speed,), (described,) = found.speeds, part.provenance.files
    file_ = served.classifier.bundle.file()
    assert (found.queries, speed.file, speed.runtime) == (100, described.name, "LiteRT.js")
    assert (described.sha256, described.bytes, described.trained) == (file_.sha256, file_.bytes, True)
    assert 0 < described.gzipped < described.bytes
    assert speed.model and speed.whole and speed.decode
    assert 0 < speed.model.p50 <= speed.model.p90 <= speed.model.p99 <= speed.whole.p99
    assert len(speed.curve) == 101 and speed.curve[50] == speed.model.p50
    report = results.assemble(record)
    assert report.latency == found, "python -m benchmarks report lays it out"


def test_cancelled_and_left(page: Page) -> None:
    page.add_init_script(f"({STALL})()")
    page.reload()
    open_about(page)
    stall(page, True)
    begin(page)
    page.get_by_role("button", name=sentence("en", "page.case.cancel")).click()
    stall(page, False)
    expect(page.get_by_role("button", name=sentence("en", "measure.button"), exact=True)).to_be_visible()
    expect(page.locator("#measure dl")).to_have_count(0)
    stall(page, True)
    begin(page)
    page.click("#view-read")
    stall(page, False)
    read(page, file(png()))
    open_about(page)
    expect(page.locator("#measure progress, #measure dl")).to_have_count(0)


def test_a_device_that_can_t_run_the_model(context: BrowserContext, served: Served) -> None:
    context.route("**/*.wasm", lambda route: route.abort())
    page = context.new_page()
    page.goto(served.address)
    open_about(page)
    begin(page)
    expect(page.get_by_role("alert")).to_have_text(sentence("en", "measure.failed"))


def test_back_leads_from_it(page: Page) -> None:
    open_about(page)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence("en", "about.title"))
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence("en", "page.empty.title"))


def test_the_single_file_has_it_all(context: BrowserContext, served: Served, tmp_path: Path) -> None:
    path = tmp_path / "otak.html"
    path.write_text(single_file(served.classifier.bundle), encoding="utf-8")
    page = context.new_page()
    page.goto(path.as_uri())
    open_about(page)
    expect(page.locator(".about > .parts > li").first).to_contain_text("TCGA-LGG")
    assert page.evaluate("() => document.querySelector('.brand img').naturalWidth") > 0
    begin(page)
    expect(page.locator("#measuring")).not_to_have_text(
        sentence("en", "measure.progress", done=0, count=100), timeout=60_000
    )
