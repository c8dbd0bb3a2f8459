from __future__ import annotations

import hashlib

import numpy as np
import pytest

from edge_app.phantom import COUNT, SIDE, phantom


def test_every_machine_draws_the_same() -> None:
    pixels = b"".join(phantom(number).tobytes() for number in range(COUNT))
    assert (
        hashlib.sha256(pixels).hexdigest()
        == "b6a5f2dca111250269a516f1ce73e9a5b84af814ec7b1c202ca87a848df1ad3f"
    )


@pytest.mark.parametrize("number", range(COUNT))
def test_a_head_in_the_dark(number: int) -> None:
    levels = phantom(number)
    assert levels.shape == (SIDE, SIDE) and levels.dtype == np.uint8
    assert levels[0].max() < 10 and 180 < levels.max() < 255
