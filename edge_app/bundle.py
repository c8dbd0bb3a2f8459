"""The bundle: a folder of model files and the ``bundle.json`` that explains them."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Literal, get_args

from edge_app import records
from edge_app.errors import BundleError
from edge_app.preprocessing import InputSpec
from edge_app.records import FileName, Pattern, Range, RecordError, SchemaError, Sha256, Share

SCHEMA = 2
NAME = "bundle.json"
MAX_JSON = 65_536  # bytes; what ships has less than 2,000

Format = Literal["tflite", "onnx"]
Precision = Literal["float32", "float16", "dynamic_range", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

Text = Annotated[str, Pattern(r"[^\x00-\x1f\x7f]{1,100}")]


@dataclass(frozen=True)
class Label:
    """One answer: its machine name and its names for people."""

    name: Text
    en: Text
    id: Text


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """The names of a model's outputs.

    Attributes:
        probabilities: float32 (1, labels).
        heatmap: float32 (1, rows, columns), the probability of a tumour of any type at each place of the
            input; None where the net has none.
        in_distribution: float32 (1,), how likely the picture is a slice of a brain MRI; None where the model
            doesn't say.
    """

    probabilities: Text
    heatmap: Text | None
    in_distribution: Text | None


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Where verdicts change.

    Attributes:
        unsure: An answer less probable than this is *unsure*.
        no_tumour: Likewise the answer that there is no tumour.
        refused: A picture less likely a brain MRI than this is *refused*; 0 where the model doesn't say.
    """

    unsure: Share
    no_tumour: Share
    refused: Share


@dataclass(frozen=True, kw_only=True)
class StudyRule:
    """When the slices of one examination are *suspicious* together (``edge_app/study.py``).

    Attributes:
        rank: How many slices must stand out.
        threshold: The least probability of a tumour with which a slice does.
    """

    rank: Annotated[int, Range(1, 5)]
    threshold: Share


@dataclass(frozen=True, kw_only=True)
class ModelFile:
    """One converted model.

    Attributes:
        path: File name inside the bundle.
        sha256: Hash of the file.
        bytes: Its size.
        format: ``tflite`` or ``onnx``.
        precision: ``int8`` means weights and activations.
        temperature: What the logits were divided by inside the file.
    """

    path: FileName
    sha256: Sha256
    bytes: Annotated[int, Range(1, 2**31)]
    format: Format
    precision: Precision
    temperature: Annotated[float, Range(0.001, 1000)]


@dataclass(frozen=True, kw_only=True)
class Description:
    """What ``bundle.json`` holds, all that a device needs to know.

    Attributes:
        name: The net's name.
        version: Of the bundle, for people.
        labels: In the order of the probabilities.
        input: What every file takes.
        outputs: The names of what every file gives.
        files: All converted models.
        thresholds: For *unsure* and *refused*; None where not calibrated, and then every verdict is *unsure*.
        study: For whole studies; None where not calibrated, and then nothing is said of one as a whole.
        default: Path of the file that devices use.
    """

    name: Text
    version: Text
    labels: tuple[Label, ...]
    input: InputSpec
    outputs: Outputs
    files: tuple[ModelFile, ...]
    thresholds: Thresholds | None
    study: StudyRule | None
    default: FileName


@dataclass(frozen=True, kw_only=True)
class Bundle(Description):
    """A bundle on a disk.

    Attributes:
        folder: Where it lies.
    """

    folder: Path

    @classmethod
    def load(cls, folder: str | Path) -> Bundle:
        """Reads a bundle and checks every file's presence, size and hash.

        Raises:
            BundleError: ``bundle.json`` or a file is missing, changed, senseless, or of an unknown schema.
        """
        folder = Path(folder)
        description = _read(folder / NAME)
        own = {field.name: getattr(description, field.name) for field in fields(description)}
        bundle = cls(**own, folder=folder)
        if fault := _fault(bundle):
            raise BundleError(f"{folder / NAME}: {fault}.")
        for file in bundle.files:
            _verify(file, folder / file.path)
        return bundle

    def save(self) -> None:
        """Writes ``bundle.json`` into the folder.

        Raises:
            RecordError: It can't be written.
        """
        records.write_text(self.folder / NAME, self._text())

    @property
    def sha256(self) -> str:
        """Hash of all that it says, the hashes of its files among it, as 64 hex digits."""
        return hashlib.sha256(self._text().encode()).hexdigest()

    def _text(self) -> str:
        plain = {name: value for name, value in asdict(self).items() if name != "folder"}
        return records.dumps({"schema": SCHEMA} | plain)

    def file(self, precision: str | None = None, format: str = "tflite") -> ModelFile:
        """Returns the file of a precision and a format, or the default file.

        Raises:
            BundleError: The bundle has no such file.
        """
        for file in self.files:
            wanted = file.path == self.default if precision is None else file.precision == precision
            if wanted and file.format == format:
                return file
        have = ", ".join(sorted({f"{file.format} {file.precision}" for file in self.files}))
        wish = "as its default" if precision is None else f"of precision {precision}"
        raise BundleError(f"{self.folder}: has no {format} file {wish}; it has {have}.")


def sha256(path: Path) -> str:
    """Returns the hash of a file, as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> Description:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_JSON + 1)
    except OSError:
        raise BundleError(f"{path}: can't be read; name a folder that holds a {NAME}.") from None
    if len(data) > MAX_JSON:
        raise BundleError(f"{path}: is larger than {MAX_JSON:,} bytes, so it is none that Otak wrote.")
    try:
        return records.parse(data, Description, SCHEMA, str(path))
    except SchemaError as error:
        if error.found == 1:
            raise BundleError(
                f"{path}: is of schema 1, which Otak 0.1 reads; convert the run again."
            ) from None
        raise BundleError(str(error)) from None
    except RecordError as error:
        raise BundleError(str(error)) from None


def _fault(bundle: Bundle) -> str | None:
    """Returns what no type can say to be wrong, if anything."""
    paths = [file.path for file in bundle.files]
    names = [label.name for label in bundle.labels]
    if len(set(paths)) < len(paths):
        return "names a file twice"
    if bundle.default not in paths:
        return f"its default, {bundle.default}, is none of its files"
    if len(names) < 2 or len(set(names)) < len(names):
        return "needs at least two labels, each of another name"
    if bundle.thresholds and bundle.thresholds.refused and bundle.outputs.in_distribution is None:
        return "refuses pictures by an output that it doesn't name"
    if bundle.study and bundle.thresholds is None:
        return "judges studies by slices that it has no thresholds for"
    return None


def _verify(file: ModelFile, path: Path) -> None:
    try:
        # A size tells most changed files without reading them.
        same = path.stat().st_size == file.bytes and sha256(path) == file.sha256
    except OSError:
        raise BundleError(f"{path}: is missing; copy the whole bundle again.") from None
    if not same:
        raise BundleError(f"{path}: is not the file the bundle was made with; copy the bundle again.")
