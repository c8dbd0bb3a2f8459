"""Pictures of the page's screens, on drawn slices: ``python -m tests.screenshots OUT``.

Every view in both languages, both themes and on three sizes of screen, as ``VIEW-LANGUAGE-THEME-WIDTH.png``.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, get_args

from playwright.sync_api import Browser, Page, sync_playwright

from edge_app import Classifier
from edge_app.languages import LANGUAGES, sentence
from tests.edge_app.web.pages import file, png, read
from tests.servers import Served

Theme = Literal["light", "dark"]
SIZES = ((320, 640), (390, 844), (1280, 800))


def read_one(label: str, seed: int) -> Callable[[Page, str], None]:
    """Returns what reads one phantom."""
    return lambda page, language: read(page, file(png(label, seed), "slice.png"))


def read_several(page: Page, language: str) -> None:
    """Reads three phantoms and a file that is none."""
    slices = [file(png("glioma", seed), f"{seed}.png") for seed in (1, 2, 3)]
    read(page, *slices, file(b"a letter", "letter.txt"))


def open_view(name: str) -> Callable[[Page, str], None]:
    """Returns what opens a section, after a reading."""

    def opening(page: Page, language: str) -> None:
        read_several(page, language)
        page.click(f"#view-{name}")
        page.wait_for_selector(f"#view-{name}[aria-current]")

    return opening


def measure(page: Page, language: str) -> None:
    """Measures the machine that this runs on."""
    page.click("#view-about")
    page.get_by_role("button", name=sentence(language, "measure.button"), exact=True).click()
    page.wait_for_selector("#measure dl")


VIEWS: dict[str, Callable[[Page, str], None]] = {
    "first": lambda page, language: None,
    "answer": read_one("glioma", 3),
    "unsure": read_one("glioma", 1),
    "unsure-no-tumour": read_one("no_tumor", 7),
    "unreadable": lambda page, language: read(page, file(b"a letter", "letter.txt")),
    "case": read_several,
    "history": open_view("history"),
    "settings": open_view("settings"),
    "about": open_view("about"),
    "measured": measure,
}


def shoot(browser: Browser, address: str, out: Path, names: set[str]) -> Iterator[Path]:
    """Takes the pictures, whole pages.

    Args:
        browser: Any.
        address: Of the page.
        out: Folder for them; made where needed.
        names: Of ``VIEWS``.
    """
    for language in LANGUAGES:
        for theme in get_args(Theme):
            for width, height in SIZES:
                for name in VIEWS.keys() & names:
                    context = browser.new_context(
                        viewport={"width": width, "height": height}, color_scheme=theme, locale=language
                    )
                    page = context.new_page()
                    page.goto(address)
                    VIEWS[name](page, language)
                    # Without the line that fades.
                    page.evaluate("() => { document.querySelector('.status').hidden = true; }")
                    path = out / f"{name}-{language}-{theme}-{width}.png"
                    page.screenshot(path=path, full_page=True, animations="disabled")
                    context.close()
                    yield path


def main() -> None:
    """Serves the page and takes the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("out", type=Path, help="folder for the pictures")
    parser.add_argument("--views", nargs="+", choices=VIEWS, default=list(VIEWS), help="these alone")
    options = parser.parse_args()
    served = Served(Classifier.load())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for path in shoot(browser, served.address, options.out, set(options.views)):
            print(path)  # noqa: T201
        browser.close()
    served.close()


if __name__ == "__main__":
    main()
