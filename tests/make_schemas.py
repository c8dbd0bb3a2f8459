"""Writes the JSON Schemas and the OpenAPI description that ``docs/`` publishes, from dataclasses and routes.

Run ``python -m tests.make_schemas`` after a change of a bundle, its provenance or ``about.json``, an answer
or a route.
"""

from __future__ import annotations

from pathlib import Path

from convert import provenance
from convert.provenance import Provenance
from edge_app import about, answer, bundle, measuring, records
from edge_app.about import About
from edge_app.bundle import Description
from edge_app.bundles import expected
from edge_app.bundles.expected import Expected
from edge_app.classifier import Classifier
from edge_app.measuring import Measured
from edge_app.serve.app import create_app
from edge_app.serve.openapi import document

DOCS = Path(__file__).parents[1] / "docs"


def schemas() -> dict[str, str]:
    """Returns the text of every schema, by its file name."""
    return {
        "about.schema.json": records.document(About, about.SCHEMA),
        "answer.schema.json": answer.document(),
        "board.schema.json": records.document(Measured, measuring.SCHEMA),
        "bundle.schema.json": records.document(Description, bundle.SCHEMA),
        "expected.schema.json": records.document(Expected, expected.SCHEMA),
        "study.schema.json": answer.study_document(),
        "provenance.schema.json": records.document(Provenance, provenance.SCHEMA),
    }


def openapi() -> str:
    """Returns the description of the HTTP API."""
    return records.dumps(document(create_app(Classifier.load())))


if __name__ == "__main__":
    for name, text in {**schemas(), "openapi.json": openapi()}.items():
        records.write_text(DOCS / name, text)
