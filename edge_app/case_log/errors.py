"""What can go wrong with the case log; pictures are read all the same."""

from __future__ import annotations

from edge_app.errors import CodedError


class CaseLogError(CodedError):
    """The log couldn't do what was asked."""
