"""What goes wrong in the workshop and is told in a sentence."""

from __future__ import annotations

from edge_app.errors import OtakError


class DataError(OtakError):
    """A data set, or a run, that can't be worked with; the text names the file or folder."""
