"""``python -m wheelhouse pin`` and ``python -m wheelhouse make --out FOLDER``."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from wheelhouse.build import build_wheel, make_wheelhouse
from wheelhouse.pins import PINS, renew_pins


def main() -> int:
    """Does what the command says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m wheelhouse", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("pin", help="pins the newest dependencies that are allowed, to be proven by make arm")
    making = commands.add_parser("make", help="builds the wheel and the one file that installs it on a Pi")
    making.add_argument("--out", type=Path, default=Path("dist"), help="folder for both (dist)")
    making.add_argument("--wheel", type=Path, help="one built before")
    arguments = parser.parse_args()
    try:
        if arguments.command == "pin":
            print(f"{PINS}: {len(renew_pins())} files")
            return 0
        arguments.out.mkdir(parents=True, exist_ok=True)
        wheel = arguments.wheel or build_wheel(arguments.out)
        path = make_wheelhouse(wheel, arguments.out)
    except subprocess.CalledProcessError as error:
        print(f"pip failed ({error.returncode}); is there a connection?", file=sys.stderr)
        return 1
    print(f"{path}: {path.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
