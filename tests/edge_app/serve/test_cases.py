"""The case log over HTTP."""

from __future__ import annotations

import csv
import io
import json
import uuid
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from edge_app import Classifier
from edge_app.answer import document, study_document
from edge_app.case_log.keeper import Keeper
from edge_app.case_log.log import CaseLog
from edge_app.serve import cases
from edge_app.serve.app import create_app
from edge_app.serve.cases import keeping
from tests.edge_app.case_log.examples import damage
from tests.edge_app.serve.asking import API, problem, send, send_study
from tests.phantoms import phantom, png

CASES = "/api/v1/cases"
GLIOMA = png(phantom("glioma", 1))
ABSENT = str(uuid.UUID(int=1))


@pytest.fixture
def log(tmp_path: Path) -> CaseLog:
    return CaseLog(tmp_path / "state" / "cases.sqlite")


@pytest.fixture
def keeper(log: CaseLog) -> Keeper:
    return Keeper(log, names=False)


@pytest.fixture
def keeping_client(classifier: Classifier, keeper: Keeper) -> FlaskClient:
    return create_app(classifier, [keeping(keeper)]).test_client()


def ask(client: FlaskClient, patient: str | None = None, to: str = API) -> TestResponse:
    form: dict[str, Any] = {"file": (io.BytesIO(GLIOMA), "ibu-ani.png")}
    return client.post(to, data=form if patient is None else form | {"patient": patient})


def kept(client: FlaskClient, patient: str | None = None) -> str:
    response = ask(client, patient)
    assert response.status_code == 200
    answer = response.get_json()
    jsonschema.validate(answer, json.loads(document()))
    assert answer["case"]["error"] is None
    return str(answer["case"]["id"])


def test_what_is_read_is_kept(keeping_client: FlaskClient, log: CaseLog) -> None:
    id_ = kept(keeping_client, " K-17 ")
    case = keeping_client.get(f"{CASES}/{id_}").get_json()
    assert (case["patient"], case["name"], case["label"], case["diagnosis"]) == ("K-17", "", "glioma", None)
    assert b"ibu-ani" not in b"".join(file.read_bytes() for file in log.path.parent.iterdir())
    # A picture that couldn't be read is no case.
    assert send(keeping_client, b"a letter").status_code == 415
    assert keeping_client.get(CASES).get_json()["total"] == 1


def test_a_body_that_is_the_picture_itself(keeping_client: FlaskClient) -> None:
    response = keeping_client.post(f"{API}?patient=K-9", data=GLIOMA, content_type="image/png")
    assert keeping_client.get(f"{CASES}/{response.get_json()['case']['id']}").get_json()["patient"] == "K-9"


def test_several_pictures_are_several_cases(keeping_client: FlaskClient) -> None:
    files = [(io.BytesIO(GLIOMA), "a.png"), (io.BytesIO(b""), "b.png"), (io.BytesIO(GLIOMA), "c.png")]
    response = keeping_client.post(API, data={"file": files, "patient": "K-1"})
    first, failed, last = response.get_json()["answers"]
    assert first["case"]["id"] != last["case"]["id"] and "case" not in failed
    assert [case["patient"] for case in keeping_client.get(CASES).get_json()["cases"]] == ["K-1", "K-1"]


def test_a_study_is_one_case(keeping_client: FlaskClient) -> None:
    response = send_study(keeping_client, (GLIOMA, "ibu-ani.png"), (b"", "empty.png"))
    answer = response.get_json()
    jsonschema.validate(answer, json.loads(study_document()))
    place = f"{CASES}/{answer['case']['id']}"
    case = keeping_client.get(place).get_json()
    assert case["study"]["counts"]["slices"] == 2 and case["verdict"] is None
    slices = keeping_client.get(f"{place}/slices").get_json()
    assert [(each["name"], each["verdict"]) for each in slices] == [("1", "answer"), ("2", None)]
    assert keeping_client.get(f"{place}/thumbnail").status_code == 404


