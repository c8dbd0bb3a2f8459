import subprocess
import sys
from pathlib import Path

import pytest

FORBIDDEN = {"benchmarks", "convert", "keras", "onnx", "onnxruntime", "sklearn", "tensorflow", "train"}


@pytest.mark.parametrize("module", ["edge_app", "edge_app.cli", "edge_app.server"])
def test_the_device_needs_nothing_of_the_workshop(module: str, toy_bundle: Path) -> None:
    code = (
        f"import sys, {module}, edge_app\n"
        f"from PIL import Image\n"
        f"edge_app.Classifier.load({str(toy_bundle)!r}).predict(Image.new('L', (64, 64)))\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    loaded = set(run.stdout.split())
    assert "edge_app" in loaded
    assert not loaded & FORBIDDEN
