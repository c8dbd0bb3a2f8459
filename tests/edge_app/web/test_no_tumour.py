"""An answer of no tumour says what was looked for, and what was not, wherever it is told."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from edge_app import Classifier, wording
from edge_app.languages import LANGUAGES, sentence, sentences
from tests.edge_app.web.pages import encode, file, read
from tests.edge_app.web.viewers import box
from tests.phantoms import phantom
from tests.servers import Served

ANSWER = {
    "en": "No glioma, meningioma or pituitary tumour seen on this slice",
    "id": "Tidak tampak glioma, meningioma, atau tumor hipofisis (pituitari) pada irisan ini",
}
UNSURE = {
    "en": "Not certain: a tumour is not ruled out",
    "id": "Belum pasti: tumor belum dapat disingkirkan",
}
GUESS = {
    "en": "Most probable: none of the three tumours seen",
    "id": "Paling mungkin: tidak tampak satu pun dari ketiga jenis tumor",
}
SHORT = {
    "en": "None of the three tumours seen",
    "id": "Tidak tampak satu pun dari ketiga jenis tumor",
}
LIMITATION = {
    "en": "Otak does not look for bleeding, stroke, infection or any other disease.",
    "id": "Otak tidak menilai perdarahan, stroke, infeksi, atau penyakit lain.",
}
BARE = re.compile(r"\bno tumou?r\b|\btidak ada tumor\b|\btanpa tumor\b", re.IGNORECASE)
THRESHOLDS = {
    "answer": {"unsure": 0.5, "no_tumour": 0.6, "refused": 0.0},
    "unsure": {"unsure": 0.5, "no_tumour": 1.0, "refused": 0.0},
}
HEADLINES = {"answer": ANSWER, "unsure": UNSURE}
IN_LISTS = {"answer": SHORT, "unsure": UNSURE}


@pytest.fixture(scope="module", params=["answer", "unsure"])
def verdict(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def bundle(verdict: str, toy_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that still calls the label "No tumour" and "Tidak ada tumor"."""
    folder = shutil.copytree(toy_bundle, tmp_path_factory.mktemp(verdict) / "bundle")
    description = folder / "bundle.json"
    content = json.loads(description.read_text(encoding="utf-8"))
    assert {label["en"] for label in content["labels"]} >= {"No tumour"}
    description.write_text(json.dumps(content | {"thresholds": THRESHOLDS[verdict]}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def served(bundle: Path) -> Iterator[Served]:
    served = Served(Classifier.load(bundle))
    yield served
    served.close()


@pytest.fixture(params=[(390, 844), (320, 640)], ids=["390", "320"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    yield context
    context.close()


def healthy() -> bytes:
    return encode(phantom("no_tumor", 2), "PNG")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_says_it_bare(language: str) -> None:
    bare = [key for key, text in sentences(language).items() if BARE.search(text)]
    # Of a collection's patients it is known.
    assert [key for key in bare if not key.startswith("about.part.")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_answers_carry_no_limitation(language: str, toy_bundle: Path) -> None:
    prediction = Classifier.load(toy_bundle).predict(phantom("glioma", 1))
    assert wording.limitations(prediction, language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_the_command_line(bundle: Path, verdict: str, language: str, tmp_path: Path) -> None:
    path = tmp_path / "slice.png"
    path.write_bytes(healthy())
    command = [sys.executable, "-m", "edge_app.cli", "predict", str(path), "--bundle", str(bundle)]
    run = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        env={"LC_ALL": f"{language}_XX.UTF-8", "PYTHONIOENCODING": "utf-8"},
        timeout=120,
        check=True,
    )
    percent = r">?\d+%"
    said = {
        "answer": rf"  {re.escape(ANSWER[language])}, {percent}\n",
        "unsure": rf"  {UNSURE[language]}\n  {GUESS[language]}, {percent}\n",
    }
    assert re.search(rf"^{said[verdict]}  {re.escape(LIMITATION[language])}\n", run.stdout, re.MULTILINE)
    assert run.stdout.count(sentence(language, "disclaimer")) == 1
    assert re.search(rf"^  {SHORT[language]} +[#.]{{24}} +\d+%$", run.stdout, re.MULTILINE)
    assert not BARE.search(run.stdout)


def see(page: Page, verdict: str, language: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADLINES[verdict][language])
    percent = re.compile(r"^>?\d+%$")
    if verdict == "answer":
        beside = page.locator(".headline .percent")
        expect(beside).to_have_text(percent)
        headline = box(page.locator(".headline h1"))
        assert headline["x"] + headline["width"] <= box(beside)["x"]
        expect(page.locator(".guess")).to_have_count(0)
    else:
        expect(page.locator(".headline .percent")).to_have_count(0)
        expect(page.locator(".guess")).to_contain_text(GUESS[language])
    expect(page.locator(".result").get_by_text(LIMITATION[language])).to_be_visible()
    expect(page.locator(".heat")).to_have_css("opacity", "0")
    expect(page.get_by_text(sentence(language, "disclaimer"))).to_have_count(1)
    expect(page.locator(".bars .chosen")).to_contain_text(SHORT[language])
    page.locator("summary").click()
    assert not BARE.search(page.locator("body").inner_text() + page.title())
    fits(page)


def fits(page: Page) -> None:
    wider = """() => [document.documentElement, ...document.querySelectorAll('main *')]
        .filter((each) => each.clientWidth > 0 && each.scrollWidth > each.clientWidth + 1
            && getComputedStyle(each).overflowX === 'visible')
        .map((each) => each.outerHTML)"""
    assert page.evaluate(wider) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.browser
@pytest.mark.parametrize("place", ["phone", "clinic"])
def test_on_the_page_in_print_and_in_the_history(page: Page, verdict: str, place: str) -> None:
    if place == "clinic":
        page.click("#view-settings")
        page.get_by_label(sentence("en", "app.choice.clinic")).check()
        page.click("#view-read")
    read(page, file(healthy(), "a.png"), file(healthy(), "b.png"))
    for language in LANGUAGES:
        page.click(f"#language-{language}")
        expect(page.locator(".badge")).to_have_text(sentence(language, f"app.where.{place}"))
        expect(page.locator(".strip button span:not(.number)").first).to_have_text(
            IN_LISTS[verdict][language]
        )
        see(page, verdict, language)
        page.emulate_media(media="print")
        report = page.locator(".report")
        expect(report.get_by_text(LIMITATION[language], exact=True)).to_be_visible()
        expect(report.locator("figcaption")).to_contain_text(IN_LISTS[verdict][language])
        expect(report.get_by_text(sentence(language, "disclaimer"))).to_be_visible()
        # What isn't printed is not explained.
        expect(report.get_by_text(sentence(language, "page.heatmap"))).to_have_count(0)
        assert not BARE.search(report.inner_text())
        page.emulate_media(media="null")
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    page.click("#view-history")
    for language in LANGUAGES:
        page.click(f"#language-{language}")
        expect(page.locator(".history strong").first).to_have_text(IN_LISTS[verdict][language])
        assert not BARE.search(page.locator("body").inner_text())
        fits(page)
