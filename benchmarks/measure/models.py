"""The files under test: every file of every bundle, found comparable."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.measure.reference import Reference
from edge_app.bundle import Bundle, ModelFile
from edge_app.classifier import Classifier

RANDOM = "random"  # the weights of a net that was never trained and is timed alone


@dataclass(frozen=True)
class File:
    """What a report says of a file.

    Attributes:
        name: Net, input size and file name; tells it from all others of the report.
        net: Net and input size, and whether a pretrained one was fine-tuned.
        version: The bundle's.
        sha256: The file's hash.
        format: ``tflite`` or ``onnx``.
        precision: See ``edge_app.bundle.PRECISIONS``.
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
class Candidate:
    """One file of a bundle.

    Attributes:
        net: What the report calls the bundle: the net and its input size.
        bundle: Where the file lies.
        file: One of the bundle's.
    """

    net: str
    bundle: Bundle
    file: ModelFile

    @property
    def name(self) -> str:
        """What the report calls the file."""
        return f"{self.net} {self.file.path}"

    @property
    def trained(self) -> bool:
        """Whether the file's answers mean anything."""
        return self.bundle.source.get("weights") != RANDOM

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


def load(folders: Iterable[Path]) -> list[Candidate]:
    """Finds all files of some bundles.

    Raises:
        BenchmarkError: A bundle has no files, or two bundles have different classes.
        BundleError: A bundle is broken.
    """
    bundles = [Bundle.load(folder) for folder in dict.fromkeys(folder.resolve() for folder in folders)]
    for bundle in bundles:
        labels = [sorted(label.name for label in each.labels) for each in (bundles[0], bundle)]
        if labels[0] != labels[1]:
            raise BenchmarkError(
                f"{bundles[0].folder} and {bundle.folder}: have different classes, "
                f"{', '.join(labels[0])} and {', '.join(labels[1])}."
            )
        if not bundle.files:
            raise BenchmarkError(f"{bundle.folder}: holds no model files.")
    return [
        Candidate(net, bundle, file)
        for net, bundle in zip(_nets(bundles), bundles, strict=True)
        for file in bundle.files
    ]


def net_of(bundle: Bundle) -> str:
    """Returns what reports call a bundle's net: its name and input size, and whether it was fine-tuned."""
    return f"{bundle.name}@{bundle.input.size}{' tuned' if bundle.source.get('fine_tuned') else ''}"


def protocol(bundle: Bundle) -> str:
    """Returns the name of the protocol that a bundle was judged under.

    Raises:
        BenchmarkError: The bundle does not say.
    """
    if name := bundle.source.get("protocol"):
        return str(name)
    raise BenchmarkError(f"{bundle.folder / 'bundle.json'}: names no protocol in its source.")


def check_comparable(bundles: Sequence[tuple[Bundle, Reference]]) -> None:
    """Checks that bundles were judged alike.

    Raises:
        BenchmarkError: They have different protocols or test parts.
    """
    first, *others = bundles
    for other in others:
        names = f"{first[0].folder} and {other[0].folder}"
        protocols = protocol(first[0]), protocol(other[0])
        if protocols[0] != protocols[1]:
            raise BenchmarkError(
                f"{names}: have different protocols, {' and '.join(protocols)}; compare like with like."
            )
        if set(first[1].slices) != set(other[1].slices):
            raise BenchmarkError(
                f"{names}: have different test parts; train both on the same data and split."
            )


def _nets(bundles: list[Bundle]) -> list[str]:
    names = [net_of(bundle) for bundle in bundles]
    count = Counter(names)
    return [
        f"{name} ({bundle.folder.name})" if count[name] > 1 else name
        for name, bundle in zip(names, bundles, strict=True)
    ]
