import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.robustness.corruptions import CORRUPTIONS
from tests.benchmarks.conftest import MakeBundle

CARD = "# Card\n\n<!-- table parts -->\nnothing\n<!-- end -->\n"


@pytest.fixture
def judged(make_bundle: MakeBundle, data: Path, tmp_path: Path) -> tuple[Path, dict]:
    bundle = make_bundle(thresholds={"unsure": 0.5, "no_tumour": 0.9, "refused": 0.1})
    (bundle / "card.md").write_text(CARD)
    out = tmp_path / "out" / "trust"
    assert main(["trust", str(bundle), "--data", str(data), "--out", str(out), "--quick"]) == 0
    return bundle, json.loads((out / "trust.json").read_text())


def test_a_bundle_is_judged(judged: tuple[Path, dict], tmp_path: Path) -> None:
    bundle, report = judged
    result = report["bundles"]["toy@128"]
    headline = result["headline"]
    assert headline["slices"] == 16
    assert headline["accuracy"] > 0.5
    assert 0 <= headline["wrong_of_answered"] <= 1 - headline["accuracy"] / 2
    assert headline["pointing"] is None  # phantoms have no boxes
    assert sum(row["slices"] for row in result["by_class"].values()) == 16
    steps = result["corruptions"]["Gamma"]
    assert [step["strength"] for step in steps] == [None, *CORRUPTIONS["Gamma"][1]]
    assert {"generated", "scikit-learn"} <= set(result["strangers"])
    out = tmp_path / "out" / "trust"
    for name in ("reliability.png", "risk-coverage.png", "robustness.png", "toy@128.csv"):
        assert (out / name).stat().st_size > 500
    card = (bundle / "card.md").read_text()
    assert "nothing" not in card and "| classic | 16 |" in card


@pytest.mark.parametrize("fault", ["no bundle", "no reference", "no data", "a slice is gone"])
def test_bad_input_gives_one_sentence(
    make_bundle: MakeBundle, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    bundle = make_bundle()
    if fault == "no bundle":
        bundle = tmp_path / "nowhere"
    elif fault == "no reference":
        (bundle / "reference.csv").unlink()
    elif fault == "no data":
        data = tmp_path / "nothing"
    else:
        next(data.glob("Testing/*/*.jpg")).unlink()
        next(data.glob("Training/*/*.jpg")).unlink()
    out = tmp_path / "out"
    assert main(["trust", str(bundle), "--data", str(data), "--out", str(out)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) <= 2
    assert not (out / "trust.json").exists()
