"""The pages of the case log, which work without JavaScript."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from edge_app import Classifier
from edge_app.case_log.cases import Search
from edge_app.case_log.keeper import Keeper
from edge_app.case_log.log import CaseLog
from edge_app.serve.app import create_app
from edge_app.serve.cases import keeping
from tests.edge_app.case_log.examples import new_case, new_study


@pytest.fixture
def log(tmp_path: Path) -> CaseLog:
    return CaseLog(tmp_path / "cases.sqlite")


@pytest.fixture
def pages(classifier: Classifier, log: CaseLog) -> FlaskClient:
    return create_app(classifier, [keeping(Keeper(log, names=False))]).test_client()


def test_a_list(pages: FlaskClient, log: CaseLog) -> None:
    for place in range(51):
        log.add(new_case(f"K-{place}<b>"))
    log.add(new_study())
    text = pages.get("/cases?lang=en").text
    assert "Cases kept: 52." in text and "Suspicious: 1 of 2 slices stand out" in text
    assert "K-50&lt;b&gt;" in text and "K-1&lt;b&gt;" not in text and "<b>" not in text
    older = text.partition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "K-1&lt;b&gt;" in pages.get(older).text
    assert "Kasus tersimpan: 1." in pages.get("/cases?lang=id&q=k-17<").text
    assert "Cases kept: 0." in pages.get("/cases?lang=en&diagnosis=glioma").text
    response = pages.get("/cases")
    assert (
        response.headers["Referrer-Policy"] == "same-origin"
        and response.headers["Cache-Control"] == "no-store"
    )
    assert "form-action 'self'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("language", ["en", "id"])
def test_a_diagnosis_is_entered(pages: FlaskClient, log: CaseLog, language: str) -> None:
    place = f"/cases/{log.add(new_case('K-1'))}"
    assert "Glioma" in pages.get(f"{place}?lang={language}").text
    form = {"patient": " K-2 ", "diagnosis": "meningioma", "note": "two\r\nlines <script>"}
    done = pages.post(f"{place}?lang={language}", data=form, headers={"Origin": "http://localhost"})
    assert done.status_code == 303
    case = log.get(place.removeprefix("/cases/"))
    assert (case.patient, case.diagnosis, case.note) == ("K-2", "meningioma", "two\nlines <script>")
    again = pages.get(done.location).text
    assert 'role="status"' in again and "<script>" not in again and "two\nlines &lt;script&gt;" in again
    assert '<option value="meningioma" selected>' in again
    pages.post(place, data=form | {"diagnosis": ""})
    assert log.get(case.id).diagnosis is None


def test_what_can_t_be_entered(pages: FlaskClient, log: CaseLog) -> None:
    place = f"/cases/{log.add(new_case('K-1'))}"
    for form in ({"patient": "x" * 101}, {"note": "x" * 4_001}, {"diagnosis": "headache"}):
        response = pages.post(place, data=form, headers={"Accept": "text/html"})
        assert (response.status_code, response.mimetype) == (422, "text/plain")
    assert log.get(place.removeprefix("/cases/")).patient == "K-1"
    # Another site's page can't.
    assert (
        pages.post(place, data={"patient": ""}, headers={"Origin": "http://example.org"}).status_code == 403
    )


def test_a_case_is_deleted_by_whoever_is_sure(pages: FlaskClient, log: CaseLog) -> None:
    place = f"/cases/{log.add(new_case('SECRET'))}"
    assert pages.post(f"{place}/delete").location.startswith(place)
    assert log.find(Search()).total == 1
    done = pages.post(f"{place}/delete?lang=id", data={"sure": "yes"})
    assert (done.status_code, done.location) == (303, "/cases?lang=id")
    assert log.find(Search()).total == 0 and b"SECRET" not in log.path.read_bytes()
    assert pages.get(place).status_code == 404


def test_without_a_log(client: FlaskClient) -> None:
    for language, word in (("en", "keeps no cases"), ("id", "tidak menyimpan kasus")):
        response = client.get(f"/cases?lang={language}", headers={"Accept": "text/html"})
        assert response.status_code == 404 and word in response.text
