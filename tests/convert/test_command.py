"""The command ``python -m convert``."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from convert import pipeline
from convert.__main__ import main
from convert.provenance import Provenance
from edge_app.bundle import Bundle, sha256


def convert(run: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Runs a conversion that must fail, and returns its one sentence."""
    assert main(["make", str(run), "--out", str(out)]) == 2
    assert not out.exists() and not list(out.parent.glob(".unfinished*"))
    (sentence,) = capsys.readouterr().err.strip().splitlines()[-1:]
    return sentence


def test_the_help_names_every_command_and_loads_no_tensorflow() -> None:
    code = (
        "import sys\nfrom convert.__main__ import main\n"
        "try: main(['--help'])\nfinally: print({'keras', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    for command in ("make", "inspect", "verify", "ship", "adopt"):
        assert f"\n    {command} " in done.stdout
    assert done.stdout.endswith("set()\n")


@pytest.mark.parametrize("words", [[], ["runs/edge", "--out", "bundles/edge"], ["make", "runs/edge"]])
def test_wrong_arguments(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "usage: python -m convert" in capsys.readouterr().err


def test_verify_repeats_the_verification(
    bundle: Path, phantoms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(bundle), "--data", str(phantoms)]) in (0, 2)
    output = capsys.readouterr().out
    verification = Provenance.load(bundle).verification
    for file in Bundle.load(bundle).files:
        found = verification[file.path].comparison
        figures = f"{found.flipped} of {found.slices} answers flipped"
        assert f"{file.path}: {file.bytes:,} bytes, {figures}" in output
    copy = shutil.copytree(bundle, tmp_path / "bundle")
    (copy / "held_out.npz").unlink()
    assert main(["verify", str(copy), "--data", str(phantoms)]) == 2
    assert "held_out.npz: is missing" in capsys.readouterr().err


def test_verify_finds_a_file_of_another_net(
    bundle: Path, phantoms: Path, toy_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(bundle, tmp_path / "bundle")
    path = copy / "edge-float32.tflite"
    shutil.copy(toy_bundle / "toy-float32.tflite", path)
    data = json.loads((copy / "bundle.json").read_text())
    data["files"][0].update(sha256=sha256(path), bytes=path.stat().st_size)
    (copy / "bundle.json").write_text(json.dumps(data))
    assert main(["verify", str(copy), "--data", str(phantoms)]) == 2
    assert "takes (1, 128, 128, 1); the bundle says (1, 64, 64, 1)" in capsys.readouterr().err


def test_the_loss_is_explained_by_layer(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["make", str(run), "--out", str(tmp_path / "out"), "--explain", "--allow-loss", "--precision"]
    assert main([*words, "float32"]) == 2
    assert "must name both" in capsys.readouterr().err
    assert main([*words, "float32", "int8"]) == 0
    output = capsys.readouterr().out
    assert output.count("CONV_2D") == 6 and "REDUCE_MAX" in output


def test_a_bundle_is_not_overwritten(run: Path, bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(path.name for path in bundle.iterdir())
    assert main(["make", str(run), "--out", str(bundle)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert sorted(path.name for path in bundle.iterdir()) == before


def test_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "holds no run.json" in convert(tmp_path, tmp_path / "out", capsys)


def test_a_model_made_elsewhere_is_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("model.h5", "model.keras"):
        (tmp_path / name).write_bytes(b"weights")
        assert "takes a run, the folder that" in convert(tmp_path / name, tmp_path / "out", capsys)


def test_a_run_without_its_model(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = shutil.copytree(run, tmp_path / "run")
    (copy / "model.keras").unlink()
    assert "finish the training first" in convert(copy, tmp_path / "out", capsys)


def test_a_truncated_model(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = shutil.copytree(run, tmp_path / "run")
    data = (copy / "model.keras").read_bytes()
    (copy / "model.keras").write_bytes(data[: len(data) // 2])
    assert "model.keras: can't be read" in convert(copy, tmp_path / "out", capsys)


def test_data_that_has_changed(
    run: Path, phantoms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = shutil.copytree(phantoms, tmp_path / "data")
    next((data / "Training").rglob("*.jpg")).unlink()
    out = tmp_path / "out"
    assert main(["make", str(run), "--out", str(out), "--data", str(data)]) == 2
    assert "is missing or changed" in capsys.readouterr().err
    assert not out.exists()


def test_a_file_that_disagrees_fails_the_command(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The converter hands over a file of another net."""
    monkeypatch.setattr(pipeline, "load_net", lambda _: other_net())
    assert "disagrees" in convert(run, tmp_path / "out", capsys)


def other_net() -> object:
    import keras

    class Fickle(keras.Model):  # type: ignore[misc]
        """Answers otherwise in ``predict`` than in its graph."""

        def predict(self, pixels: NDArray[np.float32], verbose: int = 0) -> NDArray[np.float32]:
            answers: NDArray[np.float32] = 1 - super().predict(pixels, verbose=verbose)
            return answers

    inputs = keras.Input((64, 64, 1), name="pixels")
    pooled = keras.layers.GlobalMaxPooling2D()(keras.layers.Conv2D(8, 3, strides=2)(inputs))
    return Fickle(inputs, keras.layers.Dense(4, activation="softmax")(pooled))


def test_a_full_disk_leaves_no_half_bundle(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    assert "No space left on device; no bundle was written." in convert(run, tmp_path / "out", capsys)
