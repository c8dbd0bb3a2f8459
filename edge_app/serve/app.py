"""The Flask app: the page, the API and whatever else a device offers, each a blueprint.

It has no state. Pictures live in memory for one request; neither they nor their names are written or logged.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Flask, Response, request

from edge_app.bundle import NAME
from edge_app.classifier import Classifier
from edge_app.lan import guard
from edge_app.lan.guard import Called, alone
from edge_app.serve import errors
from edge_app.serve.api import api
from edge_app.serve.case_pages import case_pages
from edge_app.serve.cases import cases
from edge_app.serve.context import EXTENSION, Served
from edge_app.serve.figures import figures
from edge_app.serve.openapi import openapi
from edge_app.serve.operation import admit
from edge_app.serve.pages import pages
from edge_app.serve.uploads import MAX_REQUEST, MemoryRequest
from edge_app.sources import MAX_SLICES

# What a page could ask a phone for, and this one never does.
UNUSED = ("bluetooth", "display-capture", "geolocation", "hid", "microphone", "payment", "serial", "usb")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "
    "style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), " + ", ".join(f"{name}=()" for name in UNUSED),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def create_app(classifier: Classifier, blueprints: Iterable[Blueprint] = (), called: Called = alone) -> Flask:
    """Makes the app.

    Args:
        classifier: Answers every request; what it reads by decides what a picture may cost.
        blueprints: What this device offers beyond the page and the API, with their own hooks.
        called: Tells the device's names and addresses beyond loopback's; other names are refused.
    """
    app = Flask("edge_app")
    app.request_class = MemoryRequest
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST
    app.config["MAX_FORM_PARTS"] = MAX_SLICES + 10
    bundle_json = (classifier.bundle.folder / NAME).read_bytes()
    app.extensions[EXTENSION] = Served(classifier=classifier, bundle_json=bundle_json)
    guard.register(app, called)
    app.before_request(admit)
    app.after_request(finish)
    errors.register(app)
    for blueprint in (pages, api, cases, figures, case_pages, openapi, *blueprints):
        app.register_blueprint(blueprint)
    return app


def finish(response: Response) -> Response:
    """Adds the headers that every answer has, unless it has its own."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
