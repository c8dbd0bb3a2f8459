"""Makes ``golden.json``: what the preprocessing gives for pictures that anyone can generate again.

And ``golden_studies.json``: what is said of studies.

Every implementation of the preprocessing must give these very bits, the page's in TypeScript too. Run
``python -m tests.edge_app.make_golden`` only when the preprocessing is meant to change; every model made
before is then worth less.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, astuple
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_app.bundle import StudyRule, Thresholds
from edge_app.classifier import lay_out
from edge_app.errors import UnreadableImage
from edge_app.image import decode
from edge_app.preprocessing import InputSpec, preprocess
from edge_app.quality import Quality, measure
from edge_app.study import StudySlice, study_of
from edge_app.verdict import Decision, Verdict, decide

GOLDEN = Path(__file__).parent / "golden.json"
GOLDEN_STUDIES = Path(__file__).parent / "golden_studies.json"

SPECS = {
    "plain": InputSpec(size=32, channels=3, crop="none", contrast="none"),
    "content": InputSpec(size=32, channels=1, crop="content", contrast="none"),
    "full": InputSpec(size=48, channels=1, crop="content", contrast="stretch"),
}


def pictures() -> dict[str, NDArray[np.uint8]]:
    """Draws the pictures from integers alone, uint8 (H, W) or (H, W, 3)."""
    return {
        "pattern": _pattern(101, 83),
        "colour": np.stack([_pattern(64, 90), _pattern(64, 90) // 2, 255 - _pattern(64, 90)], axis=2),
        "off_centre": _framed(_pattern(60, 47), (120, 160), (11, 90)),
        "dim": _framed(_pattern(70, 70) // 6, (90, 90), (13, 6)),
        "small": _pattern(32, 33),
        "wide": _pattern(32, 640),
        "tall": _pattern(500, 40),
        "black": np.zeros((50, 60), np.uint8),
        "grey": np.full((40, 40), 77, np.uint8),
        "hazy": np.stack(
            [30 + _pattern(60, 70) // 2, 20 + _pattern(60, 70) // 4, 60 + _pattern(60, 70) // 3], 2
        ),
        "two_up": _framed(_pattern(60, 47), (90, 160), (11, 20))
        + _framed(_pattern(60, 47), (90, 160), (11, 93)),
        "letters": _letters(400, 1100),
    }


# How large a heatmap lies over which box of a picture of which size, and at which size that is shown.
FRAMES = {
    "inside": (8, (10, 5, 30, 25), (45, 35), (45, 35)),
    "beyond": (8, (-13, -5, 42, 50), (45, 35), (45, 35)),
    "small": (12, (5, 5, 14, 14), (45, 35), (45, 35)),
    "enlarged": (8, (10, 5, 30, 25), (45, 35), (100, 50)),
    "halved": (8, (-13, 5, 31, 25), (44, 34), (22, 17)),  # four edges that fall between two pixels
}

LABELS = ("glioma", "meningioma", "no_tumor", "pituitary")
# At the limits, beyond the notes', coloured, with a gutter, repeated, wide, tall, with text, with a bar.
QUALITIES = (
    Quality(12, 128, 89, 70, 40, 32, 27, 53, 110, 44, 7),
    Quality(0, 127, 90, 69, 41, 100, 90, 160, 111, 0, 0),
    Quality(0, 400, 10, 150, 0, 100, 90, 105, 111, 0, 0),
    Quality(13, 400, 10, 150, 0, 31, 90, 80, 90, 0, 0),
    Quality(0, 400, 10, 150, 0, 31, 90, 80, 90, 0, 0),
    Quality(0, 400, 10, 150, 0, 100, 26, 80, 90, 0, 0),
    Quality(0, 400, 10, 150, 0, 100, 90, 161, 90, 0, 0),
    Quality(0, 400, 10, 150, 0, 100, 90, 52, 90, 0, 0),
    Quality(13, 400, 10, 150, 0, 31, 90, 80, 90, 0, 8),
    Quality(13, 400, 10, 150, 0, 31, 90, 80, 90, 45, 0),
)
THRESHOLDS = (
    None,
    Thresholds(unsure=0.8, no_tumour=0.9, refused=0.5),
    Thresholds(unsure=0.8, no_tumour=0.8, refused=0.0),
)


def frames() -> dict[str, NDArray[np.float32]]:
    """Lays a heatmap over each box; float32 (height, width) by name."""
    return {
        name: lay_out(np.divide(_pattern(side, side), 255, dtype=np.float32), box, picture, shown)
        for name, (side, box, picture, shown) in FRAMES.items()
    }


def vectors() -> dict[str, NDArray[np.generic]]:
    """Preprocesses every picture in every way; the input, the box it shows and the quality, by name."""
    results: dict[str, NDArray[np.generic]] = {}
    for picture, array in pictures().items():
        for kind, spec in SPECS.items():
            pixels, box = preprocess(decode(array), spec)
            results[f"{picture}-{kind}"] = pixels
            results[f"{picture}-{kind}-box"] = np.array(box, np.int32)
            quality = measure(decode(array), pixels, box)
            results[f"{picture}-{kind}-quality"] = np.array(astuple(quality), np.int32)
    return results


def verdicts() -> list[dict[str, Any]]:
    """Decides on every mixture of sure and unsure answers, brains and none, good and poor pictures."""
    results = []
    for label, probability, in_distribution, quality, thresholds in product(
        ("glioma", "no_tumor"), (0.5, 0.8, 0.95), (None, 0.4, 0.6), QUALITIES, THRESHOLDS
    ):
        probabilities = dict.fromkeys(LABELS, (1 - probability) / 3)
        probabilities[label] = probability
        verdict, reasons = decide(probabilities, in_distribution, quality, thresholds)
        results.append(
            {
                "probabilities": probabilities,
                "in_distribution": in_distribution,
                "quality": asdict(quality),
                "thresholds": None if thresholds is None else asdict(thresholds),
                "verdict": verdict,
                "reasons": list(reasons),
            }
        )
    return results


# By letter: what is said of a slice, how likely it shows a tumour, and its label; "x" can't be read.
SLICES: dict[str, tuple[Verdict, float, str | None]] = {
    "G": ("answer", 0.99, "glioma"),
    "g": ("answer", 0.85, "glioma"),
    "u": ("unsure", 0.9, "glioma"),
    "v": ("unsure", 0.6, "glioma"),
    "n": ("unsure", 0.4, "no_tumor"),
    "N": ("answer", 0.02, "no_tumor"),
    "r": ("refused", 1.0, None),
}
STUDIES = (
    "",
    "x",
    "r",
    "xr",
    "N",
    "g",
    "G",
    "v",
    "NGNN",
    "NGNNN",
    "NGuNN",
    "NxgNrNN",
    "nvugGGr",
    "NNrGxNN",
    "vvvvv",
)
RULES = (
    None,
    StudyRule(rank=1, threshold=0.6),
    StudyRule(rank=2, threshold=0.9),
    StudyRule(rank=5, threshold=0.0),
)


def studies() -> list[dict[str, Any]]:
    """Judges studies of few and many slices, some refused or unreadable, by rules and by none."""
    results = []
    for letters, rule in product(STUDIES, RULES):
        slices = [_slice(letter, str(place)) for place, letter in enumerate(letters)]
        study = study_of(slices, rule)
        results.append(
            {
                "slices": [None if each.decision is None else _said(each.decision) for each in slices],
                "rule": None if rule is None else asdict(rule),
                "suspicious": study.suspicious,
                "score": study.score,
                "counts": asdict(study.counts),
                "order": [int(each.name) for each in study.slices],
            }
        )
    return results


def _slice(letter: str, name: str) -> StudySlice:
    if letter not in SLICES:
        error = UnreadableImage("empty", name=name)
        return StudySlice(name=name, frame=None, decision=None, error=error)
    return study_slice(*SLICES[letter], name)


def study_slice(verdict: Verdict, tumour: float, label: str | None, name: str) -> StudySlice:
    """Returns a slice that was read, with so much tumour in it."""
    decision = Decision(
        verdict=verdict,
        label=label,
        probabilities={"glioma": tumour, "no_tumor": 1 - tumour},
        in_distribution=None,
        reasons=(),
    )
    return StudySlice(name=name, frame=None, decision=decision, error=None)


def _said(decision: Decision) -> dict[str, Any]:
    return {
        "verdict": decision.verdict,
        "label": decision.label,
        "probabilities": decision.probabilities,
    }


def _pattern(height: int, width: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[:height, :width]
    pattern: NDArray[np.uint8] = ((x * x + 3 * y * y + x * y) // 64 % 256).astype(np.uint8)
    return pattern


def _letters(height: int, width: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[:height, :width]
    return np.where((y % 40 < 12) & (x % 9 < 4) & (x % 600 < 300), 200, 12).astype(np.uint8)


def _framed(picture: NDArray[np.uint8], size: tuple[int, int], at: tuple[int, int]) -> NDArray[np.uint8]:
    frame = np.zeros(size, np.uint8)
    frame[at[0] : at[0] + picture.shape[0], at[1] : at[1] + picture.shape[1]] = picture
    return frame


def encode(arrays: dict[str, NDArray[np.generic]]) -> dict[str, str]:
    """Returns the base64 of arrays' little-endian bytes, by name."""
    return {name: base64.b64encode(array.tobytes()).decode() for name, array in arrays.items()}


def golden() -> str:
    """Returns the whole of ``golden.json``."""
    arrays = vectors()
    arrays.update({f"frame-{name}": frame for name, frame in frames().items()})
    return json.dumps({"arrays": encode(arrays), "verdicts": verdicts()}, indent=0) + "\n"


def golden_studies() -> str:
    """Returns the whole of ``golden_studies.json``, a study a line."""
    return "[\n" + ",\n".join(map(json.dumps, studies())) + "\n]\n"


if __name__ == "__main__":
    GOLDEN.write_text(golden())
    GOLDEN_STUDIES.write_text(golden_studies())
