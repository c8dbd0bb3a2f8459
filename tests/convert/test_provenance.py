from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from convert.provenance import SCHEMA, Provenance
from edge_app import records
from edge_app.classifier import SHIPPED
from edge_app.records import RecordError

ROOT = Path(__file__).parents[2]
RIVAL = ROOT / "benchmarks" / "baselines" / "mobilenetv2"


@pytest.mark.parametrize("folder", [SHIPPED, RIVAL])
def test_the_committed_bundles_say_where_they_come_from(folder: Path) -> None:
    provenance = Provenance.load(folder)
    assert provenance.training is not None and provenance.training.protocol == "grouped"
    assert provenance.metrics is not None and provenance.metrics.slices == 1063
    assert provenance.data is not None and provenance.data.slices.test == 1063
    assert len(provenance.calibration_set) == 256
    assert provenance.rejection is not None and len(provenance.rejection.photographs) == 60
    assert (provenance.training.weights is None) == (provenance.training.arch == "edge")
    plain = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    jsonschema.validate(plain, json.loads(records.document(Provenance, SCHEMA)))


def test_it_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    provenance = Provenance.load(SHIPPED)
    provenance.save(tmp_path)
    assert Provenance.load(tmp_path) == provenance
    assert (tmp_path / "provenance.json").read_bytes() == (SHIPPED / "provenance.json").read_bytes()


def test_a_broken_one(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"provenance\.json: can't be read"):
        Provenance.load(tmp_path)
    text = (SHIPPED / "provenance.json").read_text(encoding="utf-8")
    for old, new in (
        ('"arch": "edge"', '"arch": "other"'),
        ('"sources"', '"source"'),
        ('"schema": 2', '"schema": 1'),
    ):
        (tmp_path / "provenance.json").write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(RecordError, match=r"provenance\.json: "):
            Provenance.load(tmp_path)


def test_it_is_read_without_keras() -> None:
    heavy = {"keras", "tensorflow", "sklearn", "scipy"}
    code = f"import sys, convert.provenance; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "set()\n"
