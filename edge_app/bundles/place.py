"""The bundles that are installed on a device, and which of them answers.

Each has a folder of its own, numbered as they came; the link ``current`` names one. Without the link it is
the one that ships. A link is replaced whole or not at all, so that there is always one that answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from edge_app.classifier import SHIPPED
from edge_app.state_folder import bundles_folder

LINK = "current"
NUMBERED = re.compile("[0-9]{4,}")


@dataclass(frozen=True)
class Installed:
    """A bundle of this device.

    Attributes:
        folder: Its place.
        is_current: Whether it answers.
    """

    folder: Path
    is_current: bool


def current() -> Path:
    """Returns the folder of the bundle that answers."""
    place = bundles_folder()
    try:
        return place / (place / LINK).readlink()
    # There is none, or it is of another user and not for this one.
    except OSError:
        return SHIPPED


def installed() -> list[Installed]:
    """Returns all bundles of this device, the one that ships first."""
    answering = current()
    folders = [SHIPPED, *folders_of(bundles_folder())]
    return [Installed(folder, folder == answering) for folder in folders]


def folders_of(place: Path) -> list[Path]:
    """Returns the folders of installed bundles, as they came."""
    try:
        return sorted(each for each in place.iterdir() if NUMBERED.fullmatch(each.name))
    except OSError:
        return []
