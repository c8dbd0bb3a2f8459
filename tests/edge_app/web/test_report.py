"""The report of a case: one page of A4, printed, or shared as a PDF or a picture."""

import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from edge_app.languages import sentence
from tests.edge_app.web.pages import file, png, read
from tests.servers import Served

pytestmark = pytest.mark.browser

# What a browser on a phone offers; files are noted, as a share sheet takes them.
SHARE = """() => {
    window.shared = [];
    navigator.canShare = ({ files }) => files.length === 1;
    navigator.share = async ({ files: [file] }) => {
        const bytes = new Uint8Array(await file.arrayBuffer());
        window.shared.push([file.name, file.type, String.fromCharCode(...bytes.slice(0, 4))]);
    };
}"""

NOTE = "Headache for three weeks,\nworse in the morning"


def write(page: Page) -> None:
    """Names the clinic and writes about the case that is shown."""
    page.click("#view-settings")
    page.fill("#clinic", "Puskesmas Kupang")
    page.go_back()
    page.fill("#code", "P7")
    page.fill("#note", NOTE)


def printed(page: Page, path: Path) -> tuple[str, str]:
    """Prints the page and returns what poppler says of it, and its text."""
    for tool in ("pdfinfo", "pdftotext"):
        if not shutil.which(tool):
            pytest.skip(f"no {tool}; install the package poppler-utils")
    page.pdf(path=path, prefer_css_page_size=True)
    info = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    layout = ["pdftotext", "-layout", str(path), "-"]
    return info, subprocess.run(layout, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("language", ["en", "id"])
def test_one_slice_is_printed_on_one_page(page: Page, served: Served, tmp_path: Path, language: str) -> None:
    page.click(f"#language-{language}")
    read(page, file(png(), "Budi.png"))
    write(page)
    info, text = printed(page, tmp_path / "report.pdf")
    assert re.search(r"^Pages: +1$", info, re.MULTILINE)
    assert "(A4)" in info
    headline = page.get_by_role("heading", level=1).inner_text()
    for expected in (
        "Puskesmas Kupang",
        "P7",
        headline,
        *NOTE.split("\n"),
        served.classifier.file.sha256[:12],
    ):
        assert expected in text
    for key in ("report.title", "report.signature", "report.signed"):
        assert sentence(language, key) in text
    assert " ".join(text.split()).count(sentence(language, "disclaimer")) == 1
    assert "Budi" not in text
    for control in ("app.print", "report.share.pdf", "app.take"):
        assert sentence(language, control) not in text


def test_the_slice_is_printed_with_and_without_heat(page: Page, tmp_path: Path) -> None:
    read(page, file(png(), "a.png"))
    printed(page, tmp_path / "report.pdf")
    subprocess.run(
        ["pdftoppm", "-r", "50", "-png", "-singlefile", tmp_path / "report.pdf", tmp_path / "report"],
        check=True,
    )
    with Image.open(tmp_path / "report.png") as sheet:
        left, right = (
            sheet.convert("HSV").crop(
                (half * sheet.width // 2, 0, (half + 1) * sheet.width // 2, sheet.height)
            )
            for half in (0, 1)
        )

    def coloured(half: Image.Image) -> int:
        return sum(half.getchannel("S").histogram()[128:])

    assert coloured(left) < 50 < coloured(right)


def test_a_study_is_a_table_with_the_most_suspicious_slice_first(page: Page, tmp_path: Path) -> None:
    labels = ["no_tumor", "glioma", "meningioma", "pituitary"]
    files = [file(png(labels[place % 4], place + 1), f"{place}.png") for place in range(12)]
    read(page, *files)
    expect(page.locator(".strip button")).to_have_count(12)
    page.fill("#note", "line\n" * 40)
    info, text = printed(page, tmp_path / "report.pdf")
    assert re.search(r"^Pages: +1$", info, re.MULTILINE)
    assert page.locator("#study").inner_text() in " ".join(text.split())
    rows = re.findall(r"^ *Slice (\d+) .*?([<>]?)(\d+)%$", text, re.MULTILINE)
    assert len(rows) == 5
    assert [int(percent) for _, _, percent in rows] == sorted(
        (int(percent) for _, _, percent in rows), reverse=True
    )
    assert sentence("en", "study.more", count=7) in text
    assert sentence("en", "report.note.cut") in text
    assert sentence("en", "disclaimer") in " ".join(text.split())


def test_where_the_browser_can_t_share_the_report_is_saved(page: Page, tmp_path: Path) -> None:
    page.evaluate("() => { delete Navigator.prototype.canShare; }")
    read(page, file(png(), "Budi.png"))
    page.fill("#code", "P7")
    with page.expect_download() as download:
        page.get_by_role("button", name=sentence("en", "report.share.png")).click()
    assert re.fullmatch(r"otak-[\d-]+\.png", download.value.suggested_filename)
    with Image.open(io.BytesIO(download.value.path().read_bytes())) as picture:
        assert picture.size == (1654, 2339)
        assert picture.convert("L").getextrema() == (0, 255)
    with page.expect_download() as download:
        page.get_by_role("button", name=sentence("en", "report.share.pdf")).click()
    assert re.fullmatch(r"otak-[\d-]+\.pdf", download.value.suggested_filename)
    if shutil.which("pdftoppm"):
        # Poppler warns of whatever isn't as it should be.
        done = subprocess.run(
            ["pdftoppm", "-r", "50", "-png", "-singlefile", download.value.path(), tmp_path / "shared"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        with Image.open(tmp_path / "shared.png") as sheet:
            assert sheet.size == (414, 585)


def test_where_it_can_the_report_goes_to_the_share_sheet(context: BrowserContext, served: Served) -> None:
    page = context.new_page()
    page.add_init_script(f"({SHARE})()")
    page.goto(served.address)
    read(page, file(png(), "a.png"))
    for place, (kind, mime, magic) in enumerate(
        [("pdf", "application/pdf", "%PDF"), ("png", "image/png", "\x89PNG")]
    ):
        page.get_by_role("button", name=sentence("en", f"report.share.{kind}")).click()
        page.wait_for_function(f"() => window.shared.length === {place + 1}")
        name, *rest = page.evaluate("() => window.shared.at(-1)")
        assert name.endswith(f".{kind}")
        assert rest == [mime, magic]


def test_a_report_from_the_history_says_the_same(page: Page, tmp_path: Path) -> None:
    read(page, file(png(), "a.png"))
    page.fill("#note", "as it was")
    _, before = printed(page, tmp_path / "before.pdf")
    page.click("#view-history")
    page.locator(".history .open").click()
    page.locator(".result").wait_for()
    _, after = printed(page, tmp_path / "after.pdf")
    assert after == before
