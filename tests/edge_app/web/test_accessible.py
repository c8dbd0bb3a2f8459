"""The page for everybody: its views are within reach, in both themes and languages."""

from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.edge_app.web.pages import check_reach, file, png, read
from tests.servers import Served

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "id"])
def test_every_view_is_within_reach(
    browser: Browser, served: Served, theme: Literal["light", "dark"], language: str
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, color_scheme=theme, locale=language)
    page = context.new_page()
    page.goto(served.address)

    check_reach(page)
    read(page, file(png()), file(b"a letter"))
    check_reach(page)
    for view in ("history", "settings"):
        page.click(f"#view-{view}")
        page.wait_for_selector(f"#view-{view}[aria-current]")
        check_reach(page)
    context.close()


@pytest.mark.parametrize("locale", ["en", "id"])
def test_without_javascript_it_says_so(browser: Browser, served: Served, locale: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale=locale)
    page = context.new_page()
    page.goto(served.address)
    text = page.locator("noscript").inner_text()
    assert "This page needs JavaScript" in text
    assert "Halaman ini memerlukan JavaScript" in text
    context.close()