def test_names_where_they_are_asked_for(classifier: Classifier, log: CaseLog) -> None:
    client = create_app(classifier, [keeping(Keeper(log, names=True))]).test_client()
    assert client.get(f"{CASES}/{kept(client)}").get_json()["name"] == "ibu-ani.png"
    assert client.get("/api/v1/health").get_json()["cases"] == {"kept": True, "names": True, "error": None}


@pytest.mark.parametrize("patient", ["x" * 101, "two\nlines", "\x1b[2J"])
def test_a_patient_code_that_is_none(keeping_client: FlaskClient, patient: str) -> None:
    status, code, _ = problem(ask(keeping_client, patient))
    assert (status, code) == (422, "cases_patient")
    assert keeping_client.get(CASES).get_json()["total"] == 0


def test_a_list(keeping_client: FlaskClient) -> None:
    ids = [kept(keeping_client, f"K-{place}") for place in range(4)]
    found = keeping_client.get(f"{CASES}?limit=3").get_json()
    assert ([case["id"] for case in found["cases"]], found["total"]) == (ids[:0:-1], 4)
    rest = keeping_client.get(f"{CASES}?limit=3&before={found['next']}").get_json()
    assert ([case["id"] for case in rest["cases"]], rest["next"]) == (ids[:1], None)
    assert keeping_client.get(f"{CASES}?q=k-2").get_json()["total"] == 1
    assert keeping_client.get(f"{CASES}?verdict=unsure").get_json()["total"] == 0
    assert keeping_client.get(f"{CASES}?diagnosis=none").get_json()["total"] == 4


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "limit=-1", "limit=²", "verdict=perhaps"]
)
def test_a_senseless_list(keeping_client: FlaskClient, query: str) -> None:
    assert problem(keeping_client.get(f"{CASES}?{query}"))[:2] == (400, "cases_request")


def test_a_change(keeping_client: FlaskClient) -> None:
    place = f"{CASES}/{kept(keeping_client, 'K-1')}"
    before = keeping_client.get(place).get_json()
    change = {"note": "seen\nagain", "diagnosis": "meningioma", "patient": "K-2"}
    after = keeping_client.patch(place, json=change)
    assert after.status_code == 200
    assert after.get_json() == before | change == keeping_client.get(place).get_json()
    assert keeping_client.patch(place, json={"diagnosis": None}).get_json()["diagnosis"] is None
    assert keeping_client.patch(place, json={"diagnosis": "other"}).get_json()["note"] == "seen\nagain"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "cases_request"),
        ([], 400, "cases_request"),
        ({"verdict": "answer"}, 400, "cases_request"),
        ({"note": None}, 400, "cases_request"),
        ({"note": 3}, 400, "cases_request"),
        ({"patient": ["K"]}, 400, "cases_request"),
        ({"patient": "x" * 101}, 422, "cases_patient"),
        ({"note": "x" * 4_001}, 422, "cases_note"),
        ({"note": "\x00"}, 422, "cases_note"),
        ({"diagnosis": "headache"}, 422, "cases_diagnosis"),
    ],
)
def test_a_change_that_is_refused(keeping_client: FlaskClient, body: Any, status: int, code: str) -> None:
    place = f"{CASES}/{kept(keeping_client)}"
    before = keeping_client.get(place).get_json()
    for language in ("en", "id"):
        response = keeping_client.patch(f"{place}?lang={language}", json=body)
        assert problem(response)[:2] == (status, code)
    assert keeping_client.get(place).get_json() == before


def test_a_body_that_is_no_json(keeping_client: FlaskClient) -> None:
    place = f"{CASES}/{kept(keeping_client)}"
    for data in (b"{", b"[" * 100_000, b"9" * 10_000, b'"\xff"'):
        response = keeping_client.patch(place, data=data, content_type="application/json")
        assert problem(response)[:2] == (400, "cases_request")
    response = keeping_client.patch(place, data=b"{}", content_type="text/plain")
    assert problem(response)[0] == 415


