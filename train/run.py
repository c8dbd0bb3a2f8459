"""The run: the folder that a training leaves, complete for every later step."""

from __future__ import annotations

import csv
import json
import os
import platform
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from edge_app.preprocessing import InputSpec
from evaluation.labels import NAMES
from train.data.dataset import DataError, Slice
from train.data.protocols import Split
from train.model.fitting import Recipe

ROLES = ("train", "validation", "test", "mixed")


@dataclass(frozen=True)
class Run:
    """What ``run.json`` holds.

    Attributes:
        folder: Where the run lies.
        arguments: Of the command, by name.
        input: What the net takes.
        recipe: How it was trained.
        data: Name and hash of the data set, and its slices by role.
        environment: Versions, device, git commit.
        started: Local time, ISO 8601.
        seconds: Training time, interruptions left out.
        state: ``training``, ``interrupted`` or ``finished``.
    """

    folder: Path
    arguments: dict[str, Any]
    input: InputSpec
    recipe: Recipe
    data: dict[str, Any]
    environment: dict[str, str]
    started: str
    seconds: float
    state: str

    @property
    def model(self) -> Path:
        """The trained net; there only once a training ended or was interrupted."""
        return self.folder / "model.keras"

    def save(self) -> None:
        """Writes ``run.json``."""
        data = asdict(self)
        del data["folder"]
        write_text(self.folder / "run.json", json.dumps(data, indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Run:
        """Reads a run.

        Raises:
            DataError: The folder holds no run.
        """
        try:
            data = json.loads((folder / "run.json").read_text(encoding="utf-8"))
            data["input"] = InputSpec(**data["input"])
            data["recipe"] = Recipe(**data["recipe"])
            return cls(folder=folder, **data)
        except OSError:
            raise DataError(f"{folder}: holds no run.json; train a net into it first.") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(f"{folder / 'run.json'}: is broken ({error}).") from None


def write_text(path: Path, text: str) -> None:
    """Writes a file that is never half-written under its name."""
    unfinished = path.with_name(f".unfinished-{path.name}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)


def write_split(folder: Path, split: Split) -> None:
    """Writes ``split.csv``: path, sha256, role, label and group of every slice.

    Under the protocol ``paper`` a slice is both validation and test; it is listed once, as test.
    """
    tested = {one.path for one in split.test}
    with (folder / "split.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "sha256", "role", "label", "group"])
        for role in ROLES:
            for one in getattr(split, role):
                if role != "validation" or one.path not in tested:
                    writer.writerow([one.path, one.sha256, role, one.label, one.group])


def write_predictions(
    folder: Path, slices: list[Slice], copied: list[bool], probabilities: NDArray[np.float32]
) -> None:
    """Writes ``predictions.csv``: the net's probabilities for the test part and the mixed tumours.

    ``copy`` is 1 for a slice that is near-identical to one that the net learnt from.
    """
    known = ("path", "sha256", "label", "group", "source", "sequence", "plane")
    with (folder / "predictions.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*known, "copy", *(f"p_{name}" for name in NAMES)])
        for one, copy, row in zip(slices, copied, probabilities, strict=True):
            shares = (f"{p:.6f}" for p in row)
            writer.writerow([*(getattr(one, name) for name in known), int(copy), *shares])


def read_predictions(folder: Path) -> list[dict[str, str]]:
    """Reads a run's ``predictions.csv``."""
    with (folder / "predictions.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def save_model(net: keras.Model, folder: Path) -> None:
    """Writes ``model.keras`` and ``model.h5``, never half-written under their names."""
    unfinished = folder / ".unfinished.keras"
    net.save(unfinished)
    unfinished.replace(folder / "model.keras")
    unfinished = folder / ".unfinished.h5"  # the format that the paper saves
    net.save(unfinished)
    unfinished.replace(folder / "model.h5")


def environment() -> dict[str, str]:
    """Returns what the run depends on: versions, device and git commit."""
    backend = keras.backend.backend()
    devices = keras.distribution.list_devices()
    return {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": f"{backend} {__import__(backend).__version__}",
        "device": f"{', '.join(devices)}; {os.cpu_count()} CPU cores ({platform.machine()})",
        "commit": _git_commit(),
    }


def _git_commit() -> str:
    try:
        command = ["git", "describe", "--always", "--dirty", "--abbrev=40"]
        result = subprocess.run(  # noqa: S603, the command is constant
            command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent
        )
        return result.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def now() -> str:
    """Returns the local time, ISO 8601 to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
