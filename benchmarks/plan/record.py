"""What the plan's steps were made from: ``plan.json`` beside the committed results."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.measure.resume import SCHEMA
from benchmarks.plan.steps import (
    BUNDLES,
    DATA,
    LITE0_WEIGHTS,
    OTHERS,
    RESULTS,
    SHIPPED,
    WEIGHTS,
    WORK,
    Step,
)
from edge_app import records
from edge_app.bundle import sha256
from evaluation.out_of_distribution import NAME as SOURCES
from evaluation.out_of_distribution import PHOTOGRAPHS

NAME = "plan.json"


@dataclass(frozen=True, kw_only=True)
class StepRecord:
    """How a step was done.

    Attributes:
        inputs: One hash over its command and recipe, the data, and the outputs before it.
        outputs: Hash of each file that it left, by the step's own name for it.
        commit: Of git; recorded, and no input: a change of code doesn't make results stale.
        date: When it ended, ISO 8601 in UTC.
        seconds: How long it took.
    """

    inputs: str
    outputs: dict[str, str]
    commit: str
    date: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Given:
    """Hashes of what a plan is given.

    Attributes:
        data: Of the data set.
        weights: Of MobileNetV2's pretrained weights; their name where Keras downloads them.
        lite0_weights: Of EfficientNet-Lite0's; empty where there are none.
        others: Of the list of out-of-distribution pictures; empty where there is none.
    """

    data: str
    weights: str
    lite0_weights: str
    others: str


@dataclass(frozen=True)
class Record:
    """``plan.json``.

    Attributes:
        given: What the last step was made with.
        steps: All that were done, by name.
    """

    given: Given
    steps: dict[str, StepRecord]

    @classmethod
    def load(cls, folder: Path) -> Record:
        """Reads the record of a folder of results; an empty one where there is none.

        Raises:
            RecordError: It is broken.
        """
        path = folder / NAME
        return (
            records.read(path, cls, SCHEMA)
            if path.is_file()
            else cls(Given(data="", weights="", lite0_weights="", others=""), {})
        )

    def save(self, folder: Path) -> None:
        """Writes it.

        Raises:
            RecordError: It can't be written.
        """
        records.write(folder / NAME, self, SCHEMA)

    def added(self, name: str, step: StepRecord, given: Given) -> Record:
        """Returns it with one step more."""
        return Record(given, {**self.steps, name: step})


@dataclass(frozen=True, kw_only=True)
class Places:
    """The folders that a plan's words stand for."""

    data: Path
    weights: str
    lite0_weights: Path
    others: Path
    work: Path
    results: Path
    bundles: Path
    shipped: Path

    def given(self) -> Given:
        """Hashes what lies in these places.

        Raises:
            RecordError: There is no data set.
        """
        weights, others = Path(self.weights), self.others / SOURCES
        return Given(
            data=data_hash(self.data),
            weights=sha256(weights) if weights.is_file() else self.weights,
            lite0_weights=sha256(self.lite0_weights) if self.lite0_weights.is_file() else "",
            others=sha256(others) if others.is_file() else "",
        )

    def path(self, word: str) -> Path:
        """Returns what a step calls by a word."""
        return Path(self.fill(word))

    def fill(self, word: str) -> str:
        """Returns a word of a command with its folders filled in."""
        for name, place in (
            (DATA, self.data),
            (WEIGHTS, self.weights),
            (LITE0_WEIGHTS, self.lite0_weights),
            (OTHERS, self.others),
            (WORK, self.work),
            (RESULTS, self.results),
            (BUNDLES, self.bundles),
            (SHIPPED, self.shipped),
        ):
            word = word.replace(name, str(place))
        return word


def inputs_of(step: Step, given: Given, record: Record) -> str:
    """Returns the hash of all that decides a step's outputs.

    Args:
        step: The step.
        given: What the plan is given.
        record: With the steps that it needs.
    """
    weights = {WEIGHTS: given.weights, LITE0_WEIGHTS: given.lite0_weights}
    content = {
        "command": step.command,
        "recipe": asdict(step.recipe) if step.recipe else None,
        "data": given.data,
        "weights": next((of for word, of in weights.items() if word in step.command), None),
        "others": given.others if OTHERS in step.command else None,
        "needs": {name: record.steps[name].outputs for name in step.needs if name in record.steps},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def outputs_of(step: Step, places: Places) -> dict[str, str]:
    """Returns the hash of each of a step's files; empty for one that is missing."""
    paths = {word: places.path(word) for word in step.outputs}
    return {word: sha256(path) if path.is_file() else "" for word, path in paths.items()}


def data_hash(data: Path) -> str:
    """Returns the hash of a data set: its manifest, which holds the hash of every slice, and photographs.

    Raises:
        RecordError: There is no manifest.
    """
    try:
        files = [data / "manifest.csv", *sorted((data / PHOTOGRAPHS).glob("*"))]
        return hashlib.sha256("".join(map(sha256, files)).encode()).hexdigest()
    except OSError as error:
        raise records.RecordError(
            f"{data / 'manifest.csv'}: can't be read ({error.strerror}); name the folder of the data set."
        ) from None
