from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from convert.licence import PRETRAINED, UNKNOWN
from convert.model_card import card
from convert.provenance import Provenance, RefusedData, Verification
from edge_app.bundle import Bundle


@pytest.fixture
def provenance(bundle: Path) -> Provenance:
    return Provenance.load(bundle)


@pytest.fixture
def loaded(bundle: Path) -> Bundle:
    return Bundle.load(bundle)


def test_the_card_names_its_figures_and_its_limits(
    bundle: Path, loaded: Bundle, provenance: Provenance
) -> None:
    text = (bundle / "card.md").read_text()
    assert text == card(loaded, provenance)
    assert "not a medical device" in text
    assert provenance.metrics is not None and loaded.thresholds is not None
    assert f"Accuracy {provenance.metrics.overall['accuracy'].value:.1%}" in text
    assert f"*Unsure* below {loaded.thresholds.unsure:.1%}" in text
    assert all(f"| `{file.path}` | " in text for file in loaded.files)
    assert "refused by their colour alone" in text


def test_the_licences_of_weights(loaded: Bundle, provenance: Provenance) -> None:
    text = card(loaded, provenance)
    assert text.count(UNKNOWN) == 1 and "CC BY" not in text and "ImageNet" not in text
    assert provenance.training is not None
    for name, sentence in PRETRAINED.items():
        rival = replace(provenance, training=replace(provenance.training, weights=name))
        assert card(loaded, rival).count(sentence) == 1
    other = replace(provenance, training=replace(provenance.training, weights="other.h5"))
    assert "other.h5, whose licence isn't recorded here" in card(loaded, other)


def test_labels_that_the_net_never_saw_are_named(loaded: Bundle, provenance: Provenance) -> None:
    assert "Never saw" not in card(loaded, provenance)
    assert provenance.data is not None
    data = replace(provenance.data, unseen_labels=("meningioma", "pituitary"))
    assert "**Never saw a slice of: meningioma, pituitary.**" in card(loaded, replace(provenance, data=data))


def test_without_thresholds_it_says_that_nothing_is_answered_for_sure(
    loaded: Bundle, provenance: Provenance
) -> None:
    text = card(replace(loaded, thresholds=None), replace(provenance, wrong_aim=None))
    assert "every verdict is *unsure*" in text
    assert "Can an answer be believed" not in text


def test_what_is_refused_is_told_with_real_slices_first(loaded: Bundle, provenance: Provenance) -> None:
    assert "*Refused* where" not in card(loaded, provenance)
    refused = RefusedData(brains={"classic": 0.002, "wide/a": 0.0101}, others=200, others_refused=130)
    text = card(loaded, replace(provenance, refused=refused))
    assert "0.2% of classic, 1.0% of wide/a are refused. Real slices come first: of 200 other" in text
    assert "130 (65%) are refused at that" in text
    alone = card(loaded, replace(provenance, refused=replace(refused, others=0, others_refused=0)))
    assert "*Refused* where" in alone and "Real slices come first" not in alone


def test_losses_and_a_second_runtime_are_told(loaded: Bundle, provenance: Provenance) -> None:
    path = loaded.default
    comparison = replace(provenance.verification[path].comparison, runtime="tflite-runtime")
    verification = Verification(
        comparison=provenance.verification[path].comparison,
        tflite_runtime=comparison,
        faults=("run by tflite-runtime it loses",),
    )
    text = card(loaded, replace(provenance, verification=provenance.verification | {path: verification}))
    assert f"| `{path}` | tflite-runtime | " in text
    assert f"- `{path}`: run by tflite-runtime it loses" in text


def test_random_weights_have_no_card(loaded: Bundle, provenance: Provenance) -> None:
    with pytest.raises(ValueError, match="random weights"):
        card(loaded, replace(provenance, training=None))
