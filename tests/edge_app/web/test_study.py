"""What the page says of all slices of a case together: what `otak predict --study` says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from edge_app import wording
from edge_app.bundle import Bundle, StudyRule
from edge_app.classifier import Classifier
from edge_app.languages import LANGUAGES, sentence
from edge_app.study import StudyPrediction
from tests.corpus.zip_cases import frames, zipped
from tests.edge_app.web.pages import AXE, check_accessible, file, png, read
from tests.edge_app.web.test_case import hold, opened
from tests.servers import Served

pytestmark = pytest.mark.browser

HEALTHY = {f"{seed}.png": png("no_tumor", seed) for seed in range(6)}
# The toy is sure of this glioma.
GLIOMA = png("glioma", 1)
STUDIES = {
    "suspicious": {**HEALTHY, "6.png": GLIOMA, "7.png": GLIOMA},
    "few": {**HEALTHY, "6.png": GLIOMA},
    "inconspicuous": HEALTHY,
    "unjudged": {"a.txt": b"a letter", "b.png": b""},
    "with some that can't be read": {
        **HEALTHY,
        "3.png": GLIOMA[:-40],
        "6.png": GLIOMA,
        "many": frames(2, 128),
    },
}


@pytest.fixture(scope="module")
def with_rule(toy_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose bundle calls a study suspicious where two slices reach 0.9."""
    folder = shutil.copytree(toy_bundle, tmp_path_factory.mktemp("bundles") / "calibrated")
    replace(Bundle.load(folder), study=StudyRule(rank=2, threshold=0.9)).save()
    served = Served(Classifier.load(folder))
    yield served
    served.close()


def study(entries: dict[str, bytes]) -> FilePayload:
    return {"name": "study.zip", "mimeType": "application/zip", "buffer": zipped(entries)}


def told(page: Page, said: StudyPrediction, language: str) -> None:
    """Holds the card above the slices to Python's sentences."""
    card = page.locator(".study")
    expect(card.get_by_role("heading")).to_have_text(wording.study_headline(said, language))
    notes = page.locator(".study p, .study-advice p")
    expect(notes).to_have_count(len(wording.study_notes(said, language)))
    assert set(notes.all_inner_texts()) == set(wording.study_notes(said, language))


@pytest.mark.parametrize("kind", STUDIES)
def test_a_study_by_a_rule(context: BrowserContext, with_rule: Served, kind: str) -> None:
    given = study(STUDIES[kind])
    said = with_rule.classifier.predict_study([("study.zip", given["buffer"])])
    page = context.new_page()
    page.goto(with_rule.address)
    page.set_input_files("#file", given)
    expect(page.locator(".study")).to_be_visible(timeout=60_000)
    expect(page.locator(".study h2")).to_be_focused()
    for language in LANGUAGES:
        page.click(f"#language-{language}")
        told(page, said, language)
        named = [wording.slice_name(each, language) for each in said.slices if each.decision]
        tiles = page.locator(".strip button .file")
        assert tiles.all_text_contents() == named, "the most suspicious first"
    assert {each.error.code for each in said.slices if each.error} <= {"damaged", "no_image", "empty"}
    expect(page.get_by_role("listitem").filter(has_text="study.zip/")).to_have_count(said.counts.unreadable)


def test_the_answer_of_a_study_is_kept(context: BrowserContext, with_rule: Served) -> None:
    given = study(STUDIES["with some that can't be read"])
    said = with_rule.classifier.predict_study([("study.zip", given["buffer"])])
    page = context.new_page()
    page.goto(with_rule.address)
    read(page, given)
    page.reload()
    told(page, said, "en")
    page.click("#view-history")
    page.locator(".history .open").click()
    told(page, said, "en")
    expect(page.locator(".study h2")).to_be_focused()


