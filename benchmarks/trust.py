"""``python -m benchmarks trust BUNDLE... --data DATA``: can an answer be believed, and how does it fail?"""

from __future__ import annotations

import argparse
import csv
import json
import shlex
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from benchmarks.measure import models, reference
from benchmarks.measure.machine import this_machine
from benchmarks.measure.reference import Slice
from benchmarks.report import docs, trust_figures, trust_tables
from benchmarks.robustness.corruptions import CORRUPTIONS
from benchmarks.robustness.out_of_distribution import strangers
from benchmarks.robustness.pointing_game import Pointing, point
from edge_app.classifier import Classifier, Prediction
from edge_app.image import decode
from edge_app.records import write_text
from edge_app.verdict import NO_TUMOUR
from evaluation.labels import UNTYPED
from evaluation.parts import Answered, apart
from evaluation.reliability import ece, reliability, risk_coverage
from train.data.dataset import read_dataset
from train.outcome import exit_code

SEED = 7
EXAMPLES = 24


@dataclass(frozen=True)
class Case:
    """What a bundle says of one slice.

    Attributes:
        slice: With its truth.
        predicted: The most probable label, whatever the verdict.
        confidence: Its probability.
        tumour: The probability of any tumour.
        verdict: What a user is told.
        reasons: Codes.
        brain: How likely the slice is a brain MRI; None where the model doesn't say.
        pointing: Where the heatmap points; None without heatmap or box.
    """

    slice: Slice
    predicted: str
    confidence: float
    tumour: float
    verdict: str
    reasons: tuple[str, ...]
    brain: float | None
    pointing: Pointing | None

    @property
    def right(self) -> bool:
        """Whether the most probable label is the true one."""
        return self.predicted == self.slice.label


def main(arguments: list[str]) -> int:
    """Runs the command and returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks trust",
        description="Judges calibration, verdicts, heatmaps and robustness, and puts the tables into the "
        "first bundle's card.",
    )
    parser.add_argument("bundle", nargs="+", type=Path, help="a bundle; further ones for comparison")
    parser.add_argument("--data", required=True, type=Path, help="the folder that the nets were trained from")
    parser.add_argument("--out", type=Path, default=Path("runs/trust"), help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="one slice in ten under corruptions")
    args = parser.parse_args(arguments)
    command = shlex.join(["python", "-m", "benchmarks", "trust", *arguments])
    return exit_code(lambda: _work(args, command), "no report was written.", args.out)


def _work(args: argparse.Namespace, command: str) -> None:
    boxes = {one.path: one.box for one in read_dataset(args.data)}
    results, kinds = {}, {}
    with Progress(console=Console(stderr=True)) as progress:
        for folder in args.bundle:
            classifier = Classifier.load(folder)
            slices = reference.read(classifier.bundle)
            reference.verify(reference.all_slices(slices), args.data)
            cases = _cases(classifier, reference.all_slices(slices), args.data, boxes, progress)
            protocol = models.protocol(classifier.bundle)
            known, mixed = cases[: len(slices.slices)], cases[len(slices.slices) :]
            name = models.net_of(classifier.bundle)
            results[name] = _judge(classifier, known, mixed)
            kinds[name] = apart([_answered(case) for case in cases])
            stride = 10 if args.quick else 1
            results[name]["corruptions"] = _corrupted(classifier, known[::stride], args.data, progress)
            results[name]["strangers"] = _strangers(classifier, args.data, progress)
            args.out.mkdir(parents=True, exist_ok=True)
            _write_cases(args.out / f"{name}.csv", cases)
            trust_figures.examples(
                args.out / f"{name}-heatmaps.png", _examples(classifier, known, args.data, boxes)
            )
    report = {
        "protocol": protocol,
        "command": command,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": asdict(this_machine()),
        "bundles": results,
    }
    write_text(args.out / "trust.json", json.dumps(report, indent=2) + "\n")
    trust_figures.draw(args.out, results)
    trust_tables.write(args.out, report, kinds)
    _fill_card(args.bundle[0] / "card.md", args.out)
    console = Console()
    console.print_json(data={name: result["headline"] for name, result in results.items()})
    console.print(f"Written to {args.out}.")


def _fill_card(card: Path, tables: Path) -> None:
    """Puts the first bundle's tables into its card."""
    if card.is_file():
        write_text(card, docs.render(card.read_text(encoding="utf-8"), tables))


def _cases(
    classifier: Classifier,
    slices: tuple[Slice, ...],
    data: Path,
    boxes: dict[str, Any],
    progress: Progress,
) -> list[Case]:
    cases = []
    for one in progress.track(slices, description=f"{classifier.bundle.name}: slices"):
        prediction = classifier.predict(data / one.path)
        box = boxes.get(one.path)
        drawn = prediction.heatmap is not None and box is not None
        cases.append(_case(one, prediction, point(prediction.heatmap, box) if drawn else None))  # type: ignore[arg-type]
    return cases


def _case(one: Slice, prediction: Prediction, pointing: Pointing | None) -> Case:
    predicted = max(prediction.probabilities, key=prediction.probabilities.__getitem__)
    return Case(
        slice=one,
        predicted=predicted,
        confidence=prediction.probabilities[predicted],
        tumour=1 - prediction.probabilities[NO_TUMOUR],
        verdict=prediction.verdict,
        reasons=prediction.reasons,
        brain=prediction.brain,
        pointing=pointing,
    )


