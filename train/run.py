"""The run: the folder that a training leaves, complete for every later step."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Literal

from edge_app import records
from edge_app.preprocessing import InputSpec
from edge_app.records import Range, RecordError, Sha256
from train.config import Recipe, TrainingConfig
from train.errors import DataError

SCHEMA = 2
State = Literal["training", "interrupted", "finished"]
FILE = "run.json"


@dataclass(frozen=True, kw_only=True)
class GroupsFile:
    """The file that gave the slices their groups and folds."""

    name: str
    sha256: Sha256


@dataclass(frozen=True, kw_only=True)
class RoleCounts:
    """How many slices have each role (see ``train.data.protocols.Split``)."""

    train: int
    validation: int
    test: int
    mixed: int


@dataclass(frozen=True, kw_only=True)
class DataDescription:
    """The data set that a net was trained and tested on.

    Attributes:
        name: Of its folder.
        sha256: ``evaluation.predictions.fingerprint`` of all its slices.
        groups: None where the data set brings its own groups, or none.
        slices: By role.
        unseen_labels: Answers that the net gives, but that no slice of its training part has.
    """

    name: str
    sha256: Sha256
    groups: GroupsFile | None
    slices: RoleCounts
    unseen_labels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What a run depends on beside its configuration.

    Attributes:
        python: Version.
        keras: Version.
        backend: Of Keras, with its version.
        device: What computed.
        commit: Of git, with ``-dirty`` where files were changed; ``unknown`` outside a checkout.
    """

    python: str
    keras: str
    backend: str
    device: str
    commit: str


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """What ``run.json`` holds.

    Attributes:
        config: What the training was asked for.
        data_folder: Where the data lay, as it was given.
        groups_file: Where groups and folds came from, as it was given.
        teacher_folders: Where the teachers' runs lay, as they were given.
        data: What lay there.
        environment: Where it was trained.
        started: Local time, ISO 8601.
        seconds: Training time, interruptions left out.
        state: How far it came; only a finished run has a ``model.keras`` that is worth converting.
    """

    config: TrainingConfig
    data_folder: str
    groups_file: str | None
    teacher_folders: tuple[str, ...]
    data: DataDescription
    environment: Environment
    started: str
    seconds: Annotated[float, Range(0, 1e9)]
    state: State


@dataclass(frozen=True, kw_only=True)
class Run(RunRecord):
    """A run, with the folder that it lies in."""

    folder: Path

    @property
    def input(self) -> InputSpec:
        """What the net takes."""
        return self.config.input

    @property
    def recipe(self) -> Recipe:
        """How the net was trained."""
        return self.config.recipe

    @property
    def model(self) -> Path:
        """The trained net; there only once a training ended or was interrupted."""
        return self.folder / "model.keras"

    def save(self) -> None:
        """Writes ``run.json``."""
        record = RunRecord(**{field.name: getattr(self, field.name) for field in fields(RunRecord)})
        records.write(self.folder / FILE, record, SCHEMA)

    @classmethod
    def load(cls, folder: Path) -> Run:
        """Reads a run.

        Raises:
            DataError: The folder holds no run, or one of another version or broken.
        """
        if not (folder / FILE).is_file():
            raise DataError(f"{folder}: holds no {FILE}; train a net into it first.")
        try:
            record = records.read(folder / FILE, RunRecord, SCHEMA)
        except RecordError as error:
            raise DataError(str(error)) from None
        return cls(folder=folder, **vars(record))
