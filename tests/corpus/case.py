"""One file of the corpus, and what is right for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Case:
    """A file and what both readers must make of it.

    Attributes:
        name: Of the file, with its ending; unique in the corpus.
        data: Its bytes.
        levels: uint8 (H, W), the grey levels it shows once decoded; None where they are not pinned, and only
            the two readers must agree, or where it can't be read.
        error: The code of the error that it must give; None where it must be read.
    """

    name: str
    data: bytes
    levels: NDArray[np.uint8] | None = None
    error: str | None = None
