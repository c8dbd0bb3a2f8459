from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from train.errors import DataError
from train.outcome import exit_code


def failing(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (DataError("the data are wrong."), 2, "the data are wrong.\n"),
        (OSError(28, "No space left"), 2, "out: No space left; nothing was finished.\n"),
        (OSError(13, "Permission denied", "file"), 2, "file: Permission denied; nothing was finished.\n"),
        (KeyboardInterrupt(), 130, "Interrupted; nothing was finished.\n"),
    ],
)
def test_an_error_is_told_in_one_sentence(
    error: BaseException, code: int, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(failing(error), "nothing was finished.", Path("out")) == code
    assert capsys.readouterr().err == text


def test_work_that_is_done() -> None:
    assert exit_code(lambda: None, "nothing was finished.") == 0
