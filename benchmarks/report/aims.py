"""What the net that ships is to reach, set before it was trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "points", "error", "kB", "ratio"]


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What one figure is to reach.

    Attributes:
        figure: In the words of the table.
        bound: What it is to reach or, where ``at_most``, not to pass; in its unit, shares from 0 to 1.
        at_most: Whether lower is better.
        unit: A share and points are written in %.
    """

    figure: str
    bound: float
    at_most: bool = False
    unit: Unit = "share"

    def shortfall(self, value: float) -> float:
        """Returns how far a value is from the aim, negative where it is reached; for kB, as a share of it."""
        missing = value - self.bound if self.at_most else self.bound - value
        return missing / self.bound if self.unit == "kB" else missing

    @property
    def text(self) -> str:
        """The aim in words."""
        sign = "≤" if self.at_most else "≥"
        if self.unit in ("share", "points"):
            return f"{sign} {100 * self.bound:g}"
        return f"{sign} {self.bound:g}"


AIMS: Mapping[str, Aim] = {
    "classic right": Aim(figure="`classic`: right", bound=0.93),
    "classic at 95%": Aim(figure="`classic`: found at 95% specificity", bound=0.98),
    "mixed at 95%": Aim(figure="`mixed`: found at 95% specificity", bound=0.95),
    "lgg_tcga found": Aim(figure="`wide/lgg_tcga`: found", bound=0.88),
    "lgg_tcga cleared": Aim(figure="`wide/lgg_tcga`: cleared", bound=0.90),
    "nichart cleared": Aim(figure="`wide/nichart`: cleared", bound=0.95),
    "open_ms cleared": Aim(figure="`wide/open_ms`: cleared", bound=0.95),
    "worst cell": Aim(figure="worst cell, sequence by tumour or not", bound=0.80),
    "T2 with tumour": Aim(figure="T2 with tumour: found", bound=0.80),
    "classic wrong": Aim(figure="`classic`: wrong among answers", bound=0.02, at_most=True),
    "wide wrong": Aim(figure="`wide`: wrong among answers", bound=0.03, at_most=True),
    "classic answered": Aim(figure="`classic`: answered", bound=0.85),
    "wide answered": Aim(figure="`wide`: answered", bound=0.60),
    "missed": Aim(figure="tumour answered *no tumour*, worst part", bound=0.005, at_most=True),
    "calibration": Aim(figure="ECE above its noise floor", bound=0.02, at_most=True, unit="error"),
    "others refused": Aim(figure="out of distribution: refused", bound=0.95),
    "others answered": Aim(figure="out of distribution: answered", bound=0.01, at_most=True),
    "brain refused": Aim(figure="brain slices refused, worst part", bound=0.01, at_most=True),
    "monitor answered": Aim(figure="photographed monitor: answered", bound=0.50),
    "monitor wrong": Aim(figure="photographed monitor: wrong among answers", bound=0.03, at_most=True),
    "monitor missed": Aim(
        figure="photographed monitor: tumour answered *no tumour*", bound=0.005, at_most=True
    ),
    "rival classic": Aim(figure="against tuned MobileNetV2: `classic`", bound=0.0, unit="points"),
    "rival cells": Aim(figure="against tuned MobileNetV2: mean of the cells", bound=0.0, unit="points"),
    "paper right": Aim(figure="protocol `paper`: right", bound=0.95),
    "official new": Aim(figure="protocol `official`, new pictures: right", bound=0.70),
    "pointing": Aim(figure="pointing game", bound=0.86),
    "size": Aim(figure="size, kB", bound=500, at_most=True, unit="kB"),
    "speed": Aim(figure="latency ratio to MobileNetV2@224 int8", bound=0.25, at_most=True, unit="ratio"),
}
