"""The clinic's own figures as a page; it works without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, render_template

from edge_app.case_log.cases import OTHER
from edge_app.case_log.figures import (
    INCONSPICUOUS,
    REFUSED,
    SUSPICIOUS,
    UNJUDGED,
    UNSURE,
    Figures,
    Proportion,
)
from edge_app.serve.cases import clinic_figures
from edge_app.serve.context import language, say, served
from edge_app.wording import capital, label_names

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"

figures = Blueprint("figures", __name__)


@dataclass(frozen=True)
class Part:
    """The slices or the studies of a model.

    Attributes:
        title: Which.
        facts: Sentences.
        columns: The head of the table: what Otak said.
        rows: A diagnosis and how many of each column; none where nobody made a diagnosis.
    """

    title: str
    facts: list[str]
    columns: list[str]
    rows: list[tuple[str, list[int]]]


@dataclass(frozen=True)
class ModelPart:
    """One model."""

    name: str
    version: str
    parts: list[Part]


@figures.get("/cases/figures")
def page() -> Response:
    """The page."""
    names = label_names(served().classifier, language())
    models = [
        ModelPart(
            each.model.name,
            each.model.version,
            [
                _part("slices", each.slices, names, [*names, UNSURE, REFUSED]),
                _part("studies", each.studies, names, [SUSPICIOUS, INCONSPICUOUS, UNJUDGED]),
            ],
        )
        for each in clinic_figures().models
    ]
    text = render_template("figures.html", say=say, language=language(), models=models)
    return Response(text, headers={"Content-Security-Policy": POLICY})


def _part(kind: str, figures: Figures, names: dict[str, str], columns: list[str]) -> Part:
    # An older model may have said what this one doesn't.
    said = dict.fromkeys([*columns, *(name for row in figures.confusion.values() for name in row)])
    found = [name for name in (*names, OTHER) if name in figures.confusion]
    found += [name for name in figures.confusion if name not in found]
    rows = [(_name(name, names), [figures.confusion[name].get(each, 0) for each in said]) for name in found]
    facts = [
        say("figures.cases", count=figures.cases),
        say(f"figures.{kind}.unsure", share=_share(figures.unsure)),
        say("figures.diagnosed", count=figures.diagnosed),
        say(f"figures.{kind}.right", share=_share(figures.right)),
        say(f"figures.{kind}.missed", share=_share(figures.missed)),
    ]
    return Part(say(f"figures.{kind}"), facts, [_name(each, names) for each in said], rows)


def _name(code: str, names: dict[str, str]) -> str:
    if code in (UNSURE, REFUSED, SUSPICIOUS, INCONSPICUOUS, UNJUDGED):
        return say(f"figures.said.{code}")
    return capital(say("cases.other") if code == OTHER else names.get(code, code))


def _share(proportion: Proportion) -> str:
    count, of = proportion.count, proportion.of
    if proportion.low is None or proportion.high is None:
        return say("figures.none")
    low, high = round(100 * proportion.low), round(100 * proportion.high)
    return say("figures.share", count=count, of=of, percent=round(100 * count / of), low=low, high=high)
