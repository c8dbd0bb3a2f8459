"""What can go wrong with the case log; pictures are read all the same."""

from __future__ import annotations

from edge_app.errors import OtakError
from edge_app.languages import sentence


class CaseLogError(OtakError):
    """The log couldn't do what was asked.

    Attributes:
        code: Short name of the fault, the key of its sentence in every language.
        details: What the sentence's placeholders stand for.
    """

    def __init__(self, code: str, **details: object) -> None:
        self.code = code
        self.details = details
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        """Returns the error's sentence in a language (``en`` or ``id``)."""
        return sentence(language, f"error.{self.code}", **self.details)
