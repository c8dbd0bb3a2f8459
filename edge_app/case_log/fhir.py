"""A case as a ``DiagnosticReport`` of HL7 FHIR R4 (https://hl7.org/fhir/R4/diagnosticreport.html).

The dataclasses are the part of FHIR that is needed, with its names in Python's spelling. A report is
*preliminary* for ever: Otak supports a decision and doesn't make one. Only codes of systems that anyone may
use stand in it; what is found is told in words.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from edge_app.bundle import Label
from edge_app.case_log.cases import Case
from edge_app.case_log.wording import case_headline, diagnosis_name
from edge_app.languages import sentence
from edge_app.wording import label_name

MEDIA_TYPE = "application/fhir+json"
# FHIR knows four blanks and XML doesn't know two letters; notes that were pasted from a text have others.
BLANKS = re.compile(r"[^\S \r\n\t]|\ufeff")
UNKNOWN = re.compile(r"[\ufffe\uffff]")


@dataclass(frozen=True, kw_only=True)
class Coding:
    """A code of a system."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, kw_only=True)
class CodeableConcept:
    """What something is called, by codes and in words."""

    coding: tuple[Coding, ...] = ()
    text: str | None = None


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """A name that a system gave."""

    value: str
    system: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Another resource, by its place or by its identifier."""

    reference: str | None = None
    identifier: Identifier | None = None


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number and its unit."""

    value: float
    system: str = "http://unitsofmeasure.org"
    code: str = "1"


@dataclass(frozen=True, kw_only=True)
class Component:
    """One of several results."""

    code: CodeableConcept
    value_quantity: Quantity


@dataclass(frozen=True, kw_only=True)
class Narrative:
    """A report for people, in XHTML."""

    div: str
    status: str = "generated"


@dataclass(frozen=True, kw_only=True)
class DeviceName:
    """What a device is called."""

    name: str
    type: str = "model-name"


@dataclass(frozen=True, kw_only=True)
class DeviceVersion:
    """One of a device's versions."""

    value: str
    type: CodeableConcept


@dataclass(frozen=True, kw_only=True)
class Device:
    """What made the report."""

    resource_type: str = "Device"
    id: str = "otak"
    device_name: tuple[DeviceName, ...]
    version: tuple[DeviceVersion, ...]


@dataclass(frozen=True, kw_only=True)
class Observation:
    """The numbers behind the report."""

    resource_type: str = "Observation"
    id: str = "probabilities"
    status: str = "preliminary"
    code: CodeableConcept
    device: Reference
    component: tuple[Component, ...]


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file."""

    content_type: str
    data: str


@dataclass(frozen=True, kw_only=True)
class Media:
    """A picture."""

    resource_type: str = "Media"
    id: str = "thumbnail"
    status: str = "completed"
    content: Attachment


@dataclass(frozen=True, kw_only=True)
class MediaLink:
    """Where a report's picture is."""

    link: Reference


@dataclass(frozen=True, kw_only=True)
class DiagnosticReport:
    """The report."""

    resource_type: str = "DiagnosticReport"
    id: str
    language: str
    text: Narrative
    contained: tuple[Device | Observation | Media, ...]
    identifier: tuple[Identifier, ...]
    status: str = "preliminary"
    category: tuple[CodeableConcept, ...]
    code: CodeableConcept
    subject: Reference | None
    effective_date_time: str
    issued: str
    result: tuple[Reference, ...]
    media: tuple[MediaLink, ...]
    conclusion: str
    conclusion_code: tuple[CodeableConcept, ...]


CATEGORY = Coding(
    system="http://terminology.hl7.org/CodeSystem/v2-0074", code="NMR", display="Nuclear Magnetic Resonance"
)
EXAMINATION = Coding(system="http://loinc.org", code="24590-2", display="MR Brain")


