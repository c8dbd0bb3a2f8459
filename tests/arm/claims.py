"""What is claimed of ARM: the same as here, and how near the numbers are."""

from __future__ import annotations

from dataclasses import dataclass

from tests.arm.answers import Answers, Said

PROBABILITY = 1e-6
IN_DISTRIBUTION = 1e-5


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

    def faults(self) -> list[str]:
        """Returns the claims that don't hold, a sentence each."""
        found = [f"{name}: other pixels" for name in self.pixels]
        found += [f"{name}: another verdict, label or reason" for name in self.words]
        if self.probability > PROBABILITY:
            found.append(f"probabilities differ by {self.probability:.1e}")
        if self.in_distribution > IN_DISTRIBUTION:
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
