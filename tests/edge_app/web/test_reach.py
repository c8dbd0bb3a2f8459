"""The page by keyboard alone, in another language, and what the check of reach itself finds."""

import pytest
from playwright.sync_api import Page, expect

from edge_app.languages import sentence
from tests.edge_app.web.pages import check_reach, file, png, read

pytestmark = pytest.mark.browser

MAX_STOPS = 60  # of the Tab key until something must have been reached

# What another language must leave as it is.
KEPT = """() => ({
    note: document.getElementById('note').value,
    opened: [...document.querySelectorAll('details')].map((each) => each.open),
    // Of longer sentences above it, what is looked at stays where it is.
    looked: Math.round(document.getElementById('note').getBoundingClientRect().top),
    focused: document.activeElement.id,
    selection: [document.activeElement.selectionStart, document.activeElement.selectionEnd],
    shown: document.querySelector('.strip [aria-pressed=true] .file').textContent,
    ranges: [...document.querySelectorAll('input[type=range]')].map((each) => each.value),
    pictures: [...document.querySelectorAll('canvas')].map((each) => each.width),
})"""
TO_INDONESIAN = "() => document.getElementById('language-id').click()"


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until an element has the focus."""
    for _ in range(MAX_STOPS):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector}")


def test_by_keyboard_alone(page: Page) -> None:
    # Playwright takes the chooser's place only some time after somebody listens.
    page.on("filechooser", lambda _: None)
    page.get_by_text(sentence("en", "app.ready")).wait_for()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=sentence("en", "app.skip"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    tab_to(page, "#file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files([file(png("glioma", 3), "a.png"), file(png("glioma", 1), "b.png")])
    page.wait_for_selector(".result")
    # The answer of the study, and nothing before it, is read out first.
    expect(page.locator("#study")).to_be_focused()
    tab_to(page, ".strip button")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".strip button").last).to_have_attribute("aria-pressed", "true")
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    expect(page.locator(".result details dl")).to_be_visible()

    page.evaluate("() => document.querySelector('.skip').focus()")
    tab_to(page, "#view-history")
    page.keyboard.press("Enter")
    expect(page.locator(".history li")).to_have_count(1)
    expect(page.locator("#view-history")).to_be_focused()
    tab_to(page, ".history .open")
    page.keyboard.press("Enter")
    expect(page.locator(".strip button")).to_have_count(2)

    page.evaluate("() => document.querySelector('.skip').focus()")
    tab_to(page, "#view-settings")
    page.keyboard.press("Enter")
    tab_to(page, "input[name=theme]")
    page.keyboard.press("ArrowDown")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.locator("#theme-light")).to_be_focused()


def test_another_language_changes_the_words_alone(page: Page) -> None:
    read(page, file(png("glioma", 3), "a.png"), file(png("glioma", 1), "b.png"))
    page.locator(".strip button").nth(1).click()
    page.wait_for_function("() => document.querySelector('canvas').width > 0")
    for summary in page.locator("summary").all():
        summary.click()
    for slider in page.locator("input[type=range]").all():
        slider.fill("31")
    page.locator("#note").fill("right frontal")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(100)
    before = page.evaluate(KEPT)
    assert before["focused"] == "note" and before["shown"] == "b.png"
    assert page.evaluate("() => window.scrollY") > 0
    headings = page.locator("h1, h2").all_inner_texts()

    page.evaluate(TO_INDONESIAN)
    page.wait_for_timeout(100)
    assert page.evaluate(KEPT) == before
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(page.locator("#language-id")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#language-en")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#view-history")).to_have_text(sentence("id", "app.history"))
    expect(page.get_by_text(sentence("id", "disclaimer"))).to_be_visible()
    assert not {*headings} & {*page.locator("h1, h2").all_inner_texts()}
    expect(page).to_have_title(f"{sentence('id', 'verdict.unsure')} · Otak")

    page.locator("#note").blur()
    expect(page.get_by_role("status")).to_contain_text(sentence("id", "app.saved"))


@pytest.mark.parametrize("view", ["history", "settings", "about"])
def test_another_language_on_every_view(page: Page, view: str) -> None:
    read(page, file(png(), "a.png"))
    page.click(f"#view-{view}")
    page.wait_for_selector(f"#view-{view}[aria-current]")
    page.reload()
    page.wait_for_selector(f"#view-{view}[aria-current]")
    page.evaluate(TO_INDONESIAN)
    spoken = page.locator("#app").inner_text()
    page.reload()
    page.wait_for_selector(f"#view-{view}[aria-current]")
    assert page.locator("#app").inner_text() == spoken, "as if it had been opened in that language"


SPOILT = {
    "is 20 x 20": (
        "#view-about",
        "flex: none; min-height: 0; width: 20px; height: 20px; padding: 0; font-size: 4px",
    ),
    "stands out by": ("textarea", "border-color: rgb(250, 250, 250)"),
    "has no name": (".brand", "display: none"),
    "does not show it": ("#note", "outline: none"),
    "the page is": ("textarea", "width: 400px"),
    "outside of what is seen": ("#note", "position: fixed; top: -100px"),
    "stands below it": ("#view-history", "position: relative; top: -200px; left: -200px"),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_what_is_out_of_reach_is_found(page: Page, fault: str) -> None:
    read(page, file(png(), "a.png"))
    selector, style = SPOILT[fault]
    spoil = "([selector, style]) => { document.querySelector(selector).style.cssText = style; }"
    page.evaluate(spoil, [selector, style])
    if fault == "has no name":
        page.evaluate("() => document.querySelector('main').append(new Image(50, 50))")
        page.evaluate("() => { document.querySelector('main > img').role = 'none'; }")
    with pytest.raises(AssertionError, match=fault):
        check_reach(page)
