"""The page that a person reads: one file, figures and pictures inside, no JavaScript."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from matplotlib import pyplot as plt
from PIL import Image

from edge_app import image
from evaluation.labels import NAMES, UNTYPED
from train.audit.copies import THRESHOLD
from train.audit.figures import Baseline, Figures
from train.audit.findings import Audit
from train.audit.summary import TITLES

mpl.use("Agg")

THUMBNAIL = 192  # pixels, on the contact sheets
CLUSTERS, MEMBERS = 12, 10  # of contradicting pictures that are shown
PAIRS = 3  # copies across the parts that are shown of each class
CALLS = 6  # close calls that are shown on each side of the threshold
STYLE: dict[Any, Any] = {
    "font.size": 11,
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "figure.constrained_layout.use": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#8fa5ad",
    "text.color": "#15252b",
    "axes.labelcolor": "#4d6169",
    "xtick.color": "#4d6169",
    "ytick.color": "#4d6169",
}


@dataclass(frozen=True)
class Shown:
    """A picture on a contact sheet.

    Attributes:
        url: A ``data:`` URL.
        path: Of the slice.
        label: Its class's name.
        title: Its class, for people.
    """

    url: str
    path: str
    label: str
    title: str


@dataclass(frozen=True)
class Sheet:
    """Pictures that belong together.

    Attributes:
        title: What they are.
        pictures: Some or all of them.
        more: How many are not shown.
    """

    title: str
    pictures: list[Shown]
    more: int = 0


@dataclass(frozen=True)
class Bar:
    """What memory scores by a protocol, with an interval that is never unknown."""

    protocol: str
    part: str
    slices: int
    value: float
    low: float
    high: float


def render(found: Audit, figures: Figures, root: Path) -> str:
    """Lays an audit out.

    Args:
        found: The audit.
        figures: Its summary.
        root: What the slices' paths are relative to.

    Returns:
        HTML, self-contained.
    """
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    above, below = close_calls(found)
    return environment.get_template("html_report.html").render(
        figures=figures,
        titles=TITLES,
        histogram=histogram(figures),
        conflicts=[_cluster(found, root, cluster) for cluster in contradicting(found)[:CLUSTERS]],
        hidden_conflicts=max(0, len(contradicting(found)) - CLUSTERS),
        copies=[
            (name, [_pair(found, root, pair) for pair in pairs])
            for name, pairs in copies_by_class(found).items()
        ],
        above=[_pair(found, root, pair) for pair in above],
        below=[_pair(found, root, pair) for pair in below],
        baselines=[_bar(baseline) for baseline in figures.baselines],
    )


def contradicting(found: Audit) -> list[int]:
    """Returns the clusters that hold contradicting labels, the largest first."""
    numbers, counts = np.unique(found.clusters[found.contradicted], return_counts=True)
    return [int(numbers[i]) for i in np.argsort(-counts, kind="stable")]


def copies_by_class(found: Audit) -> dict[str, list[tuple[int, int, float]]]:
    """Picks copies across the parts: for each class from the least to the most alike.

    Returns:
        For each class with copies, triples of the picture of Training, that of Testing, and their likeness.
    """
    closest: dict[int, tuple[int, int, float]] = {}
    parts = [slice_.share for slice_ in found.pictures.slices]
    for (i, j), alike in zip(found.matches.pairs.tolist(), found.matches.alike.tolist(), strict=True):
        if alike < THRESHOLD or {parts[i], parts[j]} != {"Training", "Testing"}:
            continue
        trained, tested = (i, j) if parts[i] == "Training" else (j, i)
        if tested not in closest or alike > closest[tested][2]:
            closest[tested] = (trained, tested, alike)
    picked = {}
    for name in (*NAMES, UNTYPED):
        own = [pair for pair in closest.values() if found.pictures.slices[pair[1]].label == name]
        own.sort(key=lambda pair: (pair[2], pair))
        if own:
            places = np.linspace(0, len(own) - 1, min(PAIRS, len(own))).round().astype(int)
            picked[name] = [own[place] for place in places]
    return picked


def close_calls(found: Audit) -> tuple[list[tuple[int, int, float]], list[tuple[int, int, float]]]:
    """Picks the pairs just above the threshold and those just below, no picture twice."""
    matches = found.matches
    order = np.argsort(matches.alike, kind="stable")
    rising = [(*matches.pairs[k].tolist(), float(matches.alike[k])) for k in order]
    above = _distinct(pair for pair in rising if pair[2] >= THRESHOLD)
    apart = (pair for pair in reversed(rising) if found.clusters[pair[0]] != found.clusters[pair[1]])
    return above, _distinct(apart)


def histogram(figures: Figures) -> str:
    """Draws how alike each picture is to the one most like it; returns a ``data:`` URL."""
    near = figures.near
    edges, counts = near.histogram.edges, near.histogram.counts
    colours = ["#a3261f" if edge >= near.threshold - 1e-6 else "#8fa5ad" for edge in edges[:-1]]
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(4.6, 2.8))
        axes.bar(edges[:-1], counts, width=np.diff(edges) * 0.9, align="edge", color=colours)
        axes.axvline(near.threshold, color="#15252b", linewidth=1, linestyle=(0, (4, 3)))
        axes.set_yscale("symlog", linthresh=1)
        axes.set_ylim(0)
        axes.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
        axes.minorticks_off()
        axes.set_xticks([0.8, 0.85, 0.9, 0.95, 1.0], ["≤ 0.80", "0.85", "0.90", "0.95", "1.00"])
        axes.set(xlabel="Correlation with the most similar picture", ylabel="Pictures")
        axes.annotate(
            f"near-identical\nfrom {near.threshold}",
            (near.threshold, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-6, -2),
            textcoords="offset points",
            ha="right",
            va="top",
        )
        file = io.BytesIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
        plt.close(figure)
    return _url(file.getvalue(), "image/svg+xml")


def _distinct(pairs: Iterable[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    seen: set[int] = set()
    picked: list[tuple[int, int, float]] = []
    for pair in pairs:
        if len(picked) < CALLS and seen.isdisjoint(pair[:2]):
            picked.append(pair)
            seen.update(pair[:2])
    return picked


def _cluster(found: Audit, root: Path, cluster: int) -> Sheet:
    members = np.flatnonzero(found.clusters == cluster)
    shown = [_shown(found, root, int(i)) for i in members[:MEMBERS]]
    titles = dict.fromkeys(TITLES[found.pictures.slices[i].label] for i in members)
    return Sheet(
        f"{len(members)} times one picture: {' and '.join(titles)}", shown, len(members) - len(shown)
    )


def _pair(found: Audit, root: Path, pair: tuple[int, int, float]) -> Sheet:
    first, second, alike = pair
    same = found.pictures.slices[first].sha256 == found.pictures.slices[second].sha256
    title = "identical files" if same else f"alike by {min(int(alike * 1000), 999) / 1000:.3f}"
    return Sheet(title, [_shown(found, root, first), _shown(found, root, second)])


def _shown(found: Audit, root: Path, index: int) -> Shown:
    slice_ = found.pictures.slices[index]
    small = image.decode(root / slice_.path).convert("L")
    small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    return Shown(_url(file.getvalue(), "image/png"), slice_.path, slice_.label, TITLES[slice_.label])


def _bar(baseline: Baseline) -> Bar:
    accuracy = baseline.accuracy
    low, high = (accuracy.value if bound is None else bound for bound in (accuracy.low, accuracy.high))
    return Bar(baseline.protocol, baseline.part, baseline.slices, accuracy.value, low, high)


def _url(data: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
