from __future__ import annotations

import argparse

import pytest

from edge_app.cli import COMMANDS, parser
from edge_app.commands.parser import speak
from edge_app.commands.terminal import spoken
from tests.edge_app.commands.running import otak


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["predict"], "argumen ini wajib ada: BERKAS"),
        (["predict", "a", "--precision"], "argumen --precision: perlu satu nilai"),
        (["predict", "a", "--precision", "int4"], "'int4' tidak ada (pilih: "),
        (["predict", "a", "--json", "--csv"], "tidak boleh bersama argumen --json"),
        (["info", "--nonsense"], "argumen tidak dikenal: --nonsense"),
        (["serve", "--port", "x"], "porta bernilai antara 0 dan 65535"),
        ([], "argumen ini wajib ada: PERINTAH"),
    ],
)
def test_wrong_arguments_in_indonesian(words: list[str], told: str) -> None:
    run = otak(*words, language="id")
    assert run.returncode == 2
    assert run.stderr.startswith("pemakaian: otak")
    assert told in run.stderr and "error" not in run.stderr


@pytest.mark.parametrize("language", ["en", "id", "fr"])
@pytest.mark.parametrize("command", COMMANDS)
def test_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, language: str
) -> None:
    # What a language changes in argparse goes back with the test.
    monkeypatch.setattr(argparse, "_", lambda text: text)
    monkeypatch.setenv("LC_ALL", f"{language}_XX.UTF-8")
    speak(spoken())
    with pytest.raises(SystemExit) as end:
        parser().parse_args([command, "--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    # Of a language that Otak doesn't speak, English.
    words = ["pemakaian:", "opsi:", "bantuan"] if language == "id" else ["usage:", "options:", "help"]
    assert all(word in text for word in words)
