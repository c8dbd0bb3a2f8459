from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edge_app.cli import COMMANDS, parser
from edge_app.commands.completion import script
from tests.edge_app.commands.running import otak

ASK = """
source /dev/stdin
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_otak
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(*words: str) -> list[str]:
    """Returns what bash offers for the last of the words."""
    if not shutil.which("bash"):
        pytest.skip("there is no bash here")
    command = ["bash", "-c", ASK, "bash", "otak", *words]
    run = subprocess.run(command, input=script("bash", parser()), capture_output=True, text=True, timeout=20)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["pr"], ["predict"]),
        (["predict", "--s"], ["--study"]),
        (["predict", "--json", "a.png", "--he"], ["--help", "--heatmap"]),
        (["predict", "--precision", "fl"], ["float32", "float16"]),
        (["cases", ""], ["list", "export", "backup", "restore"]),
        (["cases", "restore", "--"], ["--help", "--replace"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        # Where nothing is offered, the shell completes files.
        (["predict", "sl"], []),
        (["predict", ""], []),
        (["predict", "--bundle", ""], []),
        (["cases", "backup", ""], []),
    ],
)
def test_bash(words: list[str], offered: list[str]) -> None:
    assert completed(*words) == offered


def test_every_command_and_option_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert completed("")[: len(COMMANDS)] == list(COMMANDS)
    for name in COMMANDS:
        with pytest.raises(SystemExit):
            parser().parse_args([name, "--help"])
        # Each stands at the beginning of a line of the help, after a short one perhaps.
        named = re.findall(r"^  (?:-\w, )?(--[a-z-]+)", capsys.readouterr().out, re.MULTILINE)
        assert named and completed(name, "--") == named


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one(shell: str, tmp_path: Path) -> None:
    run = otak("completion", shell)
    assert (run.returncode, run.stderr) == (0, "")
    assert "predict" in run.stdout and "heatmap" in run.stdout
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell} here")
    subprocess.run([shell, "-n"], input=run.stdout, text=True, check=True, timeout=20)


def test_an_unknown_shell() -> None:
    assert otak("completion", "tcsh").returncode == 2
