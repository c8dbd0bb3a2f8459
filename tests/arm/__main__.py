"""``python -m tests.arm``: installs on emulated Raspberry Pis, and compares them with this machine.

``make arm`` runs it; each of the six takes some minutes. It needs Debian's apt and a connection.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edge_app import Classifier, records
from edge_app.classifier import SHIPPED
from evaluation.tables import SCHEMA, Table
from tests.arm import answers
from tests.arm.answers import Answers
from tests.arm.claims import Bounds, Difference, bounds_of, compare
from tests.arm.device import Device
from tests.arm.roots import RELEASES, Release, make_emulator, make_root, mirror
from tests.arm.samples import write_samples
from tests.conftest import ROOT
from wheelhouse.pins import MOST_BYTES

BOARDS = {"cortex-a53": "Pi 3, Zero 2 W", "cortex-a72": "Pi 4", "cortex-a76": "Pi 5"}
REAL = 200  # slices
COLUMNS = (
    *("Processor", "Board", "Debian", "Python", "LiteRT", "numpy", "Slices", "Other pixels", "Other answers"),
    *("Probability", "In distribution", "Environment, MB"),
)


@dataclass(frozen=True)
class Proof:
    """Of one board under one Debian.

    Attributes:
        cpu: As qemu names it.
        release: The Debian.
        python: Version.
        packages: Versions.
        difference: From this machine.
        size: Bytes of the environment.
    """

    cpu: str
    release: Release
    python: str
    packages: dict[str, str]
    difference: Difference
    size: int

    def faults(self, bounds: Bounds) -> list[str]:
        """Returns what is claimed and isn't so."""
        found = self.difference.faults(bounds)
        most = MOST_BYTES[str(self.release.version)]
        if self.size > most:
            found.append(f"the environment takes {self.size / 1e6:.0f} MB, more than {most / 1e6:.0f}")
        return [f"{self.cpu}, Debian {self.release.version}: {each}" for each in found]

    def row(self) -> tuple[str, ...]:
        """Returns its line of the table."""
        own = self.difference
        return (
            *(self.cpu, BOARDS[self.cpu], str(self.release.version), self.python),
            *(self.packages["ai-edge-litert"], self.packages["numpy"]),
            *(str(own.slices), str(len(own.pixels)), str(len(own.words))),
            *(f"{own.probability:.1e}", f"{own.in_distribution:.1e}", f"{self.size / 1e6:.0f}"),
        )


def main() -> int:
    """Proves it; returns 1 where a claim doesn't hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.arm", description=__doc__)
    parser.add_argument("archive", type=Path, help="what make wheelhouse made")
    parser.add_argument("--work", type=Path, default=ROOT / "runs" / "arm", help="folder for the roots")
    parser.add_argument("--mirror", help="of Debian (this machine's own)")
    parser.add_argument("--debian", type=int, action="append", help="12 or 13 (both)")
    parser.add_argument("--cpu", action="append", choices=BOARDS, help="as qemu names it (all)")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "boards" / "arm")
    options = parser.parse_args()
    shared = options.work.absolute() / "shared"
    shutil.rmtree(shared, ignore_errors=True)
    real = write_samples(shared / "samples", REAL)
    shutil.copy(answers.__file__, shared / "answers.py")
    archive = Path(shutil.copy(options.archive, shared))
    here = answers.answers(shared / "samples")
    site = options.mirror or mirror()
    emulator = make_emulator(options.work.absolute(), site)
    proofs = []
    for release in RELEASES:
        if release.version in (options.debian or [release.version]):
            root = make_root(release, options.work.absolute(), site)
            devices = [Device(emulator, root, cpu, shared) for cpu in options.cpu or BOARDS]
            proofs += prove(release, devices, archive, here)
    records.write(
        options.out / "table.json", _table(proofs, len(here.said) - real, archive.stat().st_size), SCHEMA
    )
    bundle = Classifier.load().bundle
    bounds = bounds_of((SHIPPED / bundle.default).read_bytes())
    faults = [fault for proof in proofs for fault in proof.faults(bounds)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return int(bool(faults))


def prove(release: Release, devices: list[Device], archive: Path, here: Answers) -> list[Proof]:
    """Installs on the first of a Debian's boards, asks all of them, and uninstalls.

    Raises:
        AssertionError: A command or a server doesn't do what it should.
    """
    size = devices[0].install(archive)
    said = {each.name: each for each in here.said}
    drawn = devices[0].shared / "samples" / "drawn"
    one = min(drawn.iterdir())
    proofs = []
    for device in devices:
        there = device.answers(drawn.parent)
        proofs.append(Proof(device.cpu, release, there.python, device.packages(), compare(here, there), size))
        print(*proofs[-1].row(), flush=True)
        device.check_commands(drawn, said)
        device.check_doctor()
        device.check_http(one, said[one.name])
        device.check_lan(one, said[one.name])
    devices[0].uninstall(archive)
    return proofs


def _table(proofs: list[Proof], drawn: int, archive: int) -> Table:
    note = (
        "Emulated by qemu: it proves installation, answers and numbers, and says nothing of speed. Slices: "
        f"{drawn} are drawn, the others real. Other pixels: slices whose input differs from this machine's; "
        "other answers: whose verdict, label or reasons do. Probability, in distribution: the largest "
        f"difference. Environment: the folder that the one file of {archive / 1e6:.0f} MB installs. On "
        "each, `otak predict`, a study, `otak doctor`, the server over HTTP and HTTPS and the case log were "
        "tried too. "
        f"{datetime.now(UTC).date()}, `make arm`."
    )
    return Table("Emulated Raspberry Pis", COLUMNS, tuple(proof.row() for proof in proofs), note)


if __name__ == "__main__":
    sys.exit(main())
