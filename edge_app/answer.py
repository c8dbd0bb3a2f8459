"""What programs are told of a prediction: one JSON for the command line, the API and the page's export.

``docs/http-api.md`` explains it, ``docs/answer.schema.json`` describes it.
"""

from __future__ import annotations

import base64
import io
import platform
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from edge_app import records
from edge_app.bundle import Precision, StudyRule, Thresholds
from edge_app.classifier import Classifier, Prediction
from edge_app.errors import BundleError, ImageError, OtakError
from edge_app.preprocessing import Box
from edge_app.quality import Quality
from edge_app.reading import shrink
from edge_app.records import FileName, Sha256, Share
from edge_app.study import StudyCounts, StudyPrediction, StudySlice
from edge_app.verdict import Verdict


@dataclass(frozen=True, kw_only=True)
class Heatmap:
    """The small map, and where it lies.

    Attributes:
        box: Left, top, right and bottom of the map in pixels of the picture; may reach beyond it.
        size: Width and height of the decoded picture.
        rows: Of the map.
        columns: Of the map.
        values: Base64 of a byte for each place, row by row; 255 is 1.0.
    """

    box: Box
    size: tuple[int, int]
    rows: int
    columns: int
    values: str


@dataclass(frozen=True, kw_only=True)
class Milliseconds:
    """How long each step took."""

    decode: float
    preprocess: float
    infer: float


