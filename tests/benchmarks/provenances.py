"""Where toy bundles come from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from convert.provenance import AdoptedModel, Provenance
from train.config import TrainingConfig, input_of, recipe_of
from train.run import Environment

ENVIRONMENT = Environment(python="3.11", keras="3", backend="tensorflow 2", device="cpu:0", commit="unknown")


def trained(**changes: Any) -> Provenance:
    """Returns the provenance of a trained net; ``changes`` are fields of its configuration."""
    given: dict[str, Any] = {
        "arch": "edge",
        "input": input_of("edge"),
        "weights": None,
        "fine_tune": False,
        "backbone_size": None,
        "protocol": "grouped",
        "fold": 0,
        "withheld_fold": None,
        "seed": 42,
        "recipe": recipe_of("edge"),
        "teachers": (),
        "target_accuracy": None,
        "mixed_precision": False,
    }
    return replace(random_weights(), training=TrainingConfig(**given | changes))


def adopted() -> Provenance:
    """Returns the provenance of a model made elsewhere."""
    model = AdoptedModel(sha256="0" * 64, black=(0.0,), white=(1.0,), logits=False)
    return Provenance.of_adopted(model, ENVIRONMENT, "2026-01-01T00:00:00+0000")


def random_weights() -> Provenance:
    """Returns the provenance of a net that was never trained."""
    return Provenance.of_random_weights(ENVIRONMENT, "2026-01-01T00:00:00+0000")
