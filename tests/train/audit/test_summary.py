from __future__ import annotations

from train.audit.figures import Figures
from train.audit.summary import markdown


def test_the_summary_is_markdown(figures: Figures) -> None:
    text = markdown(figures)
    assert "5 of 87 pictures are near-identical" in text and "| Glioma | 7 | 3 | 4 |" in text
    assert "| All | 20 | 4 | 16 |" in text and "| `official`, new | 16 |" in text
