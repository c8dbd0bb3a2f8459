"""Running ``python -m train`` as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT, heed_interrupts


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line of its errors, once it is sure that they hold no traceback."""
        assert "Traceback" not in self.err
        return self.err.strip().splitlines()[-1]


def start(*arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
    """Starts a command; keywords go into its environment."""
    return subprocess.Popen(
        [sys.executable, "-m", "train", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | environment,
        preexec_fn=heed_interrupts,
    )


def run(*arguments: str | Path, **environment: str) -> Done:
    """Runs a command to its end."""
    process = start(*arguments, **environment)
    out, err = process.communicate(timeout=300)
    return Done(process.returncode, out, err)
