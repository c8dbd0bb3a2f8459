"""The API for programs."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from edge_app.answer import answer_of, health_of, picture_of, plain, study_answer_of
from edge_app.serve.context import language, served
from edge_app.serve.uploads import uploads

api = Blueprint("api", __name__, url_prefix="/api/v1")


@api.post("/predict")
def predict() -> Response:
    """Answers to one picture."""
    classifier = served().classifier
    name, data = next(uploads())
    prediction = classifier.predict(data, name)
    answer = plain(answer_of(name, prediction, classifier))
    if request.args.get("include") == "picture":
        answer["picture"] = picture_of(prediction)
    return jsonify(answer)


@api.post("/study")
def study() -> Response:
    """Says what the slices of one examination show together."""
    classifier = served().classifier
    found = classifier.predict_study(uploads())
    return jsonify(plain(study_answer_of(found, classifier, language())))


@api.get("/health")
def health() -> Response:
    """Says that it runs, and with which model."""
    return jsonify(plain(health_of(served().classifier)))
