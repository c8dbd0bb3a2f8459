"""What is claimed of ARM: the same as here, and how near the numbers are."""

from __future__ import annotations

from dataclasses import dataclass

from ai_edge_litert import schema_py_generated as tflite

from tests.arm.answers import Answers, Said


@dataclass(frozen=True)
class Bounds:
    """How far numbers may differ.

    Attributes:
        probability: Of any label.
        in_distribution: Of that score.
    """

    probability: float
    in_distribution: float


CLOSE = Bounds(1e-6, 1e-5)
# An int8 mean is the one op that rounds otherwise on ARM, by one step of its scale; float layers stand on it.
WITH_MEAN = Bounds(3e-2, 2e-2)


def bounds_of(model: bytes) -> Bounds:
    """Returns what holds for a TFLite file."""
    read = tflite.ModelT.InitFromPackedBuf(model, 0)
    means = [
        operator
        for graph in read.subgraphs
        for operator in graph.operators
        if read.operatorCodes[operator.opcodeIndex].builtinCode == tflite.BuiltinOperator.MEAN
        and graph.tensors[operator.inputs[0]].type == tflite.TensorType.INT8
    ]
    return WITH_MEAN if means else CLOSE


@dataclass(frozen=True)
class Difference:
    """Between two machines.

    Attributes:
        slices: That both read.
        pixels: Names of those whose input differs.
        words: Of those whose verdict, label or reasons differ.
        probability: The largest difference of one.
        in_distribution: Likewise.
    """

    slices: int
    pixels: tuple[str, ...]
    words: tuple[str, ...]
    probability: float
    in_distribution: float

    def faults(self, bounds: Bounds) -> list[str]:
        """Returns the claims that don't hold, a sentence each."""
        found = [f"{name}: other pixels" for name in self.pixels]
        found += [f"{name}: another verdict, label or reason" for name in self.words]
        if self.probability > bounds.probability:
            found.append(f"probabilities differ by {self.probability:.1e}")
        if self.in_distribution > bounds.in_distribution:
            found.append(f"the in-distribution score differs by {self.in_distribution:.1e}")
        return found


def compare(here: Answers, there: Answers) -> Difference:
    """Compares what two machines say of the same pictures.

    Raises:
        ValueError: They didn't read the same.
    """
    pairs = list(zip(here.said, there.said, strict=True))
    if any(ours.name != theirs.name for ours, theirs in pairs):
        raise ValueError("two machines have read different files")
    return Difference(
        len(pairs),
        tuple(ours.name for ours, theirs in pairs if ours.pixels != theirs.pixels),
        tuple(ours.name for ours, theirs in pairs if _words(ours) != _words(theirs)),
        max(
            abs(a - b)
            for ours, theirs in pairs
            for a, b in zip(ours.probabilities, theirs.probabilities, strict=True)
        ),
        max(abs((ours.in_distribution or 0) - (theirs.in_distribution or 0)) for ours, theirs in pairs),
    )


def _words(said: Said) -> tuple[object, ...]:
    return said.verdict, said.label, said.reasons
