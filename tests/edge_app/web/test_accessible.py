"""The page for everybody: its views hold to axe-core's rules, in both themes and languages."""

from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.edge_app.web.pages import AXE, check_accessible, file, png, read
from tests.servers import Served

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "id"])
def test_accessible_on_every_view(
    browser: Browser, served: Served, theme: Literal["light", "dark"], language: str
) -> None:
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, color_scheme=theme, locale=language, bypass_csp=True
    )
    page = context.new_page()
    page.goto(served.address)
    page.add_script_tag(path=AXE)

    check_accessible(page)
    read(page, file(png()), file(b"a letter"))
    check_accessible(page)
    for view in ("history", "settings"):
        page.click(f"#view-{view}")
        page.wait_for_selector(f"#view-{view}[aria-current]")
        check_accessible(page)
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
