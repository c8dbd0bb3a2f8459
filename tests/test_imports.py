"""The rooms of the house import one way, and each only what it may."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.imports import ROOMS, circle, graph, imports, long_files, walk

MAX_LINES = 400
WORKSHOP = {"keras", "tensorflow", "sklearn", "onnx"}
# What a benchmark needs on a Raspberry Pi.
ON_A_PI = (
    *("benchmarks.__main__", "benchmarks.command_line", "convert.provenance"),
    *("train.config", "train.run", "train.data.dataset"),
    *("evaluation.labels", "evaluation.metrics", "evaluation.parts", "evaluation.predictions"),
    *("evaluation.reliability", "evaluation.statistics", "evaluation.studies", "evaluation.tables"),
)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_those_below_it(room: str) -> None:
    above = ROOMS[ROOMS.index(room) + 1 :]
    own = [found for found in imports() if found.module.partition(".")[0] == room]
    assert own
    assert [found for found in own if found.top in above] == []


def test_no_module_is_imported_by_what_it_imports() -> None:
    assert circle(graph()) is None


def test_a_device_needs_nothing_of_the_workshop() -> None:
    assert [
        found
        for found in imports()
        if found.module.startswith("edge_app") and found.top in WORKSHOP | {"scipy", "tf2onnx"}
    ] == []


def test_evaluation_takes_numpy_alone() -> None:
    allowed = {"numpy", "edge_app", "evaluation", *sys.stdlib_module_names}
    own = [found for found in imports() if found.module.startswith("evaluation")]
    others = [found for found in own if found.top not in allowed]
    assert {found.module for found in others if found.top == "matplotlib"} == {"evaluation.plots"}
    assert [found for found in others if found.top not in ("matplotlib", "rich")] == []
    assert [found for found in others if found.top == "rich" and not (found.deferred or found.typing)] == []


@pytest.mark.parametrize("module", ON_A_PI)
def test_a_pi_needs_no_keras(module: str) -> None:
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({sorted(WORKSHOP | {'scipy', 'skimage', 'matplotlib'})!r}))\n"
        f"import {module}\n"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("module", ["edge_app", "edge_app.cli", "edge_app.serve.app"])
def test_a_device_loads_nothing_of_the_workshop(module: str, toy_bundle: Path) -> None:
    code = (
        f"import sys, {module}, edge_app\n"
        f"from PIL import Image\n"
        f"edge_app.Classifier.load({str(toy_bundle)!r}).predict(Image.new('L', (64, 64)))\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    loaded = set(result.stdout.split())
    assert "edge_app" in loaded
    assert not loaded & (WORKSHOP | {"onnxruntime", "evaluation", "train", "convert", "benchmarks"})


def test_no_module_is_too_long_to_read() -> None:
    assert long_files(MAX_LINES) == {}


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) is None


def test_imports_are_found_wherever_they_stand() -> None:
    text = (
        "import a.b\n"
        "if TYPE_CHECKING:\n"
        "    from c import d\n"
        "else:\n"
        "    import e\n"
        "def f():\n"
        "    if True:\n"
        "        from g import h, i\n"
    )
    found = list(walk("m", ast.parse(text)))
    assert [(each.names, each.deferred, each.typing) for each in found] == [
        (("a.b",), False, False),
        (("c.d", "c"), False, True),
        (("e",), False, False),
        (("g.h", "g"), True, False),
        (("g.i", "g"), True, False),
    ]
    assert [each.top for each in found] == ["a", "c", "e", "g", "g"]
