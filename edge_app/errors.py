"""What can go wrong, each with a sentence a nurse can act on."""

from __future__ import annotations

from edge_app.languages import sentence


class OtakError(Exception):
    """The parent of all errors that Otak raises on purpose; its text is one plain English sentence."""


class CodedError(OtakError):
    """A fault that every language has a sentence for.

    Attributes:
        keys: What the keys of the sentences of a class begin with.
        code: Short name of the fault, the rest of its key.
        details: What the sentence's placeholders stand for.
    """

    keys = "error"

    def __init__(self, code: str, **details: object) -> None:
        self.code = code
        self.details = details
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        """Returns the error's sentence in a language (``en`` or ``id``)."""
        return sentence(language, f"{self.keys}.{self.code}", **self.details)


class ImageError(CodedError):
    """A picture that can't be classified."""


class NotAnImage(ImageError):
    """The bytes are no picture of a kind that Otak reads."""


class UnreadableImage(ImageError):
    """A picture that is truncated, damaged, empty, absent or too small."""


class ImageTooLarge(ImageError):
    """More bytes, pixels, time or memory than a device should spend on a picture."""


class Busy(ImageError):
    """Too many pictures wait to be read; the picture isn't to blame."""


class BundleError(OtakError):
    """A bundle that is incomplete, changed or of an unknown schema; the text names the file."""


class RuntimeMissing(BundleError):
    """The interpreter that a file needs is not installed."""
