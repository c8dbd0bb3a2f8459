"""Every sentence that a clinician reads, in English and in Bahasa Indonesia."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "id")


@cache
def sentences(language: str) -> dict[str, str]:
    """Returns all sentences of a language, by key.

    Those of ``device.en.json`` and its like are said by the server and the command line alone, so that no
    phone has to load them.
    """
    folder = Path(__file__).parent
    texts: dict[str, str] = {}
    for name in (f"{language}.json", f"device.{language}.json"):
        texts |= json.loads((folder / name).read_text(encoding="utf-8"))
    return texts


def sentence(language: str, key: str, **details: object) -> str:
    """Returns one sentence with its placeholders filled.

    Raises:
        KeyError: The language has no such sentence.
    """
    return sentences(language)[key].format(**details)
