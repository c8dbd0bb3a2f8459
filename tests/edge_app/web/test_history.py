"""The history: cases noted, exported, deleted."""

import csv
import io
import json

import pytest
from playwright.sync_api import Page, expect

from edge_app.languages import sentence
from tests.edge_app.web.pages import KEEP_NAMES, file, png, read
from tests.servers import Served

pytestmark = pytest.mark.browser


def test_several_at_once_and_history(page: Page) -> None:
    page.evaluate(KEEP_NAMES)
    good = png()
    read(page, file(good, "a.png"), file(b"a letter", "b.png"), file(good, "c.png"))
    expect(page.locator(".strip button")).to_have_count(2)
    expect(page.get_by_role("alert")).to_have_count(1)
    page.locator(".strip button").nth(1).click()
    page.get_by_label(sentence("en", "app.note"), exact=True).fill("look, again")
    page.get_by_label(sentence("en", "app.note"), exact=True).blur()
    expect(page.get_by_role("status")).to_have_text(sentence("en", "app.saved"))
    page.reload()
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)
    expect(page.locator(".history li")).to_contain_text("look, again")
    with page.expect_download() as download:
        page.get_by_role("button", name=sentence("en", "app.history.export")).click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert [(row["name"], row["note"]) for row in rows] == [
        ("a.png", "look, again"),
        ("c.png", "look, again"),
    ]
    assert len({row["case"] for row in rows}) == 1
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=sentence("en", "app.history.clear")).click()
    expect(page.get_by_text(sentence("en", "app.history.empty"))).to_be_visible()


def test_the_export_as_json_says_what_the_server_says(page: Page, served: Served) -> None:
    page.evaluate(KEEP_NAMES)
    read(page, file(png(), "a.png"))
    page.click("#view-history")
    with page.expect_download() as download:
        page.get_by_role("button", name=sentence("en", "app.history.export.json")).click()
    (line,) = download.value.path().read_text(encoding="utf-8").splitlines()
    exported = json.loads(line)
    response = page.request.post(
        f"{served.address}/api/v1/predict",
        multipart={"file": {"name": "a.png", "mimeType": "image/png", "buffer": png()}},
    )
    answer = response.json()
    assert set(exported) - set(answer) == {"time", "place", "case", "patient_code", "note"}
    assert set(answer) <= set(exported)
    for name in ("name", "verdict", "label", "reasons", "model", "thresholds", "quality", "heatmap"):
        assert exported[name] == answer[name], name
