from __future__ import annotations

import html
import re
from pathlib import Path

from tests.phantoms import phantom
from train.__main__ import main


def test_the_page_stands_alone(audited: Path) -> None:
    page = (audited / "audit.html").read_text()
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")
    assert set(re.findall(r'(?:src|href)="([a-z/+]+:?[a-z/+]*)', page)) == {
        "data:image/png",
        "data:image/svg+xml",
    }
    assert page.count("<img ") == page.count(' alt="')
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    assert "4 of the 20 pictures of Testing are copies of Training" in text
    assert "contradicts.jpg" in text and "margin.jpg" in text and "broken.jpg" in text
    assert "official, copies only 4 pictures" in re.sub(r"\s+", " ", text)


def test_names_are_no_markup(tmp_path: Path) -> None:
    for label in ("glioma", "pituitary"):
        (tmp_path / "data" / label).mkdir(parents=True)
        phantom("glioma", seed=1).save(tmp_path / "data" / label / "<b onclick=x>&.png")
    assert main(["audit", str(tmp_path / "data"), "--out", str(tmp_path / "out")]) == 0
    assert "<b onclick" not in (tmp_path / "out" / "audit.html").read_text()
