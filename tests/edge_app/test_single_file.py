from __future__ import annotations

import re
from pathlib import Path

import pytest

from edge_app import delivery
from edge_app.bundle import Bundle
from edge_app.classifier import SHIPPED
from edge_app.errors import OtakError
from edge_app.single_file import single_file


@pytest.fixture(scope="module")
def html() -> str:
    return single_file(Bundle.load(SHIPPED))


def test_it_is_small(html: str) -> None:
    assert len(html.encode()) <= 5_000_000


def test_it_asks_for_nothing(html: str) -> None:
    head = html[: html.index("</head>")]
    assert "default-src 'none'" in head
    assert not re.search(r'(src|href)="', re.sub("<style>.*</style>", "", head, flags=re.DOTALL))


def test_it_carries_the_licences_of_what_it_contains(html: str) -> None:
    licences = (delivery.PAGE / "THIRD_PARTY.txt").read_text(encoding="utf-8")
    before, comment, after = html.partition(licences)
    assert comment
    # A browser shows none of it, and all of the page.
    assert before.endswith("<!--\n")
    assert after.startswith("\n-->")
    assert "-->" not in licences


def test_without_javascript_it_says_so(html: str) -> None:
    assert re.search(r"<noscript>.*JavaScript.*JavaScript.*</noscript>", html, flags=re.DOTALL)


def test_without_a_build_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(delivery, "PAGE", tmp_path)
    with pytest.raises(OtakError, match="not built"):
        single_file(Bundle.load(SHIPPED))