def _judge(classifier: Classifier, known: list[Case], mixed: list[Case]) -> dict[str, Any]:
    confidence = np.array([case.confidence for case in known])
    right = np.array([case.right for case in known])
    bins = reliability(confidence, right)
    coverage, risk = risk_coverage(confidence, right)
    pointed = [case.pointing for case in known if case.pointing and case.right]
    return {
        "headline": {
            "ece": ece(bins),
            **_verdicts(known),
            "mixed": _verdicts(mixed) if mixed else None,
            "pointing": _share(one.hit for one in pointed),
            "heat_inside": float(np.mean([one.inside for one in pointed])) if pointed else None,
            "pointed": len(pointed),
        },
        "file": classifier.file.path,
        "sha256": classifier.file.sha256,
        "temperature": classifier.file.temperature,
        "thresholds": asdict(classifier.bundle.thresholds),
        "reliability": [asdict(one) for one in bins],
        "risk_coverage": {"coverage": coverage, "risk": risk},
        "by_class": _by(known, lambda case: case.slice.label),
    }


def _verdicts(cases: list[Case]) -> dict[str, Any]:
    """Returns what is answered of some slices, and how wrong those answers are."""
    answered = [case for case in cases if case.verdict == "answer"]
    tumours = [case for case in cases if case.slice.label != NO_TUMOUR]
    typed = [case for case in answered if case.slice.label != UNTYPED]
    missed = [case for case in tumours if case.verdict == "answer" and case.predicted == NO_TUMOUR]
    return {
        "slices": len(cases),
        "accuracy": _share(case.right for case in cases if case.slice.label != UNTYPED),
        "answered": _share(case.verdict == "answer" for case in cases),
        "refused": _share(case.verdict == "refused" for case in cases),
        "wrong_of_answered": _share(not case.right for case in typed),
        "tumours_called_none": len(missed) / len(tumours) if tumours else None,
    }


def _by(cases: list[Case], key: Callable[[Case], str]) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        groups[key(case)].append(case)
    return {name: _verdicts(group) for name, group in sorted(groups.items())}


def _answered(case: Case) -> Answered:
    one = case.slice
    return Answered(
        label=one.label,
        group=one.group,
        predicted=case.predicted,
        tumour=case.tumour,
        verdict=case.verdict,
        source=one.source,
        sequence=one.sequence,
        plane=one.plane,
    )


def _corrupted(
    classifier: Classifier, whole: list[Case], data: Path, progress: Progress
) -> dict[str, list[dict[str, Any]]]:
    task = progress.add_task(f"{classifier.bundle.name}: corruptions", total=len(whole))
    cases: dict[tuple[str, float], list[Case]] = defaultdict(list)
    for index, one in enumerate(case.slice for case in whole):
        image = decode(data / one.path)
        for name, (corrupt, strengths) in CORRUPTIONS.items():
            for strength in strengths:
                spoilt = corrupt(image, strength, np.random.default_rng((SEED, index)))
                cases[name, strength].append(_case(one, classifier.predict(spoilt), None))
        progress.advance(task)
    return {
        name: [
            {"strength": None, **_verdicts(whole)},
            *({"strength": step, **_verdicts(cases[name, step])} for step in strengths),
        ]
        for name, (_, strengths) in CORRUPTIONS.items()
    }


def _strangers(classifier: Classifier, data: Path, progress: Progress) -> dict[str, dict[str, Any]]:
    learnt = set((classifier.bundle.source.get("gate") or {}).get("learnt", ()))
    result = {}
    for kind, pictures in strangers(data, learnt).items():
        verdicts = {
            name: classifier.predict(image).verdict
            for name, image in progress.track(list(pictures), description=f"Strangers: {kind}")
        }
        result[kind] = {
            "pictures": len(verdicts),
            "verdicts": dict(Counter(verdicts.values())),
            "refused": _share(verdict == "refused" for verdict in verdicts.values()),
            "let_in": [name for name, verdict in verdicts.items() if verdict != "refused"],
        }
    return result


def _examples(
    classifier: Classifier, cases: list[Case], data: Path, boxes: dict[str, Any]
) -> list[tuple[Image.Image, Any, Any, str]]:
    """Returns picture, heatmap, box and title: as many that point beside the box as into it."""
    pointed = [case for case in cases if case.pointing and case.right]
    order = np.random.default_rng(SEED).permutation(len(pointed))
    hits = [pointed[i] for i in order if (pointed[i].pointing or Pointing(False, 0)).hit]
    misses = [pointed[i] for i in order if not (pointed[i].pointing or Pointing(False, 0)).hit]
    chosen = [*misses[: EXAMPLES // 2], *hits[: EXAMPLES // 2]]
    drawings = []
    for case in chosen:
        prediction = classifier.predict(data / case.slice.path)
        title = f"{case.slice.label}, {case.confidence:.0%}"
        drawings.append((prediction.image, prediction.heatmap, boxes[case.slice.path], title))
    return drawings


def _write_cases(path: Path, cases: list[Case]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["path", "label", "group", "predicted", "confidence", "tumour", "verdict", "reasons", "brain"]
        )
        for case in cases:
            one = case.slice
            numbers = [f"{case.confidence:.6f}", f"{case.tumour:.6f}"]
            brain = "" if case.brain is None else f"{case.brain:.6f}"
            reasons = " ".join(case.reasons)
            writer.writerow(
                [one.path, one.label, one.group, case.predicted, *numbers, case.verdict, reasons, brain]
            )


def _share(flags: Iterable[bool]) -> float | None:
    values = [bool(flag) for flag in flags]
    return sum(values) / len(values) if values else None
