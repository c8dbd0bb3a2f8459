"""The API for programs. What each route takes and gives stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from edge_app.answer import (
    StudyAnswer,
    answer_of,
    error_json,
    picture_of,
    plain,
    study_answer_of,
)
from edge_app.errors import Busy, ImageError
from edge_app.languages import LANGUAGES
from edge_app.serve.context import language, served
from edge_app.serve.operation import Operation, Parameter, describe
from edge_app.serve.self_description import Health, ModelCard, health_of, model_card
from edge_app.serve.uploads import MAX_REQUEST, PICTURES, uploads

api = Blueprint("api", __name__, url_prefix="/api/v1")

LANGUAGE = Parameter(name="lang", what="the language of errors", choices=LANGUAGES)
NAME = Parameter(name="name", what="the name of a picture that is the body itself")
PREDICTED = {
    "anyOf": [
        {"$ref": "#/components/schemas/Answer"},
        {
            "type": "object",
            "properties": {"answers": {"type": "array", "items": {"$ref": "#/components/schemas/Each"}}},
            "required": ["answers"],
            "additionalProperties": False,
        },
    ]
}

INCLUDE = Parameter(name="include", what="what to send beside the answer", choices=("picture",))
FRAME = Parameter(name="frame", what="which frame of a DICOM file, from 0; the middle one where not given")


@api.post("/predict")
@describe(
    Operation(
        what="Answers to one picture, or to each of several.",
        gives=PREDICTED,
        takes=PICTURES,
        most=MAX_REQUEST,
        parameters=(LANGUAGE, NAME, INCLUDE, FRAME),
        errors=(422, 503),
    )
)
def predict() -> Response:
    """Answers to the pictures of a request."""
    files = list(uploads())
    if len(files) == 1:
        return jsonify(_answer(*files[0]))
    return jsonify(answers=list(_answers(files)))


@api.post("/study")
@describe(
    Operation(
        what="Says what the slices of one examination show together.",
        gives=StudyAnswer,
        takes=(*PICTURES, "application/zip"),
        most=MAX_REQUEST,
        parameters=(LANGUAGE, NAME),
        errors=(422, 503),
    )
)
def study() -> Response:
    """Reads the files of a request as one examination."""
    classifier = served().classifier
    found = classifier.predict_study(uploads())
    return jsonify(plain(study_answer_of(found, classifier, language())))


@api.get("/model")
@describe(
    Operation(what="Says which model answers, by which thresholds, and from which files.", gives=ModelCard)
)
def model() -> Response:
    """Describes the bundle."""
    return jsonify(asdict(model_card(served().classifier)))


@api.get("/health")
@describe(Operation(what="Says whether the server runs and has room.", gives=Health))
def health() -> Response:
    """Describes the server."""
    return jsonify(asdict(health_of(served())))


def _answer(name: str, data: bytes) -> dict[str, Any]:
    classifier = served().classifier
    prediction = classifier.predict(data, name, request.args.get("frame", type=int))
    answer = plain(answer_of(name, prediction, classifier))
    if request.args.get("include") == "picture":
        answer["picture"] = picture_of(prediction)
    return answer


def _answers(files: list[tuple[str, bytes]]) -> Iterator[dict[str, Any]]:
    """Yields the answer to each picture, or why there is none."""
    for name, data in files:
        try:
            yield _answer(name, data)
        except Busy:
            raise
        except ImageError as error:
            yield error_json(error.code, error.sentence(language()), name)
