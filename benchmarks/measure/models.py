"""The models under test: every file of every bundle, found comparable."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.measure.evaluation_part import EvaluationPart
from convert.provenance import Provenance
from edge_app.bundle import Bundle, ModelFile
from edge_app.classifier import Classifier


@dataclass(frozen=True)
class File:
    """What a report says of a file.

    Attributes:
        name: Net, input size and file name; tells it from all others of the report.
        net: Net and input size, and whether a pretrained one was fine-tuned.
        version: The bundle's.
        sha256: The file's hash.
        format: ``tflite`` or ``onnx``.
        precision: ``int8`` means weights and activations.
        bytes: The file's size.
        gzipped: Its size when compressed.
        trained: Whether its answers mean anything.
    """

    name: str
    net: str
    version: str
    sha256: str
    format: str
    precision: str
    bytes: int
    gzipped: int
    trained: bool


@dataclass(frozen=True)
class ModelUnderTest:
    """One file of a bundle.

    Attributes:
        net: What the report calls the bundle: the net and its input size.
        bundle: Where the file lies.
        provenance: Of the bundle.
        file: One of the bundle's.
    """

    net: str
    bundle: Bundle
    provenance: Provenance
    file: ModelFile

    @property
    def name(self) -> str:
        """What the report calls the file."""
        return f"{self.net} {self.file.path}"

    @property
    def trained(self) -> bool:
        """Whether the file's answers mean anything."""
        return self.provenance.training is not None or self.adopted

    @property
    def adopted(self) -> bool:
        """Whether it was made elsewhere, so that it has no test part of its own."""
        return self.provenance.adopted is not None

    @property
    def is_default(self) -> bool:
        """Whether it is the file that devices use."""
        return self.file.path == self.bundle.default

    def open(self) -> Classifier:
        """Makes the file ready to predict, on one thread.

        Raises:
            BundleError: Its runtime is not installed or does not accept it.
        """
        return Classifier.load(self.bundle.folder, self.file.precision, format=self.file.format)

    def describe(self) -> File:
        """Returns what a report says of the file."""
        return File(
            name=self.name,
            net=self.net,
            version=self.bundle.version,
            sha256=self.file.sha256,
            format=self.file.format,
            precision=self.file.precision,
            bytes=self.file.bytes,
            gzipped=len(gzip.compress((self.bundle.folder / self.file.path).read_bytes())),
            trained=self.trained,
        )


def load(folders: Iterable[Path]) -> list[ModelUnderTest]:
    """Finds all files of some bundles.

    Raises:
        BenchmarkError: A bundle has no files, or two bundles have different classes.
        OtakError: A bundle is broken.
    """
    bundles = [Bundle.load(folder) for folder in dict.fromkeys(folder.resolve() for folder in folders)]
    for bundle in bundles:
        labels = [sorted(label.name for label in each.labels) for each in (bundles[0], bundle)]
        if labels[0] != labels[1]:
            raise BenchmarkError(
                f"{bundles[0].folder} and {bundle.folder}: have different classes, "
                f"{', '.join(labels[0])} and {', '.join(labels[1])}."
            )
    provenances = [Provenance.load(bundle.folder) for bundle in bundles]
    return [
        ModelUnderTest(net, bundle, provenance, file)
        for net, bundle, provenance in zip(_nets(bundles, provenances), bundles, provenances, strict=True)
        for file in bundle.files
    ]


def protocol(model: ModelUnderTest) -> str:
    """Returns the name of the protocol that a model was trained under.

    Raises:
        BenchmarkError: It was not trained.
    """
    if model.provenance.training is None:
        raise BenchmarkError(f"{model.bundle.folder}: has random weights, and no protocol.")
    return model.provenance.training.protocol


def check_comparable(models: Sequence[tuple[ModelUnderTest, EvaluationPart]]) -> None:
    """Checks that models were trained alike and are tested on the same slices.

    Raises:
        BenchmarkError: They have different protocols or test parts.
    """
    (first, first_part), *others = models
    for other, part in others:
        names = f"{first.bundle.folder} and {other.bundle.folder}"
        protocols = protocol(first), protocol(other)
        if protocols[0] != protocols[1]:
            raise BenchmarkError(
                f"{names}: have different protocols, {' and '.join(protocols)}; compare like with like."
            )
        if first_part.identities != part.identities:
            raise BenchmarkError(
                f"{names}: have different test parts; train both on the same data and split."
            )


def _nets(bundles: list[Bundle], provenances: list[Provenance]) -> list[str]:
    names = [
        f"{bundle.name}@{bundle.input.size}"
        + (" tuned" if provenance.training and provenance.training.fine_tune else "")
        for bundle, provenance in zip(bundles, provenances, strict=True)
    ]
    count = Counter(names)
    return [
        f"{name} ({bundle.folder.name})" if count[name] > 1 else name
        for name, bundle in zip(names, bundles, strict=True)
    ]