def report(case: Case, thumbnail: bytes | None, language: str, labels: Iterable[Label]) -> DiagnosticReport:
    """Returns a case as a report.

    Args:
        case: Of the log.
        thumbnail: Its own.
        language: Of its sentences, ``en`` or ``id``.
        labels: Of the model, with what people call them.
    """
    known = {label.name: label_name(label, language) for label in labels}
    # An older model may have had others.
    names = {label: label for label in case.probabilities or ()} | known
    sentences_ = _conclusion(case, names, language)
    numbers = _numbers(case, names, language)
    device = Device(
        device_name=(DeviceName(name="Otak"),),
        version=(
            DeviceVersion(type=CodeableConcept(text=case.model.name), value=case.model.version),
            DeviceVersion(type=CodeableConcept(text="SHA-256"), value=case.model.sha256),
        ),
    )
    observation = Observation(
        code=CodeableConcept(text=sentence(language, "fhir.probabilities")),
        device=Reference(reference=f"#{device.id}"),
        component=numbers,
    )
    media = [] if thumbnail is None else [_media(thumbnail)]
    return DiagnosticReport(
        id=case.id,
        language=language,
        text=_narrative(sentences_),
        contained=(device, observation, *media),
        identifier=(Identifier(system="urn:ietf:rfc:3986", value=f"urn:uuid:{case.id}"),),
        category=(CodeableConcept(coding=(CATEGORY,)),),
        code=CodeableConcept(coding=(EXAMINATION,)),
        subject=Reference(identifier=Identifier(value=case.patient)) if case.patient else None,
        effective_date_time=case.time,
        issued=case.time,
        result=(Reference(reference=f"#{observation.id}"),),
        media=tuple(MediaLink(link=Reference(reference=f"#{each.id}")) for each in media),
        conclusion=" ".join(sentences_),
        conclusion_code=_found(case, names),
    )


def bundle(reports: Iterable[DiagnosticReport]) -> Iterator[str]:
    """Yields the JSON of one ``Bundle`` of reports, bit by bit."""
    yield '{"resourceType": "Bundle", "type": "collection"'
    before = ', "entry": ['
    for each in reports:
        entry = {"fullUrl": f"urn:uuid:{each.id}", "resource": plain(each)}
        yield f"{before}\n{json.dumps(entry, ensure_ascii=False)}"
        before = ","
    # An empty list is none in FHIR.
    yield "}\n" if before != "," else "\n]}\n"


def plain(record: DiagnosticReport) -> dict[str, Any]:
    """Returns a report as JSON takes it: in FHIR's spelling, without what is empty."""
    told: dict[str, Any] = _plain(record)
    return told


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        named = {_camel(field.name): _plain(getattr(value, field.name)) for field in fields(value)}
        return {name: each for name, each in named.items() if each not in (None, [], "")}
    if isinstance(value, str):
        return UNKNOWN.sub("\ufffd", BLANKS.sub(" ", value))
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _conclusion(case: Case, names: dict[str, str], language: str) -> list[str]:
    lines = [f"{case_headline(case, names, language)}."]
    lines += [sentence(language, f"reason.{reason}") for reason in case.reasons]
    if case.diagnosis is not None:
        found = diagnosis_name(case.diagnosis, names, language)
        lines.append(sentence(language, "fhir.diagnosis", diagnosis=found))
    if case.note:
        lines.append(sentence(language, "fhir.note", note=case.note))
    return [*lines, sentence(language, "disclaimer")]


def _numbers(case: Case, names: dict[str, str], language: str) -> tuple[Component, ...]:
    if case.study is not None:
        score = case.study.score
        told = {} if score is None else {sentence(language, "fhir.score"): score}
    else:
        told = {names[label]: value for label, value in (case.probabilities or {}).items()}
    return tuple(
        Component(code=CodeableConcept(text=name), value_quantity=Quantity(value=round(value, 4)))
        for name, value in told.items()
    )


def _found(case: Case, names: dict[str, str]) -> tuple[CodeableConcept, ...]:
    if case.verdict != "answer" or case.label is None:
        return ()
    return (CodeableConcept(text=names[case.label]),)


def _narrative(lines: list[str]) -> Narrative:
    paragraphs = "".join(f"<p>{html.escape(each)}</p>" for each in lines)
    return Narrative(div=f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>')


def _media(thumbnail: bytes) -> Media:
    data = base64.b64encode(thumbnail).decode("ascii")
    return Media(content=Attachment(content_type="image/jpeg", data=data))
