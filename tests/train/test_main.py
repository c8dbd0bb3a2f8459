from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ROOT
from train.__main__ import main
from train.config import recipe_of
from train.run import Run


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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mix_sequences", "--recipe mix_sequences: expected FIELD=VALUE"),
        ("mix_sequences=often", "--recipe mix_sequences=often: expected FIELD=VALUE"),
        ("mix_sequences=2", "--recipe: mix_sequences: 2.0 is not within 0 to 1."),
        ("epochs=1.5", "--recipe: epochs: 1.5 is no int."),
        ("depth=3", "--recipe: Recipe: has the unknown 'depth'."),
    ],
)
def test_a_recipe_that_cannot_be_is_named(
    paper_layout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    assert main(["fit", str(paper_layout), "--recipe", text, "--out", str(tmp_path / "run")]) == 2
    assert capsys.readouterr().err.startswith(message)
    assert not (tmp_path / "run").exists()


def test_a_net_is_told_to_learn_otherwise_than_by_its_own_recipe(paper_layout: Path, tmp_path: Path) -> None:
    words = ["--arch", "paper", "--size", "32", "--protocol", "paper", "--epochs", "1", "--batch", "32"]
    more = ["--recipe", "learning_rate=2e-3", "--recipe", "cosine=true", "--recipe", "type_power=1"]
    assert main(["fit", str(paper_layout), *words, *more, "--out", str(tmp_path / "run")]) == 0
    assert Run.load(tmp_path / "run").recipe == replace(
        recipe_of("paper"), epochs=1, batch=32, learning_rate=2e-3, cosine=True, type_power=1.0
    )


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
