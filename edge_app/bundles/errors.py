"""Why a bundle is not installed."""

from __future__ import annotations

from edge_app.errors import OtakError
from edge_app.languages import sentence


class InstallError(OtakError):
    """A bundle that can't be installed; what was installed before still is.

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
        return sentence(language, f"bundle.{self.code}", **self.details)
