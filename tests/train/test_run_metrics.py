from __future__ import annotations

from pathlib import Path

import pytest

from tests.train.runs import make_metrics
from train.errors import DataError
from train.run_metrics import RunMetrics


def test_metrics_come_back_as_they_were_saved(tmp_path: Path) -> None:
    metrics = make_metrics()
    metrics.save(tmp_path)
    assert RunMetrics.load(tmp_path) == metrics


@pytest.mark.parametrize(
    ("text", "message"), [(None, "can't be read"), ('{"accuracy": 1}', "schema None is unknown")]
)
def test_broken_metrics(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "metrics.json").write_text(text)
    with pytest.raises(DataError, match=message):
        RunMetrics.load(tmp_path)