@dataclass(frozen=True, kw_only=True)
class Model:
    """Which model answers: name and version of its bundle, and the file that was run."""

    name: str
    version: str
    file: FileName
    sha256: Sha256
    precision: Precision
    temperature: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One prediction.

    Attributes:
        name: Of the picture.
        verdict: ``answer``, ``unsure`` or ``refused``.
        label: The most probable answer; None when refused.
        probabilities: By label; they sum to 1.
        in_distribution: How likely the picture is a slice of a brain MRI; None where the model doesn't say.
        reasons: Short codes behind the verdict, and notes on the picture's quality.
        heatmap: Where the model sees a tumour; None where it doesn't say.
        milliseconds: By step.
        model: What answered.
        runtime: The interpreter that ran it.
        machine: Of the computer, as its system calls it.
        thresholds: The bundle's; None where it isn't calibrated.
        quality: Measures of the picture.
        frame: Which frame of the file was read, from 0.
        frames: How many the file has.
    """

    name: str
    verdict: Verdict
    label: str | None
    probabilities: dict[str, Share]
    in_distribution: Share | None
    reasons: tuple[str, ...]
    heatmap: Heatmap | None
    milliseconds: Milliseconds
    model: Model
    runtime: str
    machine: str
    thresholds: Thresholds | None
    quality: Quality
    frame: int
    frames: int


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a slice couldn't be read: a code for programs, a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class SliceAnswer:
    """What is said of one slice of a study; one that couldn't be read has an error alone.

    Attributes:
        name: Of its file.
        frame: Which of the file's frames, from 0; None where it has one alone.
        verdict: ``answer``, ``unsure`` or ``refused``.
        label: The most probable answer; None when refused.
        tumour: How likely the slice shows a tumour; None where it is not judged.
        probabilities: By label; they sum to 1.
        in_distribution: How likely the picture is a slice of a brain MRI; None where the model doesn't say.
        reasons: Short codes behind the verdict, and notes on the picture's quality.
        error: None where the slice was read.
    """

    name: str
    frame: int | None
    verdict: Verdict | None
    label: str | None
    tumour: Share | None
    probabilities: dict[str, Share] | None
    in_distribution: Share | None
    reasons: tuple[str, ...]
    error: Fault | None


@dataclass(frozen=True, kw_only=True)
class StudyAnswer:
    """What is said of one examination.

    Attributes:
        suspicious: By the rule; None without a rule, and where no slice was judged.
        score: What the rule compares with its threshold; None likewise.
        rule: The bundle's; None where it isn't calibrated for studies.
        counts: Of the slices.
        slices: The most suspicious first, then those refused, then those unreadable.
        model: What answered.
        runtime: The interpreter that ran it.
        machine: Of the computer, as its system calls it.
        thresholds: The bundle's; None where it isn't calibrated.
    """

    suspicious: bool | None
    score: Share | None
    rule: StudyRule | None
    counts: StudyCounts
    slices: tuple[SliceAnswer, ...]
    model: Model
    runtime: str
    machine: str
    thresholds: Thresholds | None


def answer_of(name: str, prediction: Prediction, classifier: Classifier) -> Answer:
    """Returns a prediction as programs read it.

    Args:
        name: Of the picture.
        prediction: Of that picture.
        classifier: That made it.
    """
    return Answer(
        name=name,
        verdict=prediction.verdict,
        label=prediction.label,
        probabilities=prediction.probabilities,
        in_distribution=prediction.in_distribution,
        reasons=prediction.reasons,
        heatmap=_heatmap(prediction),
        milliseconds=Milliseconds(
            **{step: round(value, 3) for step, value in prediction.milliseconds.items()}
        ),
        model=model_of(classifier),
        runtime=classifier.runtime.name,
        machine=platform.machine(),
        thresholds=classifier.bundle.thresholds,
        quality=prediction.quality,
        frame=prediction.frame,
        frames=prediction.frames,
    )


def study_answer_of(study: StudyPrediction, classifier: Classifier, language: str) -> StudyAnswer:
    """Returns what is said of a study as programs read it.

    Args:
        study: What is said.
        classifier: That says it.
        language: Of the errors' sentences, ``en`` or ``id``.
    """
    return StudyAnswer(
        suspicious=study.suspicious,
        score=study.score,
        rule=study.rule,
        counts=study.counts,
        slices=tuple(_slice_answer(each, language) for each in study.slices),
        model=model_of(classifier),
        runtime=classifier.runtime.name,
        machine=platform.machine(),
        thresholds=classifier.bundle.thresholds,
    )


def model_of(classifier: Classifier) -> Model:
    """Returns which model answers."""
    file = classifier.file
    return Model(
        name=classifier.bundle.name,
        version=classifier.bundle.version,
        file=file.path,
        sha256=file.sha256,
        precision=file.precision,
        temperature=file.temperature,
    )


def plain(record: Answer | StudyAnswer) -> dict[str, Any]:
    """Returns a record as JSON takes it."""
    return asdict(record)


def picture_of(prediction: Prediction) -> str:
    """Returns the decoded picture as the base64 of a JPEG, at most 1,024 pixels wide and high."""
    buffer = io.BytesIO()
    shrink(prediction.image).save(buffer, "JPEG", quality=85)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def error_json(code: str, message: str, name: str | None = None) -> dict[str, Any]:
    """Returns an error as programs read it; ``name`` is left out where no picture is to blame."""
    error = {"error": {"code": code, "message": message}}
    return error if name is None else {"name": name} | error


def error_code(error: OtakError) -> str:
    """Returns the short name of an error."""
    if isinstance(error, ImageError):
        return error.code
    return "bundle" if isinstance(error, BundleError) else "internal"


def document() -> str:
    """Returns the JSON Schema of an answer, with the picture that a request may ask for."""
    return records.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema"} | answer_record())


def answer_record() -> dict[str, Any]:
    """Returns that schema without its dialect."""
    schema = records.json_schema(Answer)
    schema["properties"]["picture"] = {"type": "string", "contentEncoding": "base64"}
    return schema


def study_document() -> str:
    """Returns the JSON Schema of what is said of a study."""
    schema = records.json_schema(StudyAnswer)
    return records.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema)


def _slice_answer(each: StudySlice, language: str) -> SliceAnswer:
    decision, error = each.decision, each.error
    return SliceAnswer(
        name=each.name,
        frame=each.frame,
        verdict=decision.verdict if decision else None,
        label=decision.label if decision else None,
        tumour=each.tumour,
        probabilities=decision.probabilities if decision else None,
        in_distribution=decision.in_distribution if decision else None,
        reasons=decision.reasons if decision else (),
        error=Fault(code=error.code, message=error.sentence(language)) if error else None,
    )


def _heatmap(prediction: Prediction) -> Heatmap | None:
    if prediction.map is None:
        return None
    values = np.rint(255 * prediction.map.clip(0.0, 1.0)).astype(np.uint8)
    return Heatmap(
        box=prediction.box,
        size=prediction.size,
        rows=values.shape[0],
        columns=values.shape[1],
        values=base64.b64encode(values.tobytes()).decode("ascii"),
    )
