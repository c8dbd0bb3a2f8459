"""The case log as pages: to find a case, enter the clinician's diagnosis and delete it.

They need no JavaScript.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from edge_app.case_log.cases import MAX_NOTE, MAX_PATIENT, NONE, OTHER, Change, Search, checked
from edge_app.case_log.wording import case_headline, diagnosis_name
from edge_app.serve.cases import case_log
from edge_app.serve.context import language, say, served
from edge_app.serve.forms import PAGE_HEADERS, TOKEN_COOKIE
from edge_app.wording import capital, label_names, percent

PAGE = 50

case_pages = Blueprint("case_pages", __name__)


@case_pages.get("/cases")
def find() -> Response:
    """Lists cases."""
    names = label_names(served().classifier, language())
    search = Search(
        text=request.args.get("q", ""),
        diagnosis=request.args.get("diagnosis") or None,
        before=request.args.get("before"),
        limit=PAGE,
    )
    found = case_log().find(search)
    query = {"lang": language(), "q": search.text, "diagnosis": search.diagnosis or "", "before": found.next}
    return _page(
        "cases.html",
        search=search,
        found=found,
        rows=[(case, case_headline(case, names, language())) for case in found.cases],
        diagnoses=[(NONE, say("cases.none_yet")), *_diagnoses(names)],
        next=f"/cases?{urlencode(query)}" if found.next else None,
    )


@case_pages.get("/cases/<id_>")
def show(id_: str) -> Response:
    """Shows one case."""
    names = label_names(served().classifier, language())
    case = case_log().get(id_)
    return _page(
        "case.html",
        case=case,
        told=case_headline(case, names, language()),
        shares=[
            (capital(names.get(label, label)), percent(share))
            for label, share in (case.probabilities or {}).items()
        ],
        diagnoses=_diagnoses(names),
        most_code=MAX_PATIENT,
        most_note=MAX_NOTE,
        saved="saved" in request.args,
    )


@case_pages.post("/cases/<id_>")
def change(id_: str) -> AnyResponse:
    """Changes a case, and shows it again."""
    form = request.form
    wanted = Change(
        patient=form.get("patient", "").strip(),
        note=form.get("note", "").replace("\r\n", "\n"),
        diagnosis=form.get("diagnosis", ""),
    )
    labels = tuple(label.name for label in served().classifier.bundle.labels)
    case_log().change(id_, checked(wanted, labels))
    return redirect(f"/cases/{id_}?lang={language()}&saved=1", 303)


@case_pages.post("/cases/<id_>/delete")
def delete(id_: str) -> AnyResponse:
    """Deletes a case for good, where whoever asks is sure; shows the others."""
    if request.form.get("sure") != "yes":
        return redirect(f"/cases/{id_}?lang={language()}", 303)
    case_log().delete(id_)
    return redirect(f"/cases?lang={language()}", 303)


def _diagnoses(names: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, capital(diagnosis_name(name, names, language()))) for name in (*names, OTHER)]


def _page(template: str, **details: object) -> Response:
    token = request.cookies.get(TOKEN_COOKIE, "")
    text = render_template(template, say=say, language=language(), token=token, **details)
    return Response(text, headers=PAGE_HEADERS)
