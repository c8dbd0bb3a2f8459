"""The API is as its description says, whatever is sent to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from edge_app import Classifier
from edge_app.case_log.keeper import Keeper
from edge_app.case_log.log import CaseLog
from edge_app.serve.app import create_app
from edge_app.serve.cases import keeping
from edge_app.serve.openapi import document
from tests.make_schemas import DOCS, openapi

# No schema says which bytes are a picture, and what the query says in vain is passed over.
EXCLUDED: list[Any] = [positive_data_acceptance, negative_data_rejection]


def operations() -> list[tuple[str, str, GenerationMode]]:
    """Returns every path and method that is published, each as it should be asked and as it shouldn't."""
    paths = json.loads((DOCS / "openapi.json").read_text("utf-8"))["paths"]
    return [
        (path, method, mode)
        for path, methods in paths.items()
        for method, told in methods.items()
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or told["parameters"] or "requestBody" in told
    ]


@pytest.fixture(scope="module")
def app(toy_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    log = CaseLog(tmp_path_factory.mktemp("cases") / "cases.db")
    return create_app(Classifier.load(toy_bundle), [keeping(Keeper(log, names=False))])


@pytest.fixture(scope="module")
def described(app: Flask) -> OpenApiSchema:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


@pytest.mark.parametrize(("path", "method", "mode"), operations())
def test_it_is_as_described(described: OpenApiSchema, path: str, method: str, mode: GenerationMode) -> None:
    @settings(max_examples=15, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(described[path][method].as_strategy(generation_mode=mode))
    def check(case: Case[Any]) -> None:
        case.call_and_validate(excluded_checks=EXCLUDED)

    check()


def test_the_published_description_is_current() -> None:
    assert (DOCS / "openapi.json").read_text("utf-8") == openapi(), "run python -m tests.make_schemas"


def test_every_route_of_the_api_is_described(app: Flask) -> None:
    described: dict[str, Any] = json.loads(openapi())
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert len(described["paths"]) == len(rules)
    assert described == document(app)
