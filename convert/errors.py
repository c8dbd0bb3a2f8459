"""What can go wrong in a conversion."""

from edge_app.errors import OtakError


class ConversionError(OtakError):
    """A run that can't be converted, or a file that failed its verification; the text names the file."""
