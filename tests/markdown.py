"""What the texts hold that can be checked: blocks of commands, and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

FENCE = re.compile(r"^```(\S*)[ ]?([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
UNTESTED = "untested: "


@dataclass(frozen=True)
class Block:
    """A block between fences.

    Attributes:
        page: It stands there.
        line: Of its first fence, from 1.
        language: The first word of the fence.
        note: The rest of it; ``untested: REASON`` where no test runs it.
        text: The lines within.
    """

    page: Path
    line: int
    language: str
    note: str
    text: str

    @property
    def place(self) -> str:
        """Its page and line."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def tested(self) -> bool:
        """Whether a test runs it."""
        return not self.note.startswith(UNTESTED)


def pages() -> list[Path]:
    """Returns every text for people."""
    names = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
    return [*(ROOT / name for name in names), *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language: str) -> Iterator[Block]:
    """Yields every block of one language, page by page."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if match[1] == language:
                yield Block(page, text.count("\n", 0, match.start()) + 1, language, match[2], match[3])


def links(page: Path) -> list[str]:
    """Returns what a text links to, pictures too, without addresses of the web."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    found = (match[1] or match[2] for match in LINK.finditer(text))
    return [link for link in found if not link.startswith(("http://", "https://"))]


def anchors(page: Path) -> set[str]:
    """Returns what a page's headings are linked by."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text)}
