"""The head that files of the corpus show, and short names for what they say of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tests.corpus import dicom_files as d
from tests.corpus.case import Case
from tests.corpus.dicom_files import Element, Slice
from tests.phantoms import phantom

Grey = NDArray[np.uint8]
SIDE = 96


@cache
def head() -> Grey:
    """A head whose levels are 0 to 255."""
    levels = np.asarray(phantom("glioma", 1, size=SIDE)).astype(int)
    levels -= levels.min()
    scaled: Grey = (levels * 255 // levels.max()).astype(np.uint8)
    return scaled


def wide_head(factor: int = 16) -> NDArray[np.uint16]:
    """Returns the head in 16 bits, its levels multiplied."""
    return head().astype(np.uint16) * np.uint16(factor)


def mr(*elements: Element, factor: int = 16) -> Slice:
    """Returns a file of the head in 16 bits."""
    return Slice(wide_head(factor), elements)


def us(tag: d.Tag, *values: int) -> Element:
    """Returns an element of whole numbers."""
    return Element(tag, b"US", values)


def ds(tag: d.Tag, text: str) -> Element:
    """Returns an element of a text that holds numbers."""
    return Element(tag, b"DS", text)


def sq(tag: d.Tag, *items: Sequence[Element], endless: bool = False) -> Element:
    """Returns an element of items."""
    return Element(tag, b"SQ", [list(item) for item in items], endless)


def shows(levels: Grey | None = None, **files: Slice) -> list[Case]:
    """Returns files that show some levels, or the head."""
    shown = head() if levels is None else levels
    return [case_of(name, file, levels=shown) for name, file in files.items()]


def fails(error: str, **files: Slice) -> list[Case]:
    """Returns files that have an error."""
    return [case_of(name, file, error=error) for name, file in files.items()]


def case_of(name: str, file: Slice, levels: Grey | None = None, error: str | None = None) -> Case:
    """Returns the case of a file."""
    return Case(name=f"dicom-{name}.dcm", data=file.bytes(), levels=levels, error=error)


def lay(values: NDArray[np.generic], low: float, high: float) -> Grey:
    """A straight line from black at one value to white at another."""
    return to_levels((values.astype(float) - low) / (high - low))


def to_levels(shares: NDArray[np.float64]) -> Grey:
    """Brings shares of white to levels, as every window does."""
    levels: Grey = np.floor(shares.clip(0, 1) * 255 + 0.5).astype(np.uint8)
    return levels


def windowed(centre: str, width: str, *elements: Element, factor: int = 16) -> Slice:
    """Returns a file of the head with a window."""
    return mr(ds(d.CENTRE, centre), ds(d.WIDTH, width), *elements, factor=factor)
