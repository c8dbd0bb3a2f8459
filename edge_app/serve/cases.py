"""The case log over HTTP; without ``--keep-cases`` every address of it says so."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, NoReturn

from flask import Blueprint, Response, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import BadRequest, NotFound

from edge_app import records
from edge_app.answer import Answer, Kept, SliceAnswer, StudyAnswer
from edge_app.case_log import fhir, table
from edge_app.case_log.cases import (
    MAX_NOTE,
    MAX_PATIENT,
    Case,
    Change,
    Found,
    Search,
    checked,
)
from edge_app.case_log.errors import CaseLogError
from edge_app.case_log.figures import ClinicFigures, figures_of
from edge_app.case_log.keeper import Keeper
from edge_app.case_log.log import CaseLog
from edge_app.classifier import Prediction
from edge_app.languages import LANGUAGES
from edge_app.serve.context import language, served
from edge_app.serve.operation import Operation, Parameter, describe

EXTENSION = "otak-cases"
MOST = 200  # cases of a page
FIELDS = ("patient", "note", "diagnosis")
CHANGE = {
    "type": "object",
    "properties": {
        "patient": {"type": "string", "maxLength": MAX_PATIENT},
        "note": {"type": "string", "maxLength": MAX_NOTE},
        "diagnosis": {"type": ["string", "null"]},
    },
    "additionalProperties": False,
    "minProperties": 1,
}
SLICES = records.json_schema(tuple[SliceAnswer, ...])
LANGUAGE = Parameter(name="lang", what="the language of sentences", choices=LANGUAGES)
VERDICTS = ("answer", "unsure", "refused")

_exporting = threading.Lock()

cases = Blueprint("cases", __name__, url_prefix="/api/v1/cases")


def keeping(keeper: Keeper) -> Blueprint:
    """Makes what has an app keep its cases."""
    blueprint = Blueprint("keeping", __name__)

    @blueprint.record
    def remember(state: BlueprintSetupState) -> None:
        state.app.extensions[EXTENSION] = keeper

    return blueprint


def keeper() -> Keeper | None:
    """Returns what keeps the cases of this app; None where it keeps none."""
    found: Keeper | None = current_app.extensions.get(EXTENSION)
    return found


def patient() -> str:
    """Returns the patient's code of a request; empty where there is none, or no case is kept.

    Raises:
        CaseLogError: It is none.
    """
    if keeper() is None:
        return ""
    code = request.form.get("patient") or request.args.get("patient", "")
    checked(Change(patient=code.strip()), ())
    return code.strip()


def keep(answer: Answer, prediction: Prediction, code: str) -> dict[str, Any]:
    """Keeps an answer where cases are kept; returns what the answer says of that."""
    found = keeper()
    return {} if found is None else _told(found.keep(answer, prediction.image, code, language()))


def keep_study(answer: StudyAnswer, code: str) -> dict[str, Any]:
    """Keeps what was said of a study; likewise."""
    found = keeper()
    return {} if found is None else _told(found.keep_study(answer, code, language()))


@cases.get("")
@describe(
    Operation(
        what="Lists the cases that were kept, the newest first.",
        gives=Found,
        parameters=(
            LANGUAGE,
            Parameter(name="q", what="what their patient code, note or name holds"),
            Parameter(name="verdict", what="their verdict", choices=VERDICTS),
            Parameter(name="diagnosis", what="the clinician's; none for cases without"),
            Parameter(name="before", what="the next of the page before"),
            Parameter(name="limit", what=f"how many, at most {MOST}"),
        ),
        errors=(404,),
    )
)
def find() -> Response:
    """Lists cases."""
    asked = request.args
    search = Search(
        text=asked.get("q", ""),
        verdict=asked.get("verdict"),
        diagnosis=asked.get("diagnosis"),
        before=asked.get("before"),
        limit=_limit(asked.get("limit", "50")),
    )
    if search.verdict not in (None, *VERDICTS):
        raise CaseLogError("cases_request")
    return jsonify(asdict(case_log().find(search)))


@cases.get("/figures")
@describe(
    Operation(
        what="Counts what was answered here beside what clinicians diagnosed, a model at a time.",
        gives=ClinicFigures,
        parameters=(LANGUAGE,),
        errors=(404,),
    )
)
def figures() -> Response:
    """The clinic's own figures."""
    return jsonify(asdict(clinic_figures()))


@cases.get("/export.csv")
@describe(
    Operation(
        what="All cases as a table for spreadsheets.",
        gives={"type": "string"},
        media="text/csv",
        parameters=(LANGUAGE,),
        errors=(404,),
    )
)
def export_table() -> Response:
    """All cases as CSV."""
    return _download(table.lines(case_log()), "text/csv", "otak-cases.csv")


