"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from edge_app.languages import sentence

Level = Literal["good", "attention", "bad"]


@dataclass(frozen=True)
class Finding:
    """What is found, in any language.

    Attributes:
        name: What was looked at.
        case: Which of its findings; ``doctor.NAME.CASE`` says what is found.
        level: ``bad`` where Otak doesn't work or its answers can't be trusted.
        details: What the sentences' placeholders stand for.
    """

    name: str
    case: str
    level: Level = "good"
    details: dict[str, object] = field(default_factory=dict)

    def title(self, language: str) -> str:
        """Returns the name of what was looked at."""
        return sentence(language, f"doctor.{self.name}")

    def found(self, language: str) -> str:
        """Returns what is found."""
        return sentence(language, f"doctor.{self.name}.{self.case}", **self.details)

    def advice(self, language: str) -> str | None:
        """Returns what to do; None where all is well."""
        if self.level == "good":
            return None
        return sentence(language, f"doctor.{self.name}.{self.case}.do", **self.details)


def good(name: str, case: str, /, **details: object) -> Finding:
    """Returns what is as it should be."""
    return Finding(name, case, "good", details)


def attention(name: str, case: str, /, **details: object) -> Finding:
    """Returns what works and may not for long."""
    return Finding(name, case, "attention", details)


def bad(name: str, case: str, /, **details: object) -> Finding:
    """Returns what doesn't work."""
    return Finding(name, case, "bad", details)
