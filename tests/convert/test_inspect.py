"""What files and bundles say of themselves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from convert.__main__ import main
from edge_app.bundle import Bundle


@pytest.mark.parametrize("name", ["edge-int8.tflite", "edge-int8.onnx", "edge-float16.onnx"])
def test_a_file_explains_itself(bundle: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(bundle / name)]) == 0
    output = capsys.readouterr().out
    for words in ("not a medical device", "meningioma", "CONV_2D" if "tfl" in name else "Conv"):
        assert words in output


def test_inspecting_a_bundle(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(bundle)]) == 0
    output = capsys.readouterr().out
    assert all(file.path in output for file in Bundle.load(bundle).files)


@pytest.mark.parametrize("name", ["absent.tflite", "text.onnx", "text.tflite", "text.txt"])
def test_inspecting_what_is_no_model(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if name.startswith("text"):
        (tmp_path / name).write_text("no model")
    assert main(["inspect", str(tmp_path / name)]) == 2
    assert name in capsys.readouterr().err


def test_inspecting_a_bundle_without_provenance(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(bundle, tmp_path / "bundle")
    (copy / "provenance.json").unlink()
    assert main(["inspect", str(copy)]) == 0
    assert "edge-int8.tflite" in capsys.readouterr().out
    (copy / "provenance.json").write_text("{")
    assert main(["inspect", str(copy)]) == 2
    assert "provenance.json: is broken" in capsys.readouterr().err
