"""Reading on the clinic's device: chosen, or offered where the phone can't."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pydicom.uid import JPEGLSLossless

from edge_app.case_log.keeper import Keeper
from edge_app.case_log.log import CaseLog
from edge_app.languages import sentence
from edge_app.serve.cases import EXTENSION
from tests import dicoms
from tests.corpus.zip_cases import frames
from tests.edge_app.web.pages import drawn, file, png, read
from tests.servers import Served

pytestmark = pytest.mark.browser


def choose_the_clinic(page: Page) -> None:
    page.click("#view-settings")
    page.get_by_label(sentence("en", "app.choice.clinic")).check()
    page.click("#view-read")


def test_the_clinic_s_device_answers_the_same(page: Page, served: Served) -> None:
    choose_the_clinic(page)
    read(page, file(png(), "a.png"))
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.clinic"))
    expect(page.locator(".bars li")).to_have_count(4)
    expect(page.locator(".heat")).to_be_visible()
    read(page, file(b"a letter", "a.png"))
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "error.no_image", name="a.png"))


def test_where_the_phone_can_t_the_clinic_s_device_is_offered(
    context: BrowserContext, served: Served
) -> None:
    context.route("**/*.wasm", lambda route: route.abort())
    page = context.new_page()
    page.goto(served.address)
    read(page, file(png(), "a.png"))
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.phone.failed"))
    page.get_by_role("button", name=sentence("en", "app.phone.failed.button")).click()
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.clinic"))


def test_a_drawing_is_not_sent_to_the_clinic_s_device(context: BrowserContext, served: Served) -> None:
    context.route("**/*.wasm", lambda route: route.abort())
    page = context.new_page()
    page.goto(served.address)
    page.locator(".examples button").first.click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(sentence("en", "app.phone.failed"))
    # There it could be kept as a patient's.
    expect(alert.get_by_role("button")).to_have_count(0)


def test_frames_that_could_not_be_looked_for_are_told(context: BrowserContext, served: Served) -> None:
    # Without its worker the page can't tell how many frames a file has.
    context.route("**/assets/worker*", lambda route: route.abort())
    page = context.new_page()
    page.goto(served.address)
    choose_the_clinic(page)
    read(page, file(frames(3, 128), "many.dcm"), file(png(), "b.png"))
    told = page.get_by_text(sentence("en", "page.case.frames"))
    for _ in range(2):
        expect(page.locator(".strip button")).to_have_count(2)
        expect(told).to_be_visible()
        expect(page.locator(".study")).to_have_count(0)
        # Of the history it is said too.
        page.click("#view-history")
        page.locator(".history .open").click()


def test_compressed_dicom_is_for_the_clinic_s_device(page: Page, served: Served) -> None:
    read(page, file(dicoms.packed(), "a.dcm"), file(png(), "b.png"))
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.dicom.clinic", name="a.dcm"))
    unread = page.get_by_text(sentence("en", "study.incomplete", count=1))
    expect(unread).to_be_visible()
    page.get_by_role("button", name=sentence("en", "app.phone.failed.button")).click()
    # It takes its place in the case that lacked it.
    expect(page.locator(".strip button")).to_have_count(2)
    expect(unread).to_have_count(0)
    for name, where in (("a.dcm", "clinic"), ("b.png", "phone")):
        page.locator(".strip button", has_text=name).click()
        expect(page.locator(".badge")).to_have_text(sentence("en", f"app.where.{where}"))
    assert dicoms.PATIENT not in page.content()
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)


def test_a_clinic_s_device_out_of_reach_is_done_without_or_tried_again(
    context: BrowserContext, page: Page
) -> None:
    choose_the_clinic(page)
    context.route("**/api/**", lambda route: route.abort())
    read(page, file(png(), "a.png"))
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.clinic.failed"))
    page.get_by_role("button", name=sentence("en", "app.failed.again")).click()
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.clinic.failed"))
    page.get_by_role("button", name=sentence("en", "app.failed.here")).click()
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.phone"))
    expect(page.locator(".name")).to_have_text("a.png")
    expect(page.get_by_role("alert")).to_have_count(0)
    read(page, file(png(), "b.png"), file(png(seed=2), "c.png"))
    context.unroute("**/api/**")
    page.get_by_role("button", name=sentence("en", "app.failed.again")).click()
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.clinic"))
    expect(page.locator(".strip button")).to_have_count(2)


def test_no_circular_advice_for_compressed_dicom(context: BrowserContext, page: Page) -> None:
    context.route("**/api/**", lambda route: route.abort())
    read(page, file(dicoms.packed(), "a.dcm"))
    page.get_by_role("button", name=sentence("en", "app.phone.failed.button")).click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(sentence("en", "app.clinic.failed.alone"))
    expect(alert.get_by_role("button")).to_have_text([sentence("en", "app.failed.again")])
    # What the clinic's device can't open either.
    read(page, file(dicoms.packed(JPEGLSLossless), "b.dcm"))
    expect(alert).to_contain_text(sentence("en", "error.dicom_compressed", name="b.dcm"))
    expect(alert.get_by_role("button")).to_have_count(0)


def test_phone_and_clinic_show_the_same_picture_and_heat(page: Page, served: Served) -> None:
    read(page, file(png(), "a.png"))
    on_the_phone = drawn(page)
    choose_the_clinic(page)
    read(page, file(png(), "a.png"))
    there = drawn(page)
    prediction = served.classifier.predict(png())
    assert prediction.heatmap is not None
    for picture, heat in (on_the_phone, there):
        assert picture.shape == heat.shape == (256, 256, 4)
        # The picture went through a JPEG, the map through bytes.
        assert np.abs(picture[..., 0].astype(int) - np.asarray(prediction.image.convert("L"))).mean() < 3
        assert np.abs(heat[..., 3] / 255 - prediction.heatmap).max() <= 2 / 255


def test_the_bundle_is_fetched_once(page: Page, served: Served) -> None:
    page.get_by_text(sentence("en", "app.ready")).wait_for()
    # What was fetched before; the page's service worker fetches its own copy.
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    choose_the_clinic(page)
    for name in ("a.png", "b.png"):
        page.set_input_files("#file", [file(png(), name)])
        expect(page.get_by_label(name)).to_be_visible()
    predictions = [url for url in requests if "/predict" in url]
    assert [url.partition("?")[2] for url in predictions] == ["include=picture&lang=en"] * 2
    assert not [url for url in requests if url.endswith("/bundle.json")]
    # Whether it keeps cases is asked once.
    assert len([url for url in requests if url.endswith("/health")]) == 1


def test_a_damaged_bundle_answers_nothing(context: BrowserContext, served: Served) -> None:
    text = served.classifier.bundle.folder.joinpath("bundle.json").read_text(encoding="utf-8")
    broken = text.replace('"thresholds"', '"threshold"')
    assert broken != text
    context.route("**/bundle.json", lambda route: route.fulfill(body=broken, content_type="application/json"))
    page = context.new_page()
    page.goto(served.address)
    for language in ("en", "id"):
        page.click(f"#language-{language}")
        read(page, file(png(), "a.png"))
        expect(page.get_by_role("alert")).to_contain_text(sentence(language, "app.bundle.broken"))
    expect(page.locator(".result")).to_have_count(0)


@pytest.fixture
def keeper(served: Served, tmp_path: Path) -> Iterator[Keeper]:
    """What has the server keep cases, as ``--keep-cases`` does."""
    keeper = Keeper(CaseLog(tmp_path / "state" / "cases.sqlite"), names=False)
    served.app.extensions[EXTENSION] = keeper
    yield keeper
    del served.app.extensions[EXTENSION]


def test_a_device_that_keeps_cases_says_so(page: Page, keeper: Keeper) -> None:
    choose_the_clinic(page)
    expect(page.get_by_text(sentence("en", "app.privacy.clinic.kept"))).to_be_visible()
    read(page, file(png(), "ibu-ani.png"))
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.clinic"))
    expect(page.get_by_role("alert")).to_have_count(0)
    assert [case.name for case in keeper.log.every()] == [""]
    # What the clinician diagnoses is entered on a page of the device.
    page.click("#view-settings")
    page.get_by_role("link", name=sentence("en", "app.cases")).click()
    page.get_by_role("link", name=sentence("en", "cases.no_code")).click()
    page.select_option("#diagnosis", "meningioma")
    page.get_by_role("button", name=sentence("en", "cases.save")).click()
    expect(page.get_by_role("status")).to_have_text(sentence("en", "cases.saved"))
    assert [case.diagnosis for case in keeper.log.every()] == ["meningioma"]


def test_a_case_that_could_not_be_kept_is_told_and_read(page: Page, keeper: Keeper) -> None:
    keeper.log.path.parent.write_text("no folder")
    choose_the_clinic(page)
    read(page, file(png(), "ibu-ani.png"))
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "error.cases_closed"))
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.clinic"))
