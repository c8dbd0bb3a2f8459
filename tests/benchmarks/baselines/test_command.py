from keras import layers

from benchmarks.baselines.__main__ import NETS, main, make
from benchmarks.measure import models
from edge_app.classifier import Classifier
from tests.phantoms import phantom


def test_a_rival_is_converted_and_marked(tmp_path):
    folder = tmp_path / "rival"
    make("tiny", 32, lambda pixels: layers.Conv2D(4, 3, 2, activation="relu")(pixels), folder)
    (subject,) = models.load([folder])
    assert subject.net == "tiny@32" and not subject.trained
    assert subject.file.precision == "int8"
    prediction = Classifier.load(folder).predict(phantom("glioma", seed=1))
    assert len(prediction.probabilities) == 4


def test_rivals_are_told_apart():
    assert len({f"{name}-{size}" for name, size in NETS}) == len(NETS)


def test_a_folder_that_cannot_be_written(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["--out", str(tmp_path / "file")]) == 2
    assert "file" in capsys.readouterr().err
