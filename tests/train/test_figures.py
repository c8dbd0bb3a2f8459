from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.mark.parametrize("name", ["accuracy", "loss", "confusion", "roc", "reliability", "mistakes"])
def test_a_run_has_its_figures(finished: Path, name: str) -> None:
    with Image.open(finished / "figures" / f"{name}.png") as figure:
        assert figure.width > 500
        assert np.asarray(figure.convert("L")).std() > 5
