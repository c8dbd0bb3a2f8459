"""Makes ``tests/toy_bundle``: a net of a few hundred parameters that tells the phantoms apart.

It is committed, so that the tests of ``edge_app`` need no TensorFlow. Run ``python -m tests.make_toy_bundle``
after a change of the bundle's schema or of the preprocessing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
import tf2onnx
from numpy.typing import NDArray

from edge_app.bundle import Bundle, Label, ModelFile, Outputs, Precision, Thresholds, sha256
from edge_app.image import decode
from edge_app.preprocessing import InputSpec, preprocess
from tests.phantoms import LABELS, phantom

FOLDER = Path(__file__).parent / "toy_bundle"
SPEC = InputSpec(size=128, channels=1, crop="content", contrast="stretch")
NAMES = {
    "glioma": ("Glioma", "Glioma"),
    "meningioma": ("Meningioma", "Meningioma"),
    "no_tumor": ("No tumour", "Tidak ada tumor"),
    "pituitary": ("Pituitary tumour", "Tumor hipofisis"),
}


def dataset(seeds: range) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Draws one phantom of each label for every seed."""
    pictures = [preprocess(decode(phantom(label, seed)), SPEC)[0] for seed in seeds for label in LABELS]
    return np.concatenate(pictures).astype(np.float32), np.tile(np.arange(len(LABELS)), len(seeds))


def build() -> keras.Model:
    """Builds the net: evidence maps by class, their maximum decides."""
    inputs = keras.Input((SPEC.size, SPEC.size, SPEC.channels))
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.AveragePooling2D(2)(x)
    x = keras.layers.Conv2D(6, 5, strides=2, padding="same", activation="relu")(x)
    x = keras.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(x)
    maps = keras.layers.Conv2D(len(LABELS), 1)(x)
    probabilities = keras.layers.Softmax()(keras.layers.GlobalMaxPooling2D()(maps))
    weights = keras.layers.Reshape((1, 1, len(LABELS)))(probabilities)
    evidence = keras.ops.relu6(keras.ops.sum(maps * weights, axis=-1) / 4) / 6
    # The phantoms teach no rejection; this one lets through whatever leaves some trace in the maps.
    brain = keras.ops.sigmoid(4 * keras.ops.max(keras.ops.abs(maps), axis=(1, 2, 3)))
    return keras.Model(inputs, {"probabilities": probabilities, "heatmap": evidence, "brain": brain})


def main() -> None:
    """Trains, converts and writes the bundle."""
    keras.utils.set_random_seed(3)
    model = build()
    x, y = dataset(range(160))
    classifier = keras.Model(model.input, model.output["probabilities"])
    schedule = keras.optimizers.schedules.CosineDecay(0.01, 2400)
    classifier.compile(
        keras.optimizers.Adam(schedule), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    classifier.fit(x, y, batch_size=32, epochs=120, verbose=2)
    print("held out:", classifier.evaluate(*dataset(range(200, 232)), verbose=0))  # noqa: T201

    signature = tf.TensorSpec([1, SPEC.size, SPEC.size, SPEC.channels], tf.float32, name="pixels")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as saved:
        archive = keras.export.ExportArchive()
        archive.track(model)
        archive.add_endpoint("serve", model.call, input_signature=[signature])
        archive.write_out(saved, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(saved)
        (FOLDER / "toy-float32.tflite").write_bytes(converter.convert())

        def calibration() -> Iterator[list[NDArray[np.float32]]]:
            yield from ([picture[None]] for picture in x[:100])

        converter = tf.lite.TFLiteConverter.from_saved_model(saved)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = calibration
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
        (FOLDER / "toy-int8.tflite").write_bytes(converter.convert())

    function = tf.function(lambda pixels: model(pixels), input_signature=[signature])
    tf2onnx.convert.from_function(
        function, input_signature=[signature], opset=17, output_path=str(FOLDER / "toy-float32.onnx")
    )
    files: tuple[tuple[str, Precision], ...] = (
        ("toy-float32.tflite", "float32"),
        ("toy-int8.tflite", "int8"),
        ("toy-float32.onnx", "float32"),
    )
    Bundle(
        folder=FOLDER,
        name="toy",
        version="1",
        labels=tuple(Label(label, *NAMES[label]) for label in LABELS),
        input=SPEC,
        outputs=Outputs(probabilities="probabilities", heatmap="heatmap", in_distribution="brain"),
        files=tuple(
            ModelFile(
                path=name,
                sha256=sha256(FOLDER / name),
                bytes=(FOLDER / name).stat().st_size,
                format="onnx" if name.endswith(".onnx") else "tflite",
                precision=precision,
                temperature=1.0,
            )
            for name, precision in files
        ),
        thresholds=Thresholds(unsure=0.5, no_tumour=0.5, refused=0.2),
        study=None,
        default="toy-int8.tflite",
    ).save()


if __name__ == "__main__":
    main()
