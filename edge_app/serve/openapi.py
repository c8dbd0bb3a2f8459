"""The API in OpenAPI 3.1, made of the routes and the dataclasses that they give."""

from __future__ import annotations

import re
from dataclasses import is_dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify
from werkzeug.routing import Rule

import edge_app
from edge_app import records
from edge_app.answer import Fault, StudyAnswer, answer_record, study_record
from edge_app.case_log.cases import MAX_PATIENT
from edge_app.serve.errors import PROBLEM, Problem
from edge_app.serve.operation import Operation, Parameter, describe, operation_of
from edge_app.serve.uploads import FORM

openapi = Blueprint("openapi", __name__, url_prefix="/api/v1")

EVERYWHERE = (400, 401, 403, 405, 408, 421, 431, 500, 503)
WITH_BODY = (411, 413, 415)
# Of several pictures in one request.
EACH = {
    "anyOf": [
        {"$ref": "#/components/schemas/Answer"},
        {
            "type": "object",
            "properties": {"name": {"type": "string"}, "error": records.json_schema(Fault)},
            "required": ["name", "error"],
            "additionalProperties": False,
        },
    ]
}


@openapi.get("/openapi.json")
@describe(Operation(what="This description.", gives={"type": "object"}))
def description() -> Response:
    """Describes the API."""
    return jsonify(document(current_app))


def document(app: Flask) -> dict[str, Any]:
    """Returns the description of every route of an app that says what it does."""
    paths: dict[str, dict[str, Any]] = {}
    schemas = {"Problem": records.json_schema(Problem), "Answer": answer_record(), "Each": EACH}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        operation = operation_of(app.view_functions[rule.endpoint])
        if operation is None:
            continue
        if isinstance(operation.gives, type) and is_dataclass(operation.gives):
            schemas[operation.gives.__name__] = records.json_schema(operation.gives)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            paths.setdefault(address, {})[method.lower()] = _operation(rule, operation)
    schemas[StudyAnswer.__name__] = study_record()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Otak",
            "version": edge_app.__version__,
            "summary": "Brain-MRI slice in, one of four answers out.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _operation(rule: Rule, operation: Operation) -> dict[str, Any]:
    errors = {*EVERYWHERE, *operation.errors, *(WITH_BODY if operation.takes else ())}
    if rule.arguments:
        errors.add(404)
    parts: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": operation.what,
        "parameters": [*map(_part_of_path, sorted(rule.arguments)), *map(_parameter, operation.parameters)],
        "responses": {
            **_success(operation),
            **{str(status): _error(status) for status in sorted(errors)},
        },
    }
    if operation.takes:
        parts["requestBody"] = {
            "required": True,
            "content": {kind: {"schema": operation.body or _body(kind)} for kind in operation.takes},
        }
    return parts


def _success(operation: Operation) -> dict[str, Any]:
    gives = operation.gives
    if gives is None:
        return {"204": {"description": HTTPStatus.NO_CONTENT.phrase}}
    schema = gives if isinstance(gives, dict) else {"$ref": f"#/components/schemas/{gives.__name__}"}
    return {"200": {"description": HTTPStatus.OK.phrase, "content": {operation.media: {"schema": schema}}}}


def _part_of_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    return {"name": parameter.name, "in": "query", "description": parameter.what, "schema": schema}


def _body(kind: str) -> dict[str, Any]:
    if kind != FORM:
        return {"type": "string", "format": "binary"}
    files = {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1}
    patient = {"type": "string", "maxLength": MAX_PATIENT}
    return {"type": "object", "properties": {"file": files, "patient": patient}, "required": ["file"]}


def _error(status: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        told["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return told
