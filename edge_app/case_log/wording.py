"""What people are told of a kept case."""

from __future__ import annotations

from edge_app.case_log.cases import OTHER, Case, decision_of
from edge_app.languages import sentence
from edge_app.wording import headline


def case_headline(case: Case, names: dict[str, str], language: str) -> str:
    """Returns what was said, in a few words.

    Args:
        case: Of the log.
        names: What each label is called; those of older models may be missing.
        language: ``en`` or ``id``.
    """
    if case.study is None:
        known = {label: label for label in case.probabilities or ()} | names
        return headline(decision_of(case), known, language)
    counts = case.study.counts
    kind = {True: "suspicious", False: "inconspicuous", None: "uncalibrated"}[case.study.suspicious]
    if not counts.judged:
        kind = "unjudged"
    elif kind == "inconspicuous" and counts.suspicious:
        kind = "few"
    return sentence(language, f"study.{kind}", count=counts.suspicious, slices=counts.judged)


def diagnosis_name(diagnosis: str, names: dict[str, str], language: str) -> str:
    """Returns what a clinician's diagnosis is called; arguments as of ``case_headline``."""
    return sentence(language, "cases.other") if diagnosis == OTHER else names.get(diagnosis, diagnosis)
