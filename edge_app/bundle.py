"""The bundle: a folder of model files and the ``bundle.json`` that explains them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from edge_app.errors import BundleError
from edge_app.preprocessing import InputSpec

SCHEMA = 1
PRECISIONS = ("float32", "float16", "dynamic_range", "int8")

Target = Literal["pi", "browser"]


@dataclass(frozen=True)
class Label:
    """One answer: its machine name and its names for people."""

    name: str
    en: str
    id: str


@dataclass(frozen=True)
class Outputs:
    """The names of a model's outputs.

    Attributes:
        probabilities: float32 (1, labels).
        heatmap: float32 (1, rows, columns), the probability of a tumour of any type at each place of the
            input; None where the net has none.
        brain: float32 (1,), how likely the picture is a slice of a brain MRI; None where the model doesn't
            say.
    """

    probabilities: str = "probabilities"
    heatmap: str | None = None
    brain: str | None = None


@dataclass(frozen=True)
class Thresholds:
    """Where verdicts change; None where not calibrated.

    Attributes:
        unsure: An answer less probable than this is *unsure*.
        no_tumour: Likewise the answer that there is no tumour, which must be surer than others.
        refused: A picture less likely a brain MRI than this is *refused*.
    """

    unsure: float | None = None
    no_tumour: float | None = None
    refused: float | None = None


@dataclass(frozen=True)
class ModelFile:
    """One converted model.

    Attributes:
        path: File name inside the bundle.
        sha256: Hash of the file.
        bytes: Its size.
        format: ``tflite`` or ``onnx``.
        precision: One of ``PRECISIONS``; ``int8`` means weights and activations.
        temperature: What the logits were divided by inside the file.
        metrics: Measured when the file was made, by name.
    """

    path: str
    sha256: str
    bytes: int
    format: Literal["tflite", "onnx"]
    precision: str
    temperature: float = 1.0
    metrics: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Bundle:
    """What ``bundle.json`` holds.

    Attributes:
        folder: Where the bundle lies.
        name: The net's name.
        version: Of the bundle, for people.
        source: The run and the data that it came from: hashes, protocol, versions.
        labels: In the order of the probabilities.
        input: What every file takes.
        outputs: The names of what every file gives.
        files: All converted models.
        thresholds: For *unsure* and *refused*.
        default: The file for each target, by its path.
    """

    folder: Path
    name: str
    version: str
    source: dict[str, Any]
    labels: tuple[Label, ...]
    input: InputSpec
    outputs: Outputs
    files: tuple[ModelFile, ...]
    thresholds: Thresholds
    default: dict[Target, str]

    @classmethod
    def load(cls, folder: str | Path) -> Bundle:
        """Reads a bundle and checks every file's presence and hash.

        Raises:
            BundleError: ``bundle.json`` or a file is missing, changed, or of an unknown schema.
        """
        folder = Path(folder)
        path = folder / "bundle.json"
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except OSError:
            raise BundleError(f"{path}: can't be read; name a folder that holds a bundle.json.") from None
        except ValueError:
            raise BundleError(f"{path}: is no JSON; convert the run again.") from None
        schema = data.pop("schema", None) if isinstance(data, dict) else None
        if schema != SCHEMA:
            raise BundleError(f"{path}: schema {schema} is unknown; this version of Otak reads {SCHEMA}.")
        try:
            bundle = cls(
                folder=folder,
                name=data["name"],
                version=data["version"],
                source=data["source"],
                labels=tuple(Label(**label) for label in data["labels"]),
                input=InputSpec(**data["input"]),
                outputs=Outputs(**data["outputs"]),
                files=tuple(ModelFile(**file) for file in data["files"]),
                thresholds=Thresholds(**data["thresholds"]),
                default=dict(data["default"]),
            )
            bundle._verify()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BundleError(f"{path}: is incomplete or has unknown fields ({error}).") from None
        return bundle

    def save(self) -> None:
        """Writes ``bundle.json`` into the folder."""
        data = {"schema": SCHEMA} | asdict(self)
        del data["folder"]
        text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
        (self.folder / "bundle.json").write_text(text, encoding="utf-8")

    def file(self, precision: str | None = None, format: str = "tflite", target: Target = "pi") -> ModelFile:
        """Returns the file of a precision and a format, or the default file of a target.

        Raises:
            BundleError: The bundle has no such file.
        """
        for file in self.files:
            wanted = (
                file.path == self.default.get(target) if precision is None else file.precision == precision
            )
            if wanted and file.format == format:
                return file
        have = ", ".join(sorted({f"{file.format} {file.precision}" for file in self.files}))
        raise BundleError(f"{self.folder}: has no {format} file of precision {precision}; it has {have}.")

    def _verify(self) -> None:
        for file in self.files:
            path = self.folder / file.path
            if Path(file.path).name != file.path:
                raise BundleError(
                    f"{self.folder / 'bundle.json'}: names a file outside the bundle, {file.path}."
                )
            try:
                digest = sha256(path)
            except OSError:
                raise BundleError(f"{path}: is missing; copy the whole bundle again.") from None
            if digest != file.sha256:
                raise BundleError(f"{path}: is not the file the bundle was made with; copy the bundle again.")


def sha256(path: Path) -> str:
    """Returns the hash of a file, as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
