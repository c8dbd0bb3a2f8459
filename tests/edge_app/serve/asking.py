"""Asks an app without a server below it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edge_app import Classifier, records
from edge_app.answer import document
from edge_app.bundle import Thresholds
from edge_app.serve.app import create_app
from edge_app.serve.errors import Problem
from tests.forms import form, form_of

API = "/api/v1/predict"
BIG = bytes(20_000_001)


def send(
    client: FlaskClient, data: bytes, name: str = "a.jpg", to: str = API, language: str = "en"
) -> TestResponse:
    body, kind = form(data, name)
    return client.post(to, data=body, content_type=kind, headers={"Accept-Language": language})


def answer_to(client: FlaskClient, data: bytes, name: str = "a.jpg", to: str = API) -> dict[str, Any]:
    response = send(client, data, name, to)
    assert response.status_code == 200
    answer: dict[str, Any] = response.get_json()
    jsonschema.validate(answer, json.loads(document()))
    return answer


def problem(response: TestResponse) -> tuple[int, str, str]:
    """Returns the status, the code and the sentence of an error."""
    assert response.mimetype == "application/problem+json"
    told = response.get_json()
    jsonschema.validate(told, records.json_schema(Problem))
    assert (told["status"], told["type"]) == (response.status_code, "about:blank")
    return response.status_code, told["code"], told["detail"]


def with_thresholds(classifier: Classifier, thresholds: Thresholds | None) -> FlaskClient:
    bundle = replace(classifier.bundle, thresholds=thresholds)
    return create_app(Classifier(bundle, classifier.file, classifier.runtime)).test_client()


def send_study(client: FlaskClient, *files: tuple[bytes, str], language: str = "en") -> TestResponse:
    body, kind = form_of(*files)
    return client.post(f"/api/v1/study?lang={language}", data=body, content_type=kind)