def test_a_case_is_deleted(keeping_client: FlaskClient, log: CaseLog) -> None:
    id_ = kept(keeping_client, "SECRET-17")
    response = keeping_client.delete(f"{CASES}/{id_}")
    assert (response.status_code, response.data) == (204, b"")
    assert b"SECRET-17" not in b"".join(file.read_bytes() for file in log.path.parent.iterdir())
    assert problem(keeping_client.delete(f"{CASES}/{id_}"))[:2] == (404, "cases_unknown")


@pytest.mark.parametrize("part", ["", "/slices", "/thumbnail", "/report"])
def test_a_case_that_isn_t_there(keeping_client: FlaskClient, part: str) -> None:
    for id_ in (ABSENT, "x", "..", "%00"):
        status, code, _ = problem(
            keeping_client.get(f"{CASES}/{id_}{part}", headers={"Accept": "application/json"})
        )
        assert status == 404 and code in ("cases_unknown", "not_found")


def test_a_thumbnail(keeping_client: FlaskClient) -> None:
    response = keeping_client.get(f"{CASES}/{kept(keeping_client)}/thumbnail")
    assert response.mimetype == "image/jpeg"
    assert response.headers["Cache-Control"] == "no-store"
    with Image.open(io.BytesIO(response.data)) as image:
        assert image.size == (128, 128)


def test_exports(keeping_client: FlaskClient) -> None:
    place = f"{CASES}/{kept(keeping_client, 'K-1')}"
    keeping_client.patch(place, json={"note": "=1+1", "diagnosis": "glioma"})
    table = keeping_client.get(f"{CASES}/export.csv")
    assert table.mimetype == "text/csv" and "attachment" in table.headers["Content-Disposition"]
    (row,) = csv.DictReader(io.StringIO(table.text, newline=""))
    assert (row["patient"], row["note"], row["diagnosis"]) == ("K-1", "'=1+1", "glioma")
    reports = keeping_client.get(f"{CASES}/export.json?lang=id")
    assert reports.mimetype == "application/fhir+json"
    (entry,) = json.loads(reports.data)["entry"]
    report = keeping_client.get(f"{place}/report?lang=id")
    assert report.mimetype == "application/fhir+json"
    single = json.loads(report.data)
    assert (
        single["conclusion"] == entry["resource"]["conclusion"]
        and "Diagnosis dokter: glioma." in single["conclusion"]
    )
    assert "media" in single and "media" not in entry["resource"]


def test_health_tells_of_the_disk_that_cases_are_kept_on(classifier: Classifier, small_disk: Path) -> None:
    log = CaseLog(small_disk / "cases.sqlite")
    client = create_app(classifier, [keeping(Keeper(log, names=False))]).test_client()
    assert client.get("/api/v1/health").get_json()["disk"]["whole"] == 1 << 20


def test_one_export_at_a_time(keeping_client: FlaskClient) -> None:
    kept(keeping_client)
    with cases._exporting:
        for name in ("export.csv", "export.json"):
            response = keeping_client.get(f"{CASES}/{name}")
            assert problem(response)[:2] == (503, "cases_locked") and "Retry-After" in response.headers
        assert keeping_client.get(f"{CASES}/figures").status_code == 200
    assert keeping_client.get(f"{CASES}/export.csv").status_code == 200


def test_figures(keeping_client: FlaskClient, classifier: Classifier) -> None:
    for diagnosis in ("glioma", "meningioma", None):
        keeping_client.patch(f"{CASES}/{kept(keeping_client)}", json={"diagnosis": diagnosis})
    (found,) = keeping_client.get(f"{CASES}/figures").get_json()["models"]
    assert found["model"]["sha256"] == classifier.file.sha256
    assert found["slices"]["confusion"] == {"glioma": {"glioma": 1}, "meningioma": {"glioma": 1}}
    assert (found["slices"]["right"]["count"], found["slices"]["right"]["of"]) == (1, 2)


