from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from edge_app.bundle import Bundle
from edge_app.case_log import fhir
from edge_app.case_log.cases import Case
from edge_app.classifier import SHIPPED
from tests.conftest import ROOT
from tests.edge_app.case_log.examples import case, said, study_said

# As the specification publishes it (https://hl7.org/fhir/R4/downloads.html); comes with the page's packages.
PACKAGE = ROOT / "edge_app" / "web" / "node_modules" / "@asymmetrik" / "fhir-json-schema-validator"
EXAMPLE = Path(__file__).parent / "diagnostic_report.json"
LABELS = Bundle.load(SHIPPED).labels


@cache
def schema() -> dict[str, Any]:
    path = PACKAGE / "fhir.schema.json"
    if not path.is_file():
        pytest.skip(f"the schema of FHIR is not in {PACKAGE}; npm ci brings it")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert found["id"] == "http://hl7.org/fhir/json-schema/4.0"
    return found


def validate(plain: object, kind: str) -> None:
    # The whole schema takes a second, since it tries every kind of resource.
    whole = schema() | {"oneOf": [{"$ref": f"#/definitions/{kind}"}]}
    jsonschema.Draft6Validator(whole).validate(plain)


def report(case: Case, language: str = "en", thumbnail: bytes | None = b"\xff\xd8") -> dict[str, Any]:
    return json.loads(json.dumps(fhir.plain(fhir.report(case, thumbnail, language, LABELS))))  # type: ignore[no-any-return]


CASES = {
    "answer": case(said(), "glioma", 'a <b>note</b> & "more"\nin two lines'),
    "no tumour": case(said(label="no_tumor"), "other"),
    "unsure": case(said("unsure")),
    "refused": case(said("refused")),
    "study": case(study_said(), "meningioma"),
    "unjudged": case(study_said(None)),
}


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("name", CASES)
def test_it_is_as_published(name: str, language: str) -> None:
    plain = report(CASES[name], language)
    validate(plain, "DiagnosticReport")
    assert plain["status"] == "preliminary"
    assert plain["language"] == language
    # What is contained must be referred to (dom-3).
    text = json.dumps(plain)
    assert all(f'"#{each["id"]}"' in text for each in plain["contained"])
    assert plain["text"]["div"].count("<p>") == plain["text"]["div"].count("</p>") >= 2
    assert "<b>" not in plain["text"]["div"]


@pytest.mark.parametrize("letter", [0xA0, 0x85, 0x2003, 0x2028, 0xFEFF, 0xFFFE, 0xFFFF], ids=hex)
def test_letters_that_fhir_or_xml_do_not_know(letter: int) -> None:
    plain = report(case(said(), "glioma", f"a{chr(letter)}note"))
    validate(plain, "DiagnosticReport")
    ElementTree.fromstring(plain["text"]["div"])  # noqa: S314 (our own)
    assert chr(letter) not in json.dumps(plain, ensure_ascii=False)


def test_the_schema_refuses() -> None:
    changes: list[dict[str, object]] = [{"status": "done"}, {"verdict": "answer"}, {"issued": "yesterday"}]
    for change in changes:
        with pytest.raises(jsonschema.ValidationError):
            validate(report(CASES["answer"]) | change, "DiagnosticReport")


def test_the_committed_example() -> None:
    assert report(CASES["answer"]) == json.loads(EXAMPLE.read_text(encoding="utf-8"))


def test_what_is_said() -> None:
    answer = report(CASES["answer"])
    assert answer["subject"] == {"identifier": {"value": "K-17"}}
    assert answer["conclusion"].startswith("Glioma. ")
    assert "The clinician's diagnosis: glioma." in answer["conclusion"]
    assert answer["conclusionCode"] == [{"text": "glioma"}]
    for name in ("unsure", "refused", "study"):
        assert "conclusionCode" not in report(CASES[name])
    assert report(CASES["study"])["conclusion"].startswith("Suspicious: 1 of 2 slices stand out.")
    assert report(CASES["unjudged"], "id")["conclusion"].startswith("Pemeriksaan secara")
    assert "a tumour is not ruled out" in report(CASES["unsure"])["conclusion"]
    without = report(CASES["answer"], thumbnail=None)
    assert "media" not in without and len(without["contained"]) == 2


def test_a_label_that_this_model_doesn_t_have() -> None:
    plain = fhir.plain(fhir.report(CASES["answer"], None, "en", ()))
    assert plain["conclusionCode"] == [{"text": "glioma"}]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_bundle(count: int) -> None:
    reports = [fhir.report(CASES["answer"], None, "en", LABELS)] * count
    plain = json.loads("".join(fhir.bundle(reports)))
    validate(plain, "Bundle")
    assert len(plain.get("entry", [])) == count
