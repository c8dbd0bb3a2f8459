"""What can go wrong in a benchmark."""

from __future__ import annotations

from edge_app.errors import OtakError


class BenchmarkError(OtakError):
    """What keeps a benchmark from being fair or from being written; the text names the file."""
