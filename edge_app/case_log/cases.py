"""What the log keeps of a case, and what may be asked and changed."""

from __future__ import annotations

from dataclasses import dataclass
from unicodedata import category

from edge_app.answer import Answer, Model, SliceAnswer, StudyAnswer
from edge_app.case_log.errors import CaseLogError
from edge_app.study import StudyCounts
from edge_app.verdict import Decision, Verdict

OTHER = "other"  # a diagnosis that is none of the model's labels
NONE = "none"  # asks for cases without a diagnosis
MAX_PATIENT = 100  # characters
MAX_NOTE = 4_000
UNKEPT = ("Cc", "Cs")  # control characters, and halves of what UTF-16 writes in two


@dataclass(frozen=True, kw_only=True)
class CaseModel:
    """Which model answered."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class StudySummary:
    """What was said of an examination, without its slices; as of ``edge_app.answer.StudyAnswer``."""

    suspicious: bool | None
    score: float | None
    counts: StudyCounts


@dataclass(frozen=True, kw_only=True)
class Said:
    """What was answered.

    Attributes:
        verdict: ``answer``, ``unsure`` or ``refused``; None of a study.
        label: The most probable answer; None when refused, and of a study.
        probabilities: By label; None of a study.
        in_distribution: How likely the picture is a slice of a brain MRI.
        reasons: Short codes behind the verdict, and notes on the picture's quality.
        frame: Which frame of the file was read, from 0; None of a study.
        frames: How many the file has; None of a study.
        model: What answered.
        study: None of a single slice.
    """

    verdict: Verdict | None
    label: str | None
    probabilities: dict[str, float] | None
    in_distribution: float | None
    reasons: tuple[str, ...]
    frame: int | None
    frames: int | None
    model: CaseModel
    study: StudySummary | None


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """A case to be kept.

    Attributes:
        patient: The clinic's code of the patient; may be empty.
        name: Of the file; empty unless names are kept.
        said: What was answered.
        slices: Of a study.
        thumbnail: A small JPEG; None of a study.
    """

    patient: str
    name: str
    said: Said
    slices: tuple[SliceAnswer, ...] = ()
    thumbnail: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Case(Said):
    """A case as it is kept.

    Attributes:
        id: A UUID.
        time: When it was answered, by the device's clock, in UTC: ``2026-11-26T08:30:00Z``.
        patient: The clinic's code of the patient; may be empty.
        name: Of the file; empty unless names are kept.
        note: Of the clinic.
        diagnosis: The clinician's own, a label of the model or ``other``; None where there is none yet.
        thumbnail: Whether there is one.
    """

    id: str
    time: str
    patient: str
    name: str
    note: str
    diagnosis: str | None
    thumbnail: bool


@dataclass(frozen=True, kw_only=True)
class Change:
    """What to change of a case; None leaves it as it is, an empty text takes it away."""

    patient: str | None = None
    note: str | None = None
    diagnosis: str | None = None


@dataclass(frozen=True, kw_only=True)
class Search:
    """Which cases to list, the newest first.

    Attributes:
        text: What their patient code, note or name holds, in any case.
        verdict: Theirs.
        diagnosis: Theirs, or ``none`` for those that have none yet.
        before: The last case of the page before this one.
        limit: How many at most.
    """

    text: str = ""
    verdict: str | None = None
    diagnosis: str | None = None
    before: str | None = None
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class Found:
    """A page of cases.

    Attributes:
        cases: The newest first.
        total: How many there are on all pages.
        next: What ``Search.before`` must name for the next page; None on the last.
    """

    cases: tuple[Case, ...]
    total: int
    next: str | None


def said(answer: Answer) -> Said:
    """Returns what the log keeps of an answer to one picture."""
    return Said(
        verdict=answer.verdict,
        label=answer.label,
        probabilities=answer.probabilities,
        in_distribution=answer.in_distribution,
        reasons=answer.reasons,
        frame=answer.frame,
        frames=answer.frames,
        model=_model(answer.model),
        study=None,
    )


def study_said(answer: StudyAnswer) -> Said:
    """Returns what the log keeps of what was said of a study."""
    return Said(
        verdict=None,
        label=None,
        probabilities=None,
        in_distribution=None,
        reasons=(),
        frame=None,
        frames=None,
        model=_model(answer.model),
        study=StudySummary(suspicious=answer.suspicious, score=answer.score, counts=answer.counts),
    )


def decision_of(case: Said) -> Decision:
    """Returns what was said of a single slice.

    Raises:
        ValueError: The case is a study.
    """
    if case.verdict is None:
        raise ValueError("nothing was decided of a study as of a slice")
    return Decision(
        verdict=case.verdict,
        label=case.label,
        probabilities=case.probabilities or {},
        in_distribution=case.in_distribution,
        reasons=case.reasons,
    )


def checked(change: Change, labels: tuple[str, ...]) -> Change:
    """Returns a change that the log may keep.

    Args:
        change: As somebody asked for it.
        labels: Of the model.

    Raises:
        CaseLogError: A text is too long or holds control characters, or the diagnosis is unknown.
    """
    patient, note = change.patient or "", change.note or ""
    if len(patient) > MAX_PATIENT or not patient.isprintable():
        raise CaseLogError("cases_patient", limit=MAX_PATIENT)
    if len(note) > MAX_NOTE or any(category(letter) in UNKEPT for letter in note if letter not in "\n\r\t"):
        raise CaseLogError("cases_note", limit=MAX_NOTE)
    known = ("", *labels, OTHER)
    if change.diagnosis is not None and change.diagnosis not in known:
        raise CaseLogError("cases_diagnosis", known=", ".join(known[1:]))
    return change


def _model(model: Model) -> CaseModel:
    return CaseModel(name=model.name, version=model.version, sha256=model.sha256)
