"""What becomes of one file of an archive: a pure function, the same in every engine."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from edge_app import __version__
from edge_app.classifier import Classifier
from edge_app.dicom.uids import study_and_series
from edge_app.errors import ImageError, ImageTooLarge
from edge_app.sources import MAX_SLICES, SliceSource, printable, slices_of

HASH = 16  # hexadecimal digits of a study's or series' hash
CHANGED, CRASHED, MISSING, CLOSED, NO_FILE = "changed", "crashed", "missing", "closed", "no_file"
TOO_LONG, TOO_MUCH_MEMORY = "too_long", "too_much_memory"  # the reader's


@dataclass(frozen=True, kw_only=True)
class Row:
    """One slice: what is said of it, or its error.

    Attributes:
        entry: The file inside a ZIP file; empty elsewhere.
        number: Which of the ZIP file's entries, from 0 in the order of their names there, since the names
            without their folders may be alike; 0 elsewhere.
        frame: Of the file, from 0; None where it has one alone.
        study: Hash of its StudyInstanceUID; of its folder where it has none, or of its ZIP file.
        series: Likewise of its SeriesInstanceUID.
        verdict: ``answer``, ``unsure`` or ``refused``; empty where there is an error.
        label: The most probable answer; None where refused or an error.
        reasons: As of ``Decision``.
        probabilities: In the order of the bundle's labels; empty where there is an error.
        in_distribution: As of ``Decision``.
        milliseconds: Decoding, preprocessing and inference together.
        error: Its code; empty where there is none.
    """

    entry: str = ""
    number: int = 0
    frame: int | None = None
    study: str
    series: str
    verdict: str = ""
    label: str | None = None
    reasons: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    in_distribution: float | None = None
    milliseconds: float = 0.0
    error: str = ""


@dataclass(frozen=True)
class State:
    """What a file was like when it was read; another one is read again.

    Attributes:
        size: In bytes.
        modified: Nanoseconds since 1970.
    """

    size: int
    modified: int


UNKNOWN = State(-1, 0)


@dataclass(frozen=True)
class FileResult:
    """All slices of a file, or one row that says why there are none."""

    path: str
    state: State
    rows: tuple[Row, ...]


def state_of(path: str) -> State:
    """Looks at a file; of what is none, or is gone, nothing is known, so that it is looked at again."""
    try:
        found = os.stat(path)  # noqa: PTH116 (a path may hold what pathlib doesn't take)
    except (OSError, ValueError):
        return UNKNOWN
    return State(found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else UNKNOWN


def screen_file(path: str, classifier: Classifier, before_each: Callable[[], None]) -> FileResult:
    """Reads every frame of a file.

    Args:
        path: Of a picture, a DICOM file or a ZIP file of them; absolute.
        classifier: Of this process.
        before_each: Called before each slice.

    Raises:
        BundleError: The model gave no finite numbers.
    """
    state = state_of(path)
    if state == UNKNOWN:
        # A folder is named where it can't be opened alone.
        return failed(
            path, state, CLOSED if Path(path).is_dir() else NO_FILE if Path(path).exists() else MISSING
        )
    rows: list[Row] = []
    before_each()
    try:
        # To count a file's frames first would walk it twice, and most have one.
        for number, each in enumerate(slices_of([path], lambda content, name: 1)):
            rows += _rows(each, number, path, classifier, before_each)
    # More slices than an examination may have.
    except ImageError as error:
        return failed(path, state, error.code)
    # Whoever wrote it wasn't done.
    if state_of(path) != state:
        return failed(path, state, CHANGED)
    return FileResult(path, state, tuple(rows))


def failed(path: str, state: State, error: str) -> FileResult:
    """Returns the result of a file of which nothing could be read."""
    return FileResult(path, state, (Row(study=_folder(path), series=_folder(path), error=error),))


def answering(classifier: Classifier) -> str:
    """Returns a hash of all that an answer depends on: the model's file, its bundle's rules, and Otak."""
    return hashed(f"{classifier.file.sha256} {classifier.bundle.sha256} {__version__}")


def hashed(text: str) -> str:
    """Returns what stands for an identifier: the same for the same one, and not to be read back."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:HASH]


def _folder(path: str) -> str:
    return hashed(str(Path(path).parent))


def _rows(
    each: SliceSource, number: int, path: str, classifier: Classifier, before_each: Callable[[], None]
) -> Iterator[Row]:
    study, series = study_and_series(each.content) if isinstance(each.content, bytes) else ("", "")
    entry = each.name.removeprefix(printable(path)).removeprefix("/")
    # A ZIP file is what a folder is elsewhere.
    place = hashed(path) if entry else _folder(path)
    row = Row(
        entry=entry,
        number=number,
        study=hashed(study) if study else place,
        series=hashed(series) if series else place,
    )
    before_each()
    opened, frames = _opened(each, classifier)
    if frames > MAX_SLICES:
        raise ImageTooLarge("too_many_slices", limit=MAX_SLICES)
    if frames == 1:
        yield _read(opened, row, classifier)
        return
    for frame in range(frames):
        before_each()
        yield _read(replace(opened, frame=frame), replace(row, frame=frame), classifier)


def _opened(each: SliceSource, classifier: Classifier) -> tuple[SliceSource, int]:
    """Returns a file, walked once for all of its frames, and how many it has; or why it can't be."""
    if isinstance(each.content, ImageError):
        return each, 1
    try:
        content = classifier.reader.opened(each.content, each.name)
        return replace(each, content=content), classifier.reader.count_frames(content, each.name)
    except ImageError as error:
        return replace(each, content=error), 1


def _read(each: SliceSource, row: Row, classifier: Classifier) -> Row:
    try:
        if isinstance(each.content, ImageError):
            raise each.content
        found = classifier.predict(each.content, each.name, each.frame)
    except ImageError as error:
        return replace(row, error=error.code)
    return replace(
        row,
        verdict=found.verdict,
        label=found.label,
        reasons=found.reasons,
        probabilities=tuple(found.probabilities.values()),
        in_distribution=found.in_distribution,
        milliseconds=round(sum(found.milliseconds.values()), 3),
    )
