from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from train.__main__ import main
from train.config import recipe_of


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert all(f"    {command} " in text for command in ("fit", "audit", "fetch", "tables"))


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["DATA", "--out", "run"],  # how version 0.1 trained
        ["fit", "DATA"],
        ["fit", "DATA", "--out", "run", "--epochs", "0"],
        ["fit", "DATA", "--out", "run", "--size", "-1"],
        ["fit", "DATA", "--out", "run", "--arch", "resnet"],
        ["tables", "--out", "folder"],
    ],
)
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert "usage: python -m train" in capsys.readouterr().err


def test_only_a_net_with_a_backbone_is_fine_tuned(
    paper_layout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fit", str(paper_layout), "--fine-tune", "--out", str(tmp_path / "run")]) == 2
    assert capsys.readouterr().err == "edge has no backbone to fine-tune; it is trained whole.\n"
    assert not (tmp_path / "run").exists()


def test_a_fine_tuned_net_has_a_recipe_of_its_own() -> None:
    frozen, tuned = recipe_of("mobilenetv2"), recipe_of("mobilenetv2", fine_tune=True)
    assert tuned.epochs < frozen.epochs and tuned.learning_rate < frozen.learning_rate


@pytest.mark.parametrize(
    "module",
    ["train.__main__", "train.run", "train.run_metrics", "train.data.dataset", "train.audit.figures"],
)
def test_what_devices_and_other_commands_read_needs_no_keras(module: str) -> None:
    heavy = "{'keras', 'tensorflow', 'jax', 'sklearn', 'scipy'}"
    code = f"import sys, {module}; print({heavy} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("set()\n", "")
