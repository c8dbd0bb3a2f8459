"""The command ``python -m convert adopt``, from a file to a bundle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from convert.__main__ import main
from convert.provenance import Provenance
from edge_app import Classifier
from edge_app.bundle import Bundle, sha256
from edge_app.preprocessing import InputSpec
from tests.convert.foreign.files import SIZE, channels_first, net, onnx, tflite
from tests.phantoms import phantom

LABELS = "glioma_tumor,meningioma_tumor,notumor,pituitary_tumor"


def adopt(path: Path, out: Path, *words: str, size: int = SIZE, scale: str = "0..1") -> int:
    """Runs the command."""
    told = ["--labels", LABELS, "--size", str(size), f"--scale={scale}", "--out", str(out)]
    return main(["adopt", str(path), *told, *words])


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A file as phone apps carry them, of a name that a bundle's files may not have."""
    return tflite(tmp_path / "Brain Tumor (v2).tflite", net())


def test_a_tflite_file_becomes_a_bundle_that_no_device_answers_by(
    app: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "app"
    assert adopt(app, out, scale="-1..1") == 0
    bundle, provenance = Bundle.load(out), Provenance.load(out)
    assert (bundle.name, bundle.default) == ("Brain_Tumor__v2_", "Brain_Tumor__v2_.tflite")
    assert [label.name for label in bundle.labels] == ["glioma", "meningioma", "no_tumor", "pituitary"]
    assert bundle.input == InputSpec(SIZE, channels=3, crop="none", contrast="none")
    assert bundle.thresholds is None
    assert bundle.file().precision == "float32"
    assert provenance.training is None and provenance.metrics is None
    assert provenance.adopted is not None
    assert provenance.adopted.sha256 == sha256(app)
    assert (provenance.adopted.black, provenance.adopted.white) == ((-1.0,), (1.0,))
    prediction = Classifier.load(out).predict(phantom("glioma", seed=1))
    assert (prediction.verdict, prediction.reasons[0]) == ("unsure", "uncalibrated")
    assert f"{bundle.file().bytes:,} bytes, float32, without thresholds." in capsys.readouterr().out
    assert not list(tmp_path.glob(".unfinished*"))


@pytest.mark.parametrize("make", [lambda path: onnx(path, net(softmax=False)), channels_first])
def test_an_onnx_file_that_gives_logits(make: Callable[[Path], Path], tmp_path: Path) -> None:
    assert adopt(make(tmp_path / "a.onnx"), tmp_path / "out", "--logits") == 0
    assert Provenance.load(tmp_path / "out").adopted is not None
    prediction = Classifier.load(tmp_path / "out", format="onnx").predict(phantom("glioma", seed=1))
    assert sum(prediction.probabilities.values()) == pytest.approx(1)


def test_an_adopted_file_is_no_bundle_to_ship(
    app: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert adopt(app, tmp_path / "out") == 0
    assert main(["ship", str(tmp_path / "out"), "--to", str(tmp_path / "shipped")]) == 2
    assert "card.md: is missing" in capsys.readouterr().err
    assert not (tmp_path / "shipped").exists()


def fails(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], *words: str, size: int = SIZE
) -> str:
    """Runs the command in vain, and returns its one sentence."""
    assert adopt(path, tmp_path / "out", *words, size=size) == 2
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".unfinished*"))
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_what_is_said_of_a_file_must_be_true(
    app: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "gives probabilities already; leave --logits out" in fails(app, tmp_path, capsys, "--logits")
    assert "expected one picture of 224 x 224" in fails(app, tmp_path, capsys, size=224)
    scores = tflite(tmp_path / "scores.tflite", net(softmax=False))
    assert "no probabilities; if they are logits, say --logits" in fails(scores, tmp_path, capsys)
    five = tflite(tmp_path / "five.tflite", net(outputs=5))
    assert "gives any x 5; --labels names 4" in fails(five, tmp_path, capsys)


def test_a_detector_is_no_classifier(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import keras

    base = net()
    ends = [keras.layers.Dense(count)(base.layers[-2].output) for count in (4, 10, 10, 1)]
    detector = tflite(tmp_path / "ssd.tflite", keras.Model(base.inputs, ends))
    assert "has inputs: 1, outputs: 4; a classifier has one of each" in fails(detector, tmp_path, capsys)


def test_what_is_no_model(
    app: Path, tmp_path: Path, toy_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, data, message in (
        ("text.tflite", b"no model", "text.tflite: can't be understood"),
        ("empty.onnx", b"", "empty.onnx: "),
        ("text.onnx", b"no model", "text.onnx: can't be understood"),
        ("cut.tflite", app.read_bytes()[: app.stat().st_size // 2], "cut.tflite: can't be understood"),
        ("model.pt", b"", "model.pt: is no .tflite or .onnx file"),
        ("model.h5", b"", "write it as TFLite first"),
    ):
        (tmp_path / name).write_bytes(data)
        assert message in fails(tmp_path / name, tmp_path, capsys)
    assert "can't be read" in fails(tmp_path / "nowhere.tflite", tmp_path, capsys)
    ours = toy_bundle / "toy-int8.tflite"
    assert "has inputs: 1, outputs: 3" in fails(ours, tmp_path, capsys)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--labels", "glioma,meningioma,pituitary"], "expected each of glioma"),
        (["--scale", "bright"], "expected LOW..HIGH or imagenet"),
    ],
)
def test_words_that_mean_nothing(
    words: list[str], sentence: str, app: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        adopt(app, tmp_path / "out", *words)
    assert sentence in capsys.readouterr().err
