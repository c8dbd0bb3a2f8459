"""A step's command for tests: joins files into one, or fails."""

from __future__ import annotations

import sys
from pathlib import Path


def main(out: str, text: str, *sources: str) -> int:
    """Writes a text and the contents of files, and counts the calls beside it."""
    if text == "fail":
        return 3
    if text == "interrupt":
        return 130
    path = Path(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".calls").open("a", encoding="utf-8") as calls:
        calls.write("x")
    if text != "nothing":
        path.write_text(text + "".join(Path(source).read_text() for source in sources), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
