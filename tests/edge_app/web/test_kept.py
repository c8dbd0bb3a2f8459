"""What the phone keeps: older histories taken over, a full store, and names that are often the patient's."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from edge_app.languages import sentence
from tests.edge_app.web.pages import FULL, file, png, read
from tests.servers import Served

pytestmark = pytest.mark.browser

# As version 0.1 kept two readings; the connection stays open where it is wanted.
OLD = """(stays) => new Promise((resolve) => {
    const request = indexedDB.open('otak', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('readings', { keyPath: 'id' });
    request.onsuccess = () => {
        const transaction = request.result.transaction('readings', 'readwrite');
        const old = {
            place: 'phone', machine: '', runtime: 'LiteRT.js',
            verdict: 'unsure', label: 'glioma', probabilities: { glioma: 0.6, pituitary: 0.4 },
            reasons: ['low_confidence'], milliseconds: { decode: 1, preprocess: 1, infer: 1 },
            model: { name: 'edge', version: '1', file: 'edge-int8.tflite', sha256: 'ab' },
            thresholds: { unsure: 0.7, no_tumour: 0.9, refused: null }, labels: [],
            picture: new Blob(), heat: new Blob(),
        };
        const readings = transaction.objectStore('readings');
        readings.put({ ...old, id: '1', time: 0, name: 'old.png', note: 'kept' });
        readings.put({ ...old, id: '2', time: 86400000, name: 'newer.png', note: '' });
        transaction.oncomplete = () => {
            if (stays) window.stays = request.result;
            else request.result.close();
            resolve();
        };
    };
})"""

# The names of all files that IndexedDB holds.
NAMES = """() => new Promise((resolve) => {
    const request = indexedDB.open('otak');
    request.onsuccess = () => {
        const transaction = request.result.transaction(['cases', 'readings']);
        const cases = transaction.objectStore('cases').getAll();
        const readings = transaction.objectStore('readings').getAll();
        transaction.oncomplete = () => {
            request.result.close();
            resolve([cases.result.flatMap(({ names }) => names), readings.result.map(({ name }) => name)]);
        };
    };
})"""


def test_each_reading_of_version_0_1_becomes_a_case(page: Page) -> None:
    page.evaluate(OLD, False)
    page.click("#view-history")
    rows = page.locator(".history li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("newer.png")
    expect(rows.last).to_contain_text("kept")
    rows.last.locator(".open").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence("en", "verdict.unsure"))
    expect(page.locator(".guess")).to_have_text("Most probable: glioma, 60%")
    expect(page.locator(".heat")).to_have_count(0)
    expect(page.get_by_label(sentence("en", "app.note"), exact=True)).to_have_value("kept")
    page.locator("summary").click()
    expect(page.locator("details dl")).to_contain_text("not certain below 70%")
    page.reload()
    page.click("#view-history")
    expect(rows).to_have_count(2)


def test_an_upgrade_that_fails_loses_nothing_and_is_told(page: Page) -> None:
    page.evaluate(OLD, False)
    page.evaluate(FULL)
    page.click("#view-history")
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.history.upgrade"))
    page.reload()
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(2)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_older_page_in_another_tab_is_told(context: BrowserContext, page: Page, served: Served) -> None:
    older = context.new_page()
    older.goto(f"{served.address}/healthz")
    older.evaluate(OLD, True)
    page.click("#view-history")
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.history.blocked"))
    page.click("#view-read")
    read(page, file(png(), "a.png"))
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.history.blocked"))
    older.close()
    page.reload()
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(2)


def test_a_full_store_is_told_and_the_reading_stays_shown(page: Page) -> None:
    good = file(png(), "a.png")
    read(page, good)
    page.evaluate(FULL)
    page.set_input_files("#file", good | {"name": "b.png"})
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.history.failed"))
    expect(page.get_by_label("b.png")).to_be_visible()
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)


def test_names_are_kept_only_where_the_user_turns_that_on(page: Page) -> None:
    read(page, file(png(), "Budi.png"), file(png(seed=2), "Budi 2.png"))
    assert page.evaluate(NAMES) == [[], ["", ""]]
    page.click("#view-history")
    expect(page.locator(".history li")).to_contain_text("Budi.png")
    page.locator(".history .open").click()
    page.clock.install()
    page.locator(".strip button", has_text="Budi.png").click()
    expect(page.get_by_role("img", name="Budi.png")).to_be_visible()
    # The browser's history comes to know which slice is shown.
    page.clock.fast_forward("01:00:00")
    page.reload()
    expect(page.get_by_role("img", name=sentence("en", "page.slice", name="1"))).to_be_visible()
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)
    assert "Budi" not in page.content()
    page.click("#view-settings")
    page.locator("#names-kept").check()
    page.click("#view-read")
    read(page, file(png(), "Siti.png"))
    page.reload()
    expect(page.get_by_role("img", name="Siti.png")).to_be_visible()
    cases, readings = page.evaluate(NAMES)
    assert (cases, sorted(readings)) == (["Siti.png"], ["", "", "Siti.png"])
