"""The system's clock, set by tests."""

from __future__ import annotations

from datetime import datetime, tzinfo

import pytest

from edge_app.lan import state


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Lets the device's clock show a moment and stand still."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return moment

    monkeypatch.setattr(state, "datetime", Clock)
