from __future__ import annotations

import json
from pathlib import Path

import pytest

from train.audit.figures import read
from train.errors import DataError


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "can't be read"),
        ("{", "is broken"),
        ("{}", "schema None is unknown"),
        ('{"schema": 1}', r"lacks baselines, .*testing"),
    ],
)
def test_a_broken_file(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "audit.json").write_text(text)
    with pytest.raises(DataError, match=message):
        read(tmp_path / "audit.json")


def test_a_figure_that_is_no_number(audited: Path, tmp_path: Path) -> None:
    plain = json.loads((audited / "audit.json").read_text())
    plain["near"]["copies"] = "five"
    (tmp_path / "audit.json").write_text(json.dumps(plain))
    with pytest.raises(DataError, match=r"near\.copies: 'five' is no int"):
        read(tmp_path / "audit.json")
