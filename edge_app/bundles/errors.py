"""Why a bundle is not installed."""

from __future__ import annotations

from edge_app.errors import CodedError


class InstallError(CodedError):
    """A bundle that can't be installed; what was installed before still is."""

    keys = "bundle"
