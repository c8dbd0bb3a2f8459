"""Writes the JSON Schemas that ``docs/`` publishes, from the dataclasses that read and write the JSON.

Run ``python -m tests.make_schemas`` after a change of a bundle, of its provenance or ``about.json``, of an
answer or of a study.
"""

from __future__ import annotations

from pathlib import Path

from convert import provenance
from convert.provenance import Provenance
from edge_app import about, answer, bundle, records
from edge_app.about import About
from edge_app.bundle import Description

DOCS = Path(__file__).parents[1] / "docs"


def schemas() -> dict[str, str]:
    """Returns the text of every schema, by its file name."""
    return {
        "about.schema.json": records.document(About, about.SCHEMA),
        "answer.schema.json": answer.document(),
        "bundle.schema.json": records.document(Description, bundle.SCHEMA),
        "study.schema.json": answer.study_document(),
        "provenance.schema.json": records.document(Provenance, provenance.SCHEMA),
    }


if __name__ == "__main__":
    for name, text in schemas().items():
        records.write_text(DOCS / name, text)
