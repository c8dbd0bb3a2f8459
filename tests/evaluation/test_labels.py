from __future__ import annotations

from edge_app.verdict import NO_TUMOUR
from evaluation.labels import LABELS, NAMES, NO_TUMOUR_INDEX, UNTYPED


def test_the_four_answers_stand_in_the_order_of_every_nets_outputs() -> None:
    assert NAMES == ("glioma", "meningioma", "no_tumor", "pituitary")
    assert NAMES[NO_TUMOUR_INDEX] == NO_TUMOUR
    assert UNTYPED not in NAMES


def test_each_answer_has_a_name_in_both_languages() -> None:
    for language in ("en", "id"):
        assert len({getattr(label, language) for label in LABELS}) == len(LABELS)
