from __future__ import annotations

import pytest

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


def test_help_in_both_languages() -> None:
    for language, words in (("en", ["usage:", "options:"]), ("id", ["pemakaian:", "opsi:"])):
        for command in ("predict", "serve", "pin", "cases", "page", "info", "completion"):
            text = otak(command, "--help", language=language).stdout
            assert all(word in text for word in words), command
    # Of a language that Otak doesn't speak, English.
    assert "usage:" in otak("--help", language="fr").stdout
