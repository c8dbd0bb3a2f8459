"""Making results: what is stale, and in which order it is made again."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.measure.machine import check_idle
from benchmarks.plan.record import Places, Record, StepRecord, data_hash, inputs_of, outputs_of
from benchmarks.plan.steps import Step

ROOT = Path(__file__).parents[2]

Tell = Callable[[str], None]


class Maker:
    """Makes the steps of a plan that are stale, one after the other, and records each."""

    def __init__(self, steps: Sequence[Step], places: Places, tell: Tell) -> None:
        """Takes up what earlier, interrupted calls recorded.

        Args:
            steps: Each after those that it needs.
            places: Where everything lies.
            tell: Told what happens, a sentence at a time.

        Raises:
            OtakError: The record is broken, or there is no data set.
        """
        self._steps = {step.name: step for step in steps}
        self._places = places
        self._tell = tell
        self._data = data_hash(places.data)
        self.record = Record.load(places.results)

    def stale(self) -> list[Step]:
        """Returns the steps with committed outputs whose inputs or outputs are other than recorded."""
        return [step for step in self._steps.values() if step.published and not self._is_current(step)]

    def make(self) -> None:
        """Makes every stale result.

        Raises:
            OtakError: A step failed, or the machine is too busy for one that is timed.
        """
        stale = self.stale()
        self._tell(
            f"{len(stale)} results to make: {', '.join(step.name for step in stale)}."
            if stale
            else "Every result is current."
        )
        for step in stale:
            self._ensure(step)

    def _is_current(self, step: Step) -> bool:
        """Tells whether a step was done with today's inputs, and its committed outputs are as it left them."""
        done = self.record.steps.get(step.name)
        if done is None or not all(self._is_current(self._steps[name]) for name in step.needs):
            return False
        intact = not step.published or outputs_of(step, self._places) == done.outputs
        return intact and done.inputs == inputs_of(step, self._data, self.record)

    def _ensure(self, step: Step) -> None:
        """Makes a step, and before it whatever it needs, unless all of it is there."""
        done = self.record.steps.get(step.name)
        if done and self._is_current(step) and outputs_of(step, self._places) == done.outputs:
            return
        for name in step.needs:
            self._ensure(self._steps[name])
        if step.timed:
            check_idle()
        self._tell(f"{step.name}: begins.")
        start = time.monotonic()
        self._run(step)
        seconds = time.monotonic() - start
        outputs = outputs_of(step, self._places)
        if missing := [name for name, digest in outputs.items() if not digest]:
            raise BenchmarkError(f"{step.name}: left no {self._places.path(missing[0])}.")
        self.record = self.record.added(
            step.name,
            StepRecord(
                inputs=inputs_of(step, self._data, self.record),
                outputs=outputs,
                commit=_commit(),
                date=datetime.now(UTC).isoformat(timespec="seconds"),
                seconds=round(seconds, 1),
            ),
        )
        self.record.save(self._places.results)
        self._tell(f"{step.name}: done in {_duration(seconds)}.")

    def _run(self, step: Step) -> None:
        words = [self._places.fill(word) for word in step.command]
        if step.recipe is not None and self._begun(step):
            words.append("--resume")
        # A process of its own: a Keras backend is chosen once in a process, and takes memory to its end.
        result = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=False)  # noqa: S603
        if result.returncode == -2 or result.returncode == 130:
            raise KeyboardInterrupt
        if result.returncode:
            raise BenchmarkError(f"{step.name}: failed; the same command goes on once that is mended.")

    def _begun(self, step: Step) -> bool:
        return (self._places.path(step.outputs[0]).parent / "run.json").is_file()


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return result.stdout.strip()


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
