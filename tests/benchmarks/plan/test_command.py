"""``python -m benchmarks results`` refuses at once what it would lack after days."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.plan import run
from benchmarks.plan.run import Maker


class Begun(Exception):
    """Raised where the plan's making would begin."""


@pytest.fixture(autouse=True)
def nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def begin(_: Maker) -> None:
        raise Begun

    monkeypatch.setattr(run.Maker, "make", begin)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "manifest.csv").write_text("path,label\n", encoding="utf-8")
    return tmp_path


def test_data_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["results"]) == 2
    assert "--data names no data set" in capsys.readouterr().err


def test_the_teacher_s_weights_must_be_there_before_anything_is_trained(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = data / "lite0.weights.h5"
    words = ["results", "--data", str(data)]
    for missing in ([], ["--lite0-weights", str(weights)], ["--lite0-weights", str(data)]):
        assert main([*words, *missing]) == 2
        assert "--lite0-weights names no weights file" in capsys.readouterr().err
    weights.write_bytes(b"weights")
    with pytest.raises(Begun):
        main([*words, "--lite0-weights", str(weights)])


def test_toys_need_no_weights(data: Path, tmp_path: Path) -> None:
    with pytest.raises(Begun):
        main(["results", "--data", str(data), "--toy", str(tmp_path / "toy")])
