"""The files under test: every file of every bundle, made ready and found comparable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import reference
from benchmarks.errors import BenchmarkError
from benchmarks.reference import Reference
from edge_app.bundle import Bundle
from edge_app.classifier import Classifier

THREADS = 1


@dataclass(frozen=True)
class Candidate:
    """One file of a bundle.

    Attributes:
        bundle: What the report calls the bundle: the net and its input size.
        classifier: The prediction path, on one thread.
        reference: The bundle's test part.
    """

    bundle: str
    classifier: Classifier
    reference: Reference


def load(folders: Iterable[Path]) -> list[Candidate]:
    """Opens all files of some bundles.

    Raises:
        BenchmarkError: A bundle has no files or no reference, or two bundles were judged differently.
        BundleError: A bundle is broken.
    """
    bundles = [Bundle.load(folder) for folder in dict.fromkeys(folder.resolve() for folder in folders)]
    references = [reference.read(bundle) for bundle in bundles]
    first, *others = zip(bundles, references, strict=True)
    for other in others:
        _check_comparable(first, other)
    candidates = []
    for name, bundle, slices in zip(_names(bundles), bundles, references, strict=True):
        protocol(bundle)
        if not bundle.files:
            raise BenchmarkError(f"{bundle.folder}: holds no model files.")
        for file in bundle.files:
            classifier = Classifier.load(bundle.folder, file.precision, THREADS, file.format)
            candidates.append(Candidate(name, classifier, slices))
    return candidates


def protocol(bundle: Bundle) -> str:
    """Returns the name of the protocol that a bundle was judged under.

    Raises:
        BenchmarkError: The bundle does not say.
    """
    if name := bundle.source.get("protocol"):
        return str(name)
    raise BenchmarkError(f"{bundle.folder / 'bundle.json'}: names no protocol in its source.")


def _check_comparable(first: tuple[Bundle, Reference], other: tuple[Bundle, Reference]) -> None:
    names = f"{first[0].folder} and {other[0].folder}"
    protocols = protocol(first[0]), protocol(other[0])
    if protocols[0] != protocols[1]:
        raise BenchmarkError(
            f"{names}: have different protocols, {' and '.join(protocols)}; compare like with like."
        )
    if set(first[1].slices) != set(other[1].slices):
        raise BenchmarkError(f"{names}: have different test parts; train both on the same data and split.")


def _names(bundles: list[Bundle]) -> list[str]:
    names = [f"{bundle.name}@{bundle.input.size}" for bundle in bundles]
    count = Counter(names)
    return [
        f"{name} ({bundle.folder.name})" if count[name] > 1 else name
        for name, bundle in zip(names, bundles, strict=True)
    ]
