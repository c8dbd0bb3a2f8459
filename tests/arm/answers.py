"""What Otak says of a folder of pictures, to compare machines: ``python answers.py FOLDER OUT``.

It runs in the environment of a wheel, and needs nothing else.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

from edge_app import Classifier, records
from edge_app.answer import answer_of
from edge_app.image import decode
from edge_app.preprocessing import preprocess

SCHEMA = 1


@dataclass(frozen=True)
class Said:
    """Of one picture.

    Attributes:
        name: Of its file.
        pixels: SHA-256 of the model's input.
        verdict: As in an answer.
        label: Likewise.
        reasons: Likewise.
        probabilities: In the order of the labels.
        in_distribution: None where the model doesn't say.
    """

    name: str
    pixels: str
    verdict: str
    label: str | None
    reasons: tuple[str, ...]
    probabilities: tuple[float, ...]
    in_distribution: float | None


@dataclass(frozen=True)
class Answers:
    """Of one machine.

    Attributes:
        runtime: The interpreter.
        machine: As its system calls it.
        python: Version.
        said: By picture, in the order of paths.
    """

    runtime: str
    machine: str
    python: str
    said: tuple[Said, ...]


def answers(folder: Path) -> Answers:
    """Reads every file in a folder."""
    classifier = Classifier.load()
    said, runtime, machine = [], "", ""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        pixels, _ = preprocess(decode(data), classifier.bundle.input)
        one = answer_of(path.name, classifier.predict(data), classifier)
        runtime, machine = one.runtime, one.machine
        said.append(
            Said(
                path.name,
                hashlib.sha256(pixels.tobytes()).hexdigest(),
                one.verdict,
                one.label,
                one.reasons,
                tuple(one.probabilities.values()),
                one.in_distribution,
            )
        )
    return Answers(runtime, machine, sys.version.split()[0], tuple(said))


if __name__ == "__main__":
    records.write(Path(sys.argv[2]), answers(Path(sys.argv[1])), SCHEMA)
