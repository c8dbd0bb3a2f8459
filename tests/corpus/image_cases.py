"""JPEG, PNG, WebP and BMP files, right and wrong."""

from __future__ import annotations

from tests.corpus.case import Case
from tests.corpus.image_jpeg import broken_jpegs, jpegs
from tests.corpus.image_others import bmps, others, turned, webps
from tests.corpus.image_png import broken_pngs, deep_pngs, pngs

GROUPS = (pngs, deep_pngs, broken_pngs, jpegs, broken_jpegs, webps, bmps, turned, others)


def cases() -> list[Case]:
    """Returns the files."""
    return [case for group in GROUPS for case in group()]
