"""The graph that is exported, before any format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from convert.calibrate.rejection import Rejection
from convert.calibrate.temperature import logits_of, soften
from convert.export import graph
from convert.export.graph import LogitCorrection, outputs_of, serving
from edge_app.bundle import Outputs
from edge_app.preprocessing import InputSpec
from train.model import networks

SPEC = InputSpec(size=32, channels=1)
PIXELS = np.random.default_rng(1).integers(0, 256, (1, 32, 32, 1)).astype(np.float32)
CHANNELS = 3


@pytest.fixture(scope="module")
def net() -> keras.Model:
    """A net that ends in global pooling."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((32, 32, 1))
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(CHANNELS, 5, strides=4, activation="relu")(x)
    pooled = keras.layers.GlobalMaxPooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(4, activation="softmax")(pooled))


def run(
    net: keras.Model, correction: LogitCorrection | None = None, rejection: Rejection | None = None
) -> dict[str, NDArray[np.float32]]:
    outputs = serving(net, SPEC, correction or LogitCorrection(), rejection)(PIXELS)
    return {name: np.asarray(value) for name, value in outputs.items()}


def rejection(for_maxima: float, for_means: float, bias: float) -> Rejection:
    weights = np.repeat([for_maxima, for_means], CHANNELS).astype(np.float32)
    return Rejection(weights, bias)


def last_features(net: keras.Model) -> NDArray[np.float32]:
    features: NDArray[np.float32] = keras.Model(net.inputs, net.layers[-2].input).predict(PIXELS, verbose=0)
    return features


def test_without_a_correction_it_answers_as_the_net(net: keras.Model) -> None:
    found = run(net)
    assert set(found) == {"probabilities", "heatmap"}
    assert found["probabilities"] == pytest.approx(net.predict(PIXELS, verbose=0), abs=1e-6)
    assert found["heatmap"].shape == (1, 7, 7)
    assert found["heatmap"].min() >= 0 and found["heatmap"].max() <= 1


def test_logits_are_shifted_then_divided_by_the_temperature(net: keras.Model) -> None:
    shift = (0.5, -1.0, 0.25, 0.25)
    found = run(net, LogitCorrection(2.5, shift))
    logits = logits_of(net.predict(PIXELS, verbose=0)) + np.array(shift, np.float32)
    wanted = soften(logits, 2.5)
    assert found["probabilities"] == pytest.approx(wanted, abs=1e-6)
    assert np.array_equal(found["heatmap"], run(net)["heatmap"]), "the heatmap is left alone"


def test_the_rejection_weighs_maxima_and_means(net: keras.Model) -> None:
    features = last_features(net)
    maxima, means = features.max(axis=(1, 2)).sum(), features.mean(axis=(1, 2)).sum()
    found = run(net, rejection=rejection(0.2, -0.5, 0.75))["in_distribution"]
    assert found.shape == (1,)
    assert found[0] == pytest.approx(1 / (1 + np.exp(-(0.2 * maxima - 0.5 * means + 0.75))), abs=1e-5)
    softer = run(net, LogitCorrection(4.0), rejection(0.2, -0.5, 0.75))["in_distribution"]
    assert softer == pytest.approx(found), "no temperature is its own"


def test_a_net_without_global_pooling_has_no_heatmap() -> None:
    net = networks.build("paper", InputSpec(32, channels=3, crop="none", contrast="none"))
    spec = InputSpec(32, channels=3)
    serve = serving(net, spec, LogitCorrection())
    assert set(serve(np.zeros((1, 32, 32, 3), np.float32))) == {"probabilities"}
    assert outputs_of(net, None) == Outputs(probabilities="probabilities", heatmap=None, in_distribution=None)


def test_the_outputs_are_named_as_the_bundle_says(net: keras.Model) -> None:
    for own in (None, rejection(0, 0, 0)):
        told = outputs_of(net, own)
        named = {told.probabilities, told.heatmap, told.in_distribution} - {None}
        assert named == set(run(net, rejection=own))


@pytest.mark.parametrize("shape", [(2, 32, 32, 1), (1, 16, 16, 1), (1, 32, 32, 3)])
def test_it_takes_one_slice_of_its_own_size_alone(net: keras.Model, shape: tuple[int, ...]) -> None:
    with pytest.raises(TypeError):
        serving(net, SPEC, LogitCorrection())(np.zeros(shape, np.float32))


def test_a_saved_graph_answers_alike(net: keras.Model, tmp_path: Path) -> None:
    correction = LogitCorrection(1.5)
    graph.save(net, SPEC, correction, rejection(1, 1, 0), tmp_path)
    loaded: Any = tf.saved_model.load(str(tmp_path))
    found, wanted = loaded.serve(PIXELS), run(net, correction, rejection(1, 1, 0))
    assert set(found) == set(wanted)
    for name, value in wanted.items():
        assert np.asarray(found[name]) == pytest.approx(value, abs=1e-6)
