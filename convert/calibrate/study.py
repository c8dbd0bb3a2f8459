"""The rule by which a whole study is called suspicious, chosen on patients that no net had seen.

Of the ranks 1 to 5, each with every threshold that keeps at least 95% of the patients without a tumour below
it, the one is taken that finds the most patients with one. A device's own file and its refusals are left out
of account: the predictions are the Keras models', as those for the other thresholds are.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge_app.bundle import StudyRule
from edge_app.study import FEWEST, score
from evaluation.studies import Study

ALARMS = 5  # percent of the patients without a tumour that may be called suspicious
PATIENTS = 20  # that there must be of each kind; with fewer no alarm would be allowed at all
FOUND = 80  # percent of the patients with a tumour; that no slice stands out would mean little with fewer


def choose(studies: Sequence[Study]) -> StudyRule | None:
    """Chooses the rule of a bundle.

    The allowed alarms are rounded down: of 22 patients one. Of rules that find as many patients the one that
    clears more is taken, then that of the lowest rank, since a small tumour shows on few slices.

    Args:
        studies: Of patients that the nets did not see in training, with calibrated probabilities.

    Returns:
        None where there are fewer than ``PATIENTS`` with or without a tumour, or no rank finds enough of
        those with one.
    """
    ill = [study for study in studies if study.tumour]
    healthy = [study for study in studies if not study.tumour and study.judged]
    if min(len(ill), len(healthy)) < PATIENTS:
        return None
    allowed = len(healthy) * ALARMS // 100
    rules = [
        rule
        for rank in range(1, FEWEST + 1)
        for alarms in range(allowed + 1)
        if (rule := _rule(rank, alarms, studies, healthy))
    ]
    merits = {rule: _merit(rule, ill, healthy) for rule in rules}
    best = max(rules, key=merits.__getitem__, default=None)
    return best if best and 100 * merits[best][0] >= FOUND * len(ill) else None


def _rule(rank: int, alarms: int, studies: Sequence[Study], healthy: Sequence[Study]) -> StudyRule | None:
    """Returns the rule of a rank, whose threshold lies midway between who is spared and who is next."""
    first_spared = sorted(_scores(rank, healthy), reverse=True)[alarms]
    higher = [value for value in _scores(rank, studies) if value > first_spared]
    threshold = (first_spared + min(higher, default=1.0)) / 2
    # Neither fits between 1 and what is next to it.
    return StudyRule(rank=rank, threshold=threshold) if first_spared < threshold <= 1 else None


def _scores(rank: int, studies: Sequence[Study]) -> list[float]:
    rule = StudyRule(rank=rank, threshold=1.0)
    return [value for study in studies if (value := score(study.judged, rule)) is not None]


def _merit(rule: StudyRule, ill: Sequence[Study], healthy: Sequence[Study]) -> tuple[int, int, int]:
    found = sum(study.is_suspicious(rule) is True for study in ill)
    cleared = sum(study.is_suspicious(rule) is False for study in healthy)
    return found, cleared, -rule.rank
