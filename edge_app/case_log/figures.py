"""How Otak does at a clinic: its answers beside the clinicians' diagnoses, a model at a time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from edge_app.case_log.cases import OTHER, Case, CaseModel
from edge_app.verdict import NO_TUMOUR

UNSURE, REFUSED = "unsure", "refused"
SUSPICIOUS, INCONSPICUOUS, UNJUDGED = "suspicious", "inconspicuous", "unjudged"
Z = 1.959964  # of a 95% interval


@dataclass(frozen=True, kw_only=True)
class Proportion:
    """How many of how many.

    Attributes:
        count: So many.
        of: Of so many.
        low: The lower end of Wilson's 95% interval, 0 to 1; None of none.
        high: The upper end.
    """

    count: int
    of: int
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Of the slices, or of the studies, that one model answered.

    Attributes:
        cases: How many.
        unsure: Those without an answer, of those that are no refusal. Of studies, those that were not judged.
        diagnosed: How many have a clinician's diagnosis.
        right: Answers that the diagnosis agrees with, of the answers that have one.
        missed: Tumours by the diagnosis that were answered none, of all that were answered. Of studies, those
            that were called inconspicuous.
        confusion: How many, by the diagnosis, then by what was said.
    """

    cases: int
    unsure: Proportion
    diagnosed: int
    right: Proportion
    missed: Proportion
    confusion: dict[str, dict[str, int]]


@dataclass(frozen=True, kw_only=True)
class ModelFigures:
    """What one model said at this clinic."""

    model: CaseModel
    slices: Figures
    studies: Figures


@dataclass(frozen=True, kw_only=True)
class ClinicFigures:
    """Of every model that answered here, the last first."""

    models: tuple[ModelFigures, ...]


def figures_of(kinds: Iterable[tuple[Case, int]]) -> ClinicFigures:
    """Counts what was said and what clinicians diagnosed.

    A patient of several cases counts as often.

    Args:
        kinds: Of a log, as of ``CaseLog.kinds``.
    """
    counts: dict[CaseModel, tuple[Counter[tuple[str | None, str]], Counter[tuple[str | None, str]]]] = {}
    for case, count in kinds:
        # What was asked last comes last.
        slices, studies = counts.pop(case.model, (Counter(), Counter()))
        (slices if case.study is None else studies)[case.diagnosis, _said(case)] += count
        counts[case.model] = slices, studies
    return ClinicFigures(
        models=tuple(
            ModelFigures(model=model, slices=_slices(slices), studies=_studies(studies))
            for model, (slices, studies) in reversed(counts.items())
        )
    )


def proportion(count: int, of: int) -> Proportion:
    """Returns so many of so many, with Wilson's interval (E. B. Wilson, JASA 22, 1927)."""
    if not of:
        return Proportion(count=count, of=of, low=None, high=None)
    share = count / of
    centre = share + Z**2 / (2 * of)
    reach = Z * math.sqrt(share * (1 - share) / of + Z**2 / (4 * of**2))
    scale = 1 + Z**2 / of
    low, high = max(0.0, (centre - reach) / scale), min(1.0, (centre + reach) / scale)
    return Proportion(count=count, of=of, low=low, high=high)


def _said(case: Case) -> str:
    if case.study is not None:
        return {True: SUSPICIOUS, False: INCONSPICUOUS, None: UNJUDGED}[case.study.suspicious]
    return case.label if case.verdict == "answer" and case.label is not None else str(case.verdict)


def _slices(counts: Counter[tuple[str | None, str]]) -> Figures:
    answers = {pair: count for pair, count in counts.items() if pair[1] not in (UNSURE, REFUSED)}
    known = {pair: count for pair, count in answers.items() if pair[0] is not None}
    tumours = {pair: count for pair, count in known.items() if _is_tumour(pair[0])}
    unsure = sum(count for (_, said), count in counts.items() if said == UNSURE)
    return Figures(
        cases=counts.total(),
        unsure=proportion(unsure, unsure + sum(answers.values())),
        diagnosed=_diagnosed(counts),
        right=proportion(
            sum(count for (found, said), count in known.items() if found == said), sum(known.values())
        ),
        missed=proportion(
            sum(count for (_, said), count in tumours.items() if said == NO_TUMOUR), sum(tumours.values())
        ),
        confusion=_confusion(counts),
    )


def _studies(counts: Counter[tuple[str | None, str]]) -> Figures:
    judged = {pair: count for pair, count in counts.items() if pair[1] != UNJUDGED}
    # Whether another disease should stand out is not the rule's to say.
    known = {pair: count for pair, count in judged.items() if pair[0] not in (None, OTHER)}
    tumours = {pair: count for pair, count in known.items() if _is_tumour(pair[0])}
    right = {pair: count for pair, count in known.items() if _is_tumour(pair[0]) == (pair[1] == SUSPICIOUS)}
    missed = sum(count for (_, said), count in tumours.items() if said == INCONSPICUOUS)
    return Figures(
        cases=counts.total(),
        unsure=proportion(counts.total() - sum(judged.values()), counts.total()),
        diagnosed=_diagnosed(counts),
        right=proportion(sum(right.values()), sum(known.values())),
        missed=proportion(missed, sum(tumours.values())),
        confusion=_confusion(counts),
    )


def _is_tumour(diagnosis: str | None) -> bool:
    # What is neither the model's to find nor a healthy brain is no tumour that it could miss.
    return diagnosis not in (None, NO_TUMOUR, OTHER)


def _diagnosed(counts: Counter[tuple[str | None, str]]) -> int:
    return sum(count for (diagnosis, _), count in counts.items() if diagnosis is not None)


def _confusion(counts: Counter[tuple[str | None, str]]) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for (diagnosis, said), count in sorted(counts.items(), key=str):
        if diagnosis is not None:
            table.setdefault(diagnosis, {})[said] = count
    return table
