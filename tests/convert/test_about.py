from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from convert.about import about
from convert.provenance import Provenance
from edge_app import records
from edge_app.about import NAME, SCHEMA, About
from edge_app.bundle import Bundle


@pytest.fixture
def provenance(bundle: Path) -> Provenance:
    return Provenance.load(bundle)


def test_a_conversion_leaves_what_is_known_before_anything_is_measured(bundle: Path) -> None:
    found = records.read(bundle / NAME, About, SCHEMA)
    assert found.sha256 == Bundle.load(bundle).file().sha256
    assert (found.slices.train + found.slices.validation, found.slices.test) == (64, 16)
    assert (found.measured, found.licence, found.collections) == (None, None, ())
    assert "children" in found.unknown


def test_collections_are_named_once_each(bundle: Path, provenance: Provenance) -> None:
    sources = ("sartaj/Training", "sartaj/Testing", "extra/glioma", "extra/tumour", "wide/lgg_tcga", "ours")
    found = about(Bundle.load(bundle), replace(provenance, sources=sources), None)
    assert found is not None
    assert found.collections == ("Brain Tumor Classification", "figshare", "Br35H", "TCGA-LGG", "ours")
    assert found.licence == "CC BY-NC-SA 4.0"


def test_of_a_model_that_was_never_trained_nothing_is_said(bundle: Path, provenance: Provenance) -> None:
    untrained = Provenance.of_random_weights(provenance.environment, provenance.started)
    assert about(Bundle.load(bundle), untrained, None) is None
