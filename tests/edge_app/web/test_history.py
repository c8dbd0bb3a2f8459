"""The readings that the phone keeps: several, noted, exported, deleted, and a store that is full."""

import csv
import io
import json

import pytest
from playwright.sync_api import Page, expect

from edge_app.languages import sentence
from tests.edge_app.web.pages import file, png, read
from tests.servers import Served

pytestmark = pytest.mark.browser

# What a browser does when its disk is full; Chromium's quota can't be made small enough to see it.
FULL = """() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value) {
        const request = put.call(this, value);
        request.onsuccess = () => this.transaction.abort();
        return request;
    };
}"""

# As version 0.1 kept one reading.
OLD = """() => new Promise((resolve) => {
    const request = indexedDB.open('otak', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('readings', { keyPath: 'id' });
    request.onsuccess = () => {
        const transaction = request.result.transaction('readings', 'readwrite');
        transaction.objectStore('readings').put({
            id: '1', time: 0, name: 'old.png', note: 'kept',
            place: 'phone', machine: '', runtime: 'LiteRT.js',
            verdict: 'unsure', label: 'glioma', probabilities: { glioma: 0.6, pituitary: 0.4 },
            reasons: ['low_confidence'], milliseconds: { decode: 1, preprocess: 1, infer: 1 },
            model: { name: 'edge', version: '1', file: 'edge-int8.tflite', sha256: 'ab' },
            thresholds: { unsure: 0.7, no_tumour: 0.9, refused: null }, labels: [],
            picture: new Blob(), heat: new Blob(),
        });
        transaction.oncomplete = () => { request.result.close(); resolve(); };
    };
})"""


def test_several_at_once_and_history(page: Page) -> None:
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
    expect(page.locator(".history li")).to_have_count(2)
    expect(page.locator(".history li").first).to_contain_text("look, again")
    with page.expect_download() as download:
        page.get_by_role("button", name=sentence("en", "app.history.export")).click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert [(row["name"], row["note"]) for row in rows] == [("c.png", "look, again"), ("a.png", "")]
    page.get_by_role("button", name="Delete: a.png").click()
    expect(page.locator(".history li")).to_have_count(1)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=sentence("en", "app.history.clear")).click()
    expect(page.get_by_text(sentence("en", "app.history.empty"))).to_be_visible()


def test_the_export_as_json_says_what_the_server_says(page: Page, served: Served) -> None:
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
    assert set(exported) - set(answer) == {"time", "place", "note"}
    assert set(answer) <= set(exported)
    for name in ("name", "verdict", "label", "reasons", "model", "thresholds", "quality", "heatmap"):
        assert exported[name] == answer[name], name


def test_a_reading_of_version_0_1_is_still_shown(page: Page) -> None:
    page.evaluate(OLD)
    page.click("#view-history")
    expect(page.locator(".history li")).to_contain_text("kept")
    page.locator(".history .open").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence("en", "verdict.unsure"))
    expect(page.locator(".guess")).to_have_text("Most probable: glioma, 60%")
    expect(page.locator(".heat")).to_have_count(0)
    page.locator("summary").click()
    expect(page.locator("dl")).to_contain_text("not certain below 70%")


def test_a_full_store_is_told_and_the_reading_stays_shown(page: Page) -> None:
    good = file(png(), "a.png")
    read(page, good)
    page.evaluate(FULL)
    page.set_input_files("#file", good | {"name": "b.png"})
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.history.failed"))
    expect(page.get_by_label("b.png")).to_be_visible()
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)
