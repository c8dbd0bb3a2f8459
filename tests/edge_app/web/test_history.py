"""The history: written while typing, found again, exported, deleted and taken back."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from edge_app.languages import sentence
from tests.edge_app.web.pages import FULL, KEEP_NAMES, file, png, read
from tests.servers import Served

pytestmark = pytest.mark.browser

# Keeps the only case many times: each an hour older than the last, and some as other answers.
MANY = """async (count) => {
    const db = await new Promise((resolve) => {
        const request = indexedDB.open('otak');
        request.onsuccess = () => resolve(request.result);
    });
    const all = (store) => new Promise((resolve) => {
        const request = db.transaction(store).objectStore(store).getAll();
        request.onsuccess = () => resolve(request.result);
    });
    const [[kept], [reading]] = [await all('cases'), await all('readings')];
    const [thumbnail] = await all('thumbnails');
    const transaction = db.transaction(['cases', 'readings', 'thumbnails'], 'readwrite');
    for (let each = 0; each < count; each++) {
        const id = `many-${each}`;
        const answers = [
            { verdict: 'answer', label: 'glioma' }, { verdict: 'answer', label: 'no_tumor' },
            { verdict: 'unsure', label: 'meningioma' }, { verdict: 'refused', label: null },
        ];
        const mostSuspicious = { ...kept.mostSuspicious, ...answers[each % 4] };
        const time = Date.now() - each * 3600e3;
        const [patientCode, note] = [`P${each}`, each % 10 ? '' : 'Look again'];
        const other = { ...kept, id, time, readings: [id], patientCode, note, mostSuspicious };
        transaction.objectStore('cases').put(other);
        transaction.objectStore('readings').put({ ...reading, id });
        transaction.objectStore('thumbnails').put(thumbnail, id);
    }
    await new Promise((resolve) => { transaction.oncomplete = resolve; });
    db.close();
}"""

# Counts what is read of the readings.
COUNT = """() => {
    window.asked = 0;
    for (const name of ['get', 'getAll', 'openCursor']) {
        const asked = IDBObjectStore.prototype[name];
        IDBObjectStore.prototype[name] = function (...given) {
            if (this.name === 'readings') window.asked++;
            return asked.apply(this, given);
        };
    }
}"""

ROWS = ".history li"


def many(page: Page, count: int) -> None:
    """Opens a history of many cases."""
    read(page, file(png(), "a.png"))
    page.evaluate(MANY, count)
    page.click("#view-history")
    expect(page.locator(ROWS).first).to_be_visible()


def note(page: Page) -> str:
    return page.get_by_label(sentence("en", "app.note"), exact=True).input_value()


def test_several_at_once_are_a_case_that_is_exported(page: Page) -> None:
    page.evaluate(KEEP_NAMES)
    good = png()
    read(page, file(good, "a.png"), file(b"a letter", "b.png"), file(good, "c.png"))
    expect(page.locator(".strip button")).to_have_count(2)
    expect(page.get_by_role("alert")).to_contain_text("b.png")
    page.fill("#code", "P7")
    page.fill("#note", "look, again")
    page.locator("#note").blur()
    expect(page.get_by_role("status")).to_contain_text(sentence("en", "app.saved"))
    page.reload()
    page.click("#view-history")
    expect(page.locator(ROWS)).to_have_count(1)
    expect(page.locator(ROWS)).to_contain_text("look, again")
    # The first of them, whichever slice is the most suspicious.
    expect(page.locator(ROWS)).to_contain_text("P7 · 2 of 3 slices: a.png …")
    export = page.get_by_role("button", name=sentence("en", "app.history.export"))
    top, below = export.bounding_box(), page.locator(ROWS).bounding_box()
    assert top and below and top["y"] < below["y"]
    with page.expect_download() as download:
        export.click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert [(row["patient_code"], row["name"], row["note"]) for row in rows] == [
        ("P7", "a.png", "look, again"),
        ("P7", "c.png", "look, again"),
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


def test_what_is_typed_is_kept_though_the_field_is_never_left(page: Page) -> None:
    read(page, file(png(), "a.png"))
    page.locator("#note").press_sequentially("left side")
    page.reload()
    page.locator(".result").wait_for()
    assert note(page) == "left side"
    page.locator("#code").press_sequentially("P7")
    page.locator("#note").press_sequentially(", again")
    page.click("#view-history")
    expect(page.locator(ROWS)).to_contain_text("left side, again")
    expect(page.locator(ROWS)).to_contain_text("P7")


def test_a_note_that_can_t_be_kept_is_told_once_beside_it(page: Page) -> None:
    read(page, file(png(), "a.png"))
    page.evaluate(FULL)
    page.evaluate("""() => {
        window.told = 0;
        const count = (changes) => { window.told += changes.length; };
        new MutationObserver(count).observe(document.querySelector('.trouble'), { childList: true });
    }""")
    for text in ("left", " side", ", again"):
        page.locator("#note").press_sequentially(text)
        page.wait_for_timeout(700)
    expect(page.locator(".written .trouble")).to_have_text(sentence("en", "app.history.failed"))
    expect(page.locator("#note")).to_be_focused()
    assert note(page) == "left side, again"
    assert page.evaluate("() => window.told") == 1


def test_a_deletion_is_taken_back_by_keyboard(page: Page) -> None:
    many(page, 3)
    expect(page.locator(ROWS)).to_have_count(4)
    for code, left in (("P1", 3), ("P2", 2)):
        page.get_by_role("button", name=f"Delete: {code}").focus()
        page.keyboard.press("Enter")
        expect(page.locator(ROWS)).to_have_count(left)
        expect(page.get_by_role("button", name=sentence("en", "app.history.undo"))).to_be_focused()
    bar = page.locator(".undo")
    expect(bar).to_contain_text(sentence("en", "app.history.deleted", count=2))
    expect(bar).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("button", name=sentence("en", "app.history.undo"))).to_be_focused()
    expect(page.locator(ROWS)).to_have_count(2)
    page.keyboard.press("Enter")
    expect(page.locator(ROWS)).to_have_count(4)
    expect(bar).to_be_empty()
    restored = page.locator(f"{ROWS}:has-text('P2') .open")
    expect(restored).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".stage canvas").first).to_be_visible()
    expect(page.locator("#code")).to_have_value("P2")


def test_the_offer_to_undo_ends_and_the_case_is_gone(page: Page) -> None:
    page.clock.install()
    many(page, 1)
    # From now on it stands still but where it is told to go on.
    page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    page.get_by_role("button", name="Delete: P0").click()
    expect(page.locator(".undo")).not_to_be_empty()
    page.mouse.move(0, 0)
    page.clock.run_for(9_000)
    expect(page.locator(".undo")).not_to_be_empty()
    page.clock.run_for(2_000)
    expect(page.locator(".undo")).to_be_empty()
    page.reload()
    page.click("#view-history")
    expect(page.locator(ROWS)).to_have_count(1)


def test_days_search_and_filter(page: Page) -> None:
    # No day ends meanwhile.
    page.clock.install(time=datetime(2027, 1, 15, 12, tzinfo=UTC))
    many(page, 60)
    days = page.locator("[data-day] h2")
    expect(days.first).to_have_text(sentence("en", "app.history.today"))
    expect(days.nth(1)).to_have_text(sentence("en", "app.history.yesterday"))
    page.fill("#search", "look P2")
    expect(page.locator(ROWS)).to_have_count(1)
    expect(page.locator(ROWS)).to_contain_text("P20")
    page.fill("#search", "meningioma")
    expect(page.get_by_text(sentence("en", "app.history.count", count=15, all=61))).to_be_visible()
    page.fill("#search", "")
    page.select_option("#kind", "none")
    expect(page.locator(ROWS)).to_have_count(15)
    page.click("#language-id")
    expect(page.locator("#kind")).to_have_value("none")
    expect(page.locator(ROWS)).to_have_count(15)
    expect(page.locator(f"{ROWS} strong").first).to_have_text("Tidak tampak satu pun dari ketiga jenis tumor")
    page.fill("#search", "tidak ada yang begini")
    expect(page.get_by_text(sentence("id", "app.history.none"))).to_be_visible()


def test_a_thousand_cases_are_listed_without_their_readings_and_drawn_as_they_come_into_view(
    page: Page,
) -> None:
    page.evaluate(COUNT)
    read(page, file(png(), "a.png"))
    page.evaluate(MANY, 1000)
    before = page.evaluate("() => window.asked")
    page.click("#view-history")
    expect(page.get_by_text(sentence("en", "app.history.count", count=1001, all=1001))).to_be_visible()
    assert page.locator(ROWS).count() <= 100
    box = page.locator(f"{ROWS} img").first.bounding_box()
    assert box and (box["width"], box["height"]) == (64, 64)
    for _ in range(3):
        drawn = page.locator(ROWS).count()
        page.locator(ROWS).last.scroll_into_view_if_needed()
        page.wait_for_function(
            "([rows, drawn]) => document.querySelectorAll(rows).length > drawn", arg=[ROWS, drawn]
        )
    page.wait_for_function("() => document.querySelector('.history img').naturalWidth > 0")
    assert page.evaluate("() => window.asked") == before
