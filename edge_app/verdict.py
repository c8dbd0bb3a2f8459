"""From a model's numbers to a verdict, the same on every device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edge_app.bundle import Thresholds
from edge_app.quality import TURNED, Quality, notes

Verdict = Literal["answer", "unsure", "refused"]

NO_TUMOUR = "no_tumor"
# Beyond these limits lie two in a thousand slices of the training part, most with much text or a coloured
# mark, and nearly all sheets of slices, screens with text in their corners, and colour photographs.
MAX_COLOUR = 12
MAX_LINES = 7
MAX_BAR = 44
MIN_GUTTER = 32
MIN_HALVES = 27
MIN_ASPECT, MAX_ASPECT = 53, 160
LIMITS = {
    "colour": MAX_COLOUR,
    "gutter": MIN_GUTTER,
    "halves": MIN_HALVES,
    "narrowest": MIN_ASPECT,
    "widest": MAX_ASPECT,
    "bar": MAX_BAR,
    "lines": MAX_LINES,
}


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What is said of a slice.

    Attributes:
        verdict: ``answer``, ``unsure`` (a person should look first) or ``refused`` (no brain MRI).
        label: The most probable answer; None when refused.
        probabilities: By label; they sum to 1.
        in_distribution: How likely the picture is a slice of a brain MRI, 0 to 1; None where the model
            doesn't say.
        reasons: Short codes behind ``unsure`` or ``refused``, and notes on the picture's quality.
    """

    verdict: Verdict
    label: str | None
    probabilities: dict[str, float]
    in_distribution: float | None
    reasons: tuple[str, ...]

    @property
    def tumour(self) -> float:
        """How likely the slice shows a tumour of any type, 0 to 1."""
        return 1 - self.probabilities.get(NO_TUMOUR, 0.0)


def decide(
    probabilities: dict[str, float],
    in_distribution: float | None,
    quality: Quality,
    thresholds: Thresholds | None,
) -> tuple[Verdict, tuple[str, ...]]:
    """Decides whether an answer is given.

    Args:
        probabilities: By label, calibrated.
        in_distribution: How likely the picture is a slice of a brain MRI; None where the model doesn't say.
        quality: Of the picture.
        thresholds: The bundle's; None where it isn't calibrated, and then nothing is answered for sure.

    Returns:
        The verdict and short codes: what led to it, then the notes on the picture's quality.
    """
    if thresholds is None:
        return "unsure", ("uncalibrated", *notes(quality))
    if quality.lines > MAX_LINES or quality.bar > MAX_BAR:
        return "refused", ("screenshot",)
    if quality.colour > MAX_COLOUR:
        return "refused", ("colour",)
    if _several_slices(quality):
        return "refused", ("several_slices",)
    if in_distribution is not None and in_distribution < thresholds.refused:
        return "refused", ("no_brain_mri",)
    label = max(probabilities, key=probabilities.__getitem__)
    found = notes(quality)
    if label == NO_TUMOUR and probabilities[label] < thresholds.no_tumour:
        return "unsure", ("tumour_not_excluded", *found)
    if probabilities[label] < thresholds.unsure:
        return "unsure", ("low_confidence", *found)
    # Far more of the answers that slices on their side would get are wrong.
    return "unsure" if TURNED in found else "answer", found


def _several_slices(quality: Quality) -> bool:
    return (
        quality.gutter < MIN_GUTTER
        or quality.halves < MIN_HALVES
        or not MIN_ASPECT <= quality.aspect <= MAX_ASPECT
    )