def test_the_page_of_figures(keeping_client: FlaskClient) -> None:
    empty = keeping_client.get("/cases/figures?lang=en").text
    assert "No cases are kept on this device." in empty and "<table" not in empty
    keeping_client.patch(f"{CASES}/{kept(keeping_client)}", json={"diagnosis": "other", "note": "<script>"})
    send_study(keeping_client, (GLIOMA, "a.png"))
    for language, words in (
        (
            "en",
            [
                "How Otak does at this clinic",
                "Right, of the answers",
                "0 of 1, 0% (0 to 79%)",
                "Another diagnosis",
            ],
        ),
        ("id", ["Kinerja Otak di klinik ini", "0 dari 1", "Diagnosis lain", 'lang="id"']),
    ):
        response = keeping_client.get(f"/cases/figures?lang={language}")
        assert response.mimetype == "text/html"
        assert "script-src" not in response.headers["Content-Security-Policy"]
        assert all(word in response.text for word in words), response.text
        assert response.text.count("<table") == 1 and "<script" not in response.text


def test_without_a_log_every_address_says_so(client: FlaskClient) -> None:
    for part in ("", "/figures", "/export.csv", "/export.json", f"/{ABSENT}", f"/{ABSENT}/thumbnail"):
        assert problem(client.get(f"{CASES}{part}"))[:2] == (404, "cases_off")
    assert problem(client.patch(f"{CASES}/{ABSENT}", json={"note": "x"}))[:2] == (404, "cases_off")
    assert problem(client.delete(f"{CASES}/{ABSENT}"))[:2] == (404, "cases_off")
    response = client.get("/cases/figures", headers={"Accept": "text/html"})
    assert (response.status_code, response.mimetype) == (404, "text/plain")
    answer = ask(client, "a code\nof two lines").get_json()
    assert "case" not in answer and answer["verdict"] == "answer"
    assert client.get("/api/v1/health").get_json()["cases"] == {"kept": False, "names": False, "error": None}


def test_a_damaged_log_stops_no_answer(keeping_client: FlaskClient, log: CaseLog) -> None:
    id_ = kept(keeping_client)
    log.close()
    damage(log.path)
    answer = ask(keeping_client).get_json()
    assert answer["verdict"] == "answer"
    assert answer["case"]["id"] is None and answer["case"]["error"]["code"] == "cases_damaged"
    assert "otak cases restore" in answer["case"]["error"]["message"]
    for response in (
        keeping_client.get(CASES),
        keeping_client.get(f"{CASES}/{id_}"),
        keeping_client.delete(f"{CASES}/{id_}"),
    ):
        assert problem(response)[:2] == (500, "cases_damaged")
    assert keeping_client.get("/api/v1/health").get_json()["cases"]["error"] == "cases_damaged"


def test_a_full_disk_answers_507_and_classifies_on(
    classifier: Classifier, small_disk: Path, glioma: Path
) -> None:
    log = CaseLog(small_disk / "cases.sqlite")
    client = create_app(classifier, [keeping(Keeper(log, names=False))]).test_client()
    place = f"{CASES}/{kept(client)}"
    with (small_disk / "filler").open("wb", 0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(bytes(4_096))
    for _ in range(3):
        answer = ask(client).get_json()
        assert answer["verdict"] == "answer"
        if answer["case"]["error"] is not None:
            break
    assert answer["case"]["error"]["code"] == "cases_full"
    status, code, sentence = problem(client.patch(f"{place}?lang=id", json={"note": "x" * 4_000}))
    assert (status, code) == (507, "cases_full") and "penuh" in sentence
    # What was kept can still be read.
    assert client.get(place).status_code == 200
    (small_disk / "filler").unlink()
    assert kept(client)
    log.close()