@cases.get("/export.json")
@describe(
    Operation(
        what="All cases as a FHIR R4 Bundle of DiagnosticReports, without pictures.",
        gives={"type": "object"},
        media=fhir.MEDIA_TYPE,
        parameters=(LANGUAGE,),
        errors=(404,),
    )
)
def export_reports() -> Response:
    """All cases as FHIR."""
    labels = served().classifier.bundle.labels
    reports = (fhir.report(case, None, language(), labels) for case in case_log().every())
    return _download(fhir.bundle(reports), fhir.MEDIA_TYPE, "otak-cases.json")


@cases.get("/<id_>")
@describe(Operation(what="One case.", gives=Case, parameters=(LANGUAGE,)))
def get(id_: str) -> Response:
    """One case."""
    return jsonify(asdict(case_log().get(id_)))


@cases.get("/<id_>/slices")
@describe(Operation(what="The slices of a study.", gives=SLICES, parameters=(LANGUAGE,)))
def slices(id_: str) -> Response:
    """The slices of a study."""
    found: tuple[SliceAnswer, ...] = case_log().slices(id_)
    return jsonify([asdict(each) for each in found])


@cases.get("/<id_>/thumbnail")
@describe(
    Operation(
        what="A case's picture, small.",
        gives={"type": "string", "format": "binary"},
        media="image/jpeg",
        parameters=(LANGUAGE,),
    )
)
def thumbnail(id_: str) -> Response:
    """A case's picture, small."""
    picture = case_log().thumbnail(id_)
    if picture is None:
        raise NotFound
    return Response(picture, mimetype="image/jpeg")


@cases.get("/<id_>/report")
@describe(
    Operation(
        what="One case as a FHIR R4 DiagnosticReport.",
        gives={"type": "object"},
        media=fhir.MEDIA_TYPE,
        parameters=(LANGUAGE,),
    )
)
def report(id_: str) -> Response:
    """One case as FHIR."""
    log = case_log()
    labels = served().classifier.bundle.labels
    response = jsonify(fhir.plain(fhir.report(log.get(id_), log.thumbnail(id_), language(), labels)))
    response.mimetype = fhir.MEDIA_TYPE
    return response


@cases.patch("/<id_>")
@describe(
    Operation(
        what="Changes a case's patient code, note or diagnosis; what they were is gone.",
        gives=Case,
        takes=("application/json",),
        body=CHANGE,
        parameters=(LANGUAGE,),
        errors=(422, 507),
    )
)
def change(id_: str) -> Response:
    """Changes a case."""
    log, labels = case_log(), served().classifier.bundle.labels
    wanted = checked(_change(), tuple(label.name for label in labels))
    return jsonify(asdict(log.change(id_, wanted)))


@cases.delete("/<id_>")
@describe(Operation(what="Deletes a case for good.", gives=None, parameters=(LANGUAGE,), errors=(507,)))
def delete(id_: str) -> Response:
    """Deletes a case."""
    case_log().delete(id_)
    return Response(status=204)


def clinic_figures() -> ClinicFigures:
    """Returns the clinic's own figures.

    Raises:
        CaseLogError: No cases are kept, or they can't be read.
    """
    return figures_of(case_log().kinds())


def case_log() -> CaseLog:
    """Returns the log of this app.

    Raises:
        CaseLogError: It keeps none.
    """
    found = keeper()
    if found is None:
        raise CaseLogError("cases_off")
    return found.log


def _told(kept: Kept) -> dict[str, Any]:
    return {"case": asdict(kept)}


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MOST):
        raise CaseLogError("cases_request")
    return int(text)


def _change() -> Change:
    try:
        plain = request.get_json()
    # Lists within lists, a thousand deep.
    except (BadRequest, RecursionError):
        _senseless()
    if not isinstance(plain, dict) or not plain or not set(plain) <= set(FIELDS):
        _senseless()
    # To take a diagnosis away, JSON says null.
    told = {name: "" if name == "diagnosis" and value is None else value for name, value in plain.items()}
    if not all(isinstance(value, str) for value in told.values()):
        _senseless()
    return Change(**told)


def _senseless() -> NoReturn:
    raise CaseLogError("cases_request")


def _download(parts: Iterable[str], kind: str, name: str) -> Response:
    # Several at a time would take the memory, and the threads that health and the page are answered by.
    if not _exporting.acquire(blocking=False):
        raise CaseLogError("cases_locked")
    try:
        body = io.BytesIO()
        for part in parts:
            body.write(part.encode())
    finally:
        _exporting.release()
    # Other programs than browsers take no notice of the name.
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body.getvalue(), mimetype=kind, headers=disposition)
