"""Every sentence that a clinician reads, in English and in Bahasa Indonesia."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "id")


@cache
def sentences(language: str) -> dict[str, str]:
    """Returns all sentences of a language, by key."""
    path = Path(__file__).parent / f"{language}.json"
    texts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return texts


def sentence(language: str, key: str, **details: object) -> str:
    """Returns one sentence with its placeholders filled.

    Raises:
        KeyError: The language has no such sentence.
    """
    return sentences(language)[key].format(**details)