def test_without_a_rule_only_the_counts_are_told(page: Page, served: Served) -> None:
    given = study(STUDIES["suspicious"])
    said = served.classifier.predict_study([("study.zip", given["buffer"])])
    assert said.rule is None
    read(page, given)
    told(page, said, "en")
    expect(page.locator(".study")).to_contain_text(sentence("en", "study.uncalibrated"))
    # What to do is said once, for all of it.
    advice = page.get_by_role("heading", name=sentence("en", "page.next"))
    expect(advice).to_have_count(1)
    expect(page.locator(".study-advice")).to_contain_text(sentence("en", "study.next.uncalibrated"))


def test_a_single_slice_is_no_study(page: Page) -> None:
    read(page, file(png(), "a.png"))
    expect(page.locator(".study, .frames, .strip")).to_have_count(0)


def test_nothing_is_said_of_a_study_that_was_cancelled(context: BrowserContext, served: Served) -> None:
    page = opened(context, served)
    hold(page, "3.png")
    page.set_input_files("#file", [file(png(seed=seed), f"{seed}.png") for seed in range(5)])
    expect(page.locator(".strip img")).to_have_count(3)
    page.get_by_role("button", name=sentence("en", "page.case.cancel")).click()
    expect(page.locator(".result")).to_be_visible()
    expect(page.locator(".study")).to_have_count(0)


def test_nothing_is_said_where_the_clinic_s_device_is_away(context: BrowserContext, served: Served) -> None:
    page = context.new_page()
    page.goto(served.address)
    page.click("#view-settings")
    page.get_by_label(sentence("en", "app.choice.clinic")).check()
    page.click("#view-read")
    asked: list[str] = []

    def away_once(route: object) -> None:
        asked.append("")
        route.abort() if len(asked) == 1 else route.continue_()  # type: ignore[attr-defined]

    page.route("**/api/v1/predict**", away_once)
    read(page, *(file(png(seed=seed), f"{seed}.png") for seed in range(3)))
    expect(page.locator(".strip button")).to_have_count(2)
    expect(page.locator(".study")).to_have_count(0)


def test_the_clinic_s_device_reads_every_frame(page: Page, served: Served) -> None:
    page.click("#view-settings")
    page.get_by_label(sentence("en", "app.choice.clinic")).check()
    page.click("#view-read")
    given = study({"a/many": frames(3, 128), "b.png": png()})
    read(page, given)
    told(page, served.classifier.predict_study([("study.zip", given["buffer"])]), "en")
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.clinic"))


def test_the_patient_s_code_is_kept_and_can_be_changed(page: Page) -> None:
    read(page, file(png(), "a.png"))
    field = page.get_by_label(sentence("en", "page.code"))
    expect(field).to_have_accessible_description(sentence("en", "page.code.hint"))
    field.fill("  RS-17 ")
    field.press("Tab")
    expect(page.get_by_text(sentence("en", "page.code.saved"))).to_be_visible()
    page.reload()
    expect(field).to_have_value("RS-17")
    field.fill("RS-18")
    # What was typed is seen in the other language too.
    page.click("#language-id")
    expect(page.get_by_label(sentence("id", "page.code"))).to_have_value("RS-18")
    page.click("#view-history")
    page.locator(".history .open").click()
    expect(page.get_by_label(sentence("id", "page.code"))).to_have_value("RS-18")
    page.set_input_files("#file", file(png("glioma", 3), "b.png"))
    expect(page.get_by_role("img", name="b.png")).to_be_visible(timeout=60_000)
    expect(page.get_by_label(sentence("id", "page.code"))).to_have_value("")


@pytest.mark.parametrize("language", ["en", "id"])
def test_accessible(context: BrowserContext, with_rule: Served, language: str) -> None:
    assert context.browser
    narrow = context.browser.new_context(
        viewport={"width": 320, "height": 640}, locale=language, bypass_csp=True, color_scheme="dark"
    )
    page = narrow.new_page()
    page.goto(with_rule.address)
    page.add_script_tag(path=AXE)
    read(page, study(STUDIES["with some that can't be read"]))
    check_accessible(page)
    narrow.close()
