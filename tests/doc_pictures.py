"""The pictures of the texts, on drawn slices: ``python -m tests.doc_pictures`` writes ``docs/pictures``."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
import threading
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from edge_app import Classifier
from edge_app.lan.addresses import Names
from edge_app.lan.certificates import authority
from edge_app.lan.state import State
from edge_app.lan.trust import create_trust_app
from edge_app.languages import LANGUAGES
from edge_app.serve.http import Server
from tests.conftest import ROOT
from tests.edge_app.web.pages import file, png, read
from tests.servers import Served

OUT = ROOT / "docs" / "pictures"
COLOURS = 96  # are enough for text and grey slices, and halve the file
PHONE, LONG, DESK = (390, 760), (390, 1040), (1000, 620)
NAMES = Names(("otak.local",), (ip_address("192.168.4.1"),))
TRUST, OTAK = "http://192.168.4.1:8080/", ["https://otak.local:8443/", "https://192.168.4.1:8443/"]


def open_page(browser: Browser, address: str, language: str, size: tuple[int, int]) -> Page:
    """Opens an address in a browser that has never been there."""
    width, height = size
    page = browser.new_page(
        viewport={"width": width, "height": height}, locale=language, color_scheme="light", bypass_csp=True
    )
    page.goto(address)
    # Without the line that fades.
    page.add_style_tag(content="body > .status { display: none }")
    return page


def keep(page: Page, name: str) -> None:
    """Keeps what the page shows, in few colours, and closes it."""
    with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as image:
        few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(OUT / f"{name}.png", optimize=True)
    page.close()


def answer(browser: Browser, address: str, language: str, size: tuple[int, int]) -> Page:
    """Reads a drawn slice."""
    page = open_page(browser, address, language, size)
    read(page, file(png("glioma", 3), "slice.png"))
    return page


@contextlib.contextmanager
def running(app: Flask) -> Iterator[int]:
    """Serves an app; gives its port."""
    server = Server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.port
    server.stop()
    thread.join(10)


def shoot(browser: Browser, folder: Path) -> None:
    """Takes all of them.

    Args:
        browser: Any.
        folder: Where a device's secrets may be.
    """
    signer = authority(State(folder), "otak.local")[0]
    trust = create_trust_app(signer, lambda: OTAK, lambda: TRUST, lambda: NAMES)
    with Served(Classifier.load()) as served, running(trust) as port:
        keep(answer(browser, served.address, "en", DESK), "readme")
        for language in LANGUAGES:
            keep(open_page(browser, f"http://127.0.0.1:{port}/", language, PHONE), f"trust-{language}")
            first = open_page(browser, served.address, language, LONG)
            first.wait_for_selector(".examples button")
            keep(first, f"first-{language}")
            keep(answer(browser, served.address, language, PHONE), f"answer-{language}")


def main() -> None:
    """Takes the pictures."""
    OUT.mkdir(exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        shoot(browser, Path(folder) / "otak")
        browser.close()


if __name__ == "__main__":
    main()
