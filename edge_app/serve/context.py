"""What the routes share, and in which language they speak."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, g, request

from edge_app.classifier import Classifier
from edge_app.languages import LANGUAGES, sentence

EXTENSION = "otak"


@dataclass(frozen=True, kw_only=True)
class Served:
    """What an app serves.

    Attributes:
        classifier: Answers every request; what it reads by decides what a picture may cost.
        bundle_json: The bundle's description, as it lay in the bundle when the app was made.
        about_json: What is said about its model, likewise; None where nothing is.
    """

    classifier: Classifier
    bundle_json: bytes
    about_json: bytes | None


def served() -> Served:
    """Returns what the app of this request serves."""
    found: Served = current_app.extensions[EXTENSION]
    return found


def language() -> str:
    """Returns the language of this request, ``en`` or ``id``: ``?lang=``, or what the browser prefers."""
    if "language" not in g:
        choice = request.args.get("lang")
        accepted = request.accept_languages.best_match(LANGUAGES, default="en")
        g.language = choice if choice in LANGUAGES else accepted
    chosen: str = g.language
    return chosen


def say(key: str, **details: object) -> str:
    """Returns a sentence in the language of this request."""
    return sentence(language(), key, **details)
