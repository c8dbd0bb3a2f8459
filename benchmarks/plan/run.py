"""Making results: what is stale, and in which order it is made again."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.measure.machine import check_idle
from benchmarks.plan.record import NAME, Places, Record, StepRecord, inputs_of, outputs_of
from benchmarks.plan.steps import Step
from train.environment import git_commit
from train.run import Run

ROOT = Path(__file__).parents[2]
INTERRUPTED = (-2, 130)
APART = ("boards", "load", "night", "screen")  # what commands of their own leave, on other machines too

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
        self._given = places.given()
        self.record = Record.load(places.results)

    def make(self) -> None:
        """Makes every committed result whose inputs or files are other than recorded.

        Raises:
            OtakError: A step failed, or the machine is too busy for one that is timed.
        """
        stale = self._stale()
        names = ", ".join(step.name for step in stale)
        self._tell(f"{len(stale)} results to make: {names}." if stale else "Every result is current.")
        # Anew after each: a net that had to be trained again makes what was current stale.
        while stale := self._stale():
            self._ensure(stale[0])

    def _stale(self) -> list[Step]:
        return [step for step in self._steps.values() if step.published and not self._is_current(step)]

    def _is_current(self, step: Step) -> bool:
        """Tells whether a step was done with today's inputs, and what is committed of it is unchanged."""
        done = self.record.steps.get(step.name)
        if done is None or not all(self._is_current(self._steps[name]) for name in step.needs):
            return False
        intact = not step.published or outputs_of(step, self._places) == done.outputs
        return intact and done.inputs == inputs_of(step, self._given, self.record)

    def _ensure(self, step: Step) -> None:
        """Makes a step, and before it whatever it needs, unless all of it is there."""
        done = self.record.steps.get(step.name)
        if done and self._is_current(step) and outputs_of(step, self._places) == done.outputs:
            return
        for name in step.needs:
            self._ensure(self._steps[name])
        if step.timed:
            check_idle()
        before = f", took {_duration(done.seconds)} the last time" if done else ""
        self._tell(f"{step.name}: begins{before}.")
        start = time.monotonic()
        inputs = inputs_of(step, self._given, self.record)
        self._run(step, inputs)
        seconds = time.monotonic() - start
        outputs = outputs_of(step, self._places)
        if missing := [name for name, digest in outputs.items() if not digest]:
            raise BenchmarkError(f"{step.name}: left no {self._places.path(missing[0])}.")
        made = StepRecord(
            inputs=inputs,
            outputs=outputs,
            commit=git_commit(),
            date=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(seconds, 1),
        )
        self.record = self.record.added(step.name, made, self._given)
        self.record.save(self._places.results)
        self._tell(f"{step.name}: done in {_duration(seconds)}.")

    def _run(self, step: Step, inputs: str) -> None:
        words = [self._places.fill(word) for word in step.command]
        if step.recipe is not None:
            state = self._take_up(step, inputs)
            if state == "finished":
                return
            words += ["--resume"] if state else []
        elif step.command[:2] == ("convert", "make"):
            # The converter never overwrites what may be somebody's only copy; this can be made again.
            shutil.rmtree(self._places.path(step.outputs[0]).parent, ignore_errors=True)
        # A process of its own: a Keras backend is chosen once in a process, and keeps its memory.
        code = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=False).returncode  # noqa: S603
        if code in INTERRUPTED:
            raise KeyboardInterrupt
        if code:
            raise BenchmarkError(f"{step.name}: failed; the same command goes on once that is mended.")
        for source, target in step.copies:
            self._places.path(target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._places.path(source), self._places.path(target))

    def _take_up(self, step: Step, inputs: str) -> str:
        """Returns how far a training of the same inputs came, empty for none; removes what others left."""
        folder = self._places.path(step.outputs[0]).parent
        begun = folder.with_name(f"{folder.name}.inputs")
        if (
            begun.is_file()
            and begun.read_text(encoding="utf-8") == inputs
            and (folder / "run.json").is_file()
        ):
            return Run.load(folder).state
        shutil.rmtree(folder, ignore_errors=True)
        begun.parent.mkdir(parents=True, exist_ok=True)
        begun.write_text(inputs, encoding="utf-8")
        return ""


def faults(steps: Sequence[Step], places: Places) -> Iterator[str]:
    """Yields a sentence for each committed result that is not as its step left it.

    What no step leaves is named too: a row written by hand is no result.

    Raises:
        OtakError: The record is broken.
    """
    record = Record.load(places.results)
    known = {places.results / NAME}
    for step in steps:
        if not step.published:
            continue
        done = record.steps.get(step.name)
        if done is None:  # a step that is new to the plan may not be made yet
            if any(outputs_of(step, places).values()):
                yield f"{step.name}: was never recorded; make results makes it."
            continue
        for word, digest in outputs_of(step, places).items():
            known.add(places.path(word))
            if digest != done.outputs.get(word):
                yield f"{places.path(word)}: is not what the step {step.name} left."
    for path in sorted(places.results.rglob("*")):
        if (
            path.is_file()
            and path not in known
            and not any(places.results / name in path.parents for name in APART)
            and path.name not in ("report.json", "report.md", "report.html")
        ):
            yield f"{path}: is left by no step."


def outdated(steps: Sequence[Step], places: Places) -> Iterator[str]:
    """Yields the steps that were made from other inputs than today's plan has; new ones among them."""
    record = Record.load(places.results)
    for step in steps:
        done = record.steps.get(step.name)
        if done is None or done.inputs != inputs_of(step, record.given, record):
            yield step.name


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
