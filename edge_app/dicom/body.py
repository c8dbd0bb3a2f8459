"""Which part of the body a file says that it shows."""

from __future__ import annotations

import re

from edge_app.dicom.elements import Elements
from edge_app.dicom.frames import Frames
from edge_app.dicom.tags import Tag

# Within the terms of PS3.16, annex L, and the Indonesian ones. A neck alone holds no brain.
HEAD = (
    "HEAD",
    "BRAIN",
    "SKULL",
    "CRANI",
    "CEREBR",
    "CEPHAL",
    "PITUIT",
    "SELLA",
    "KEPALA",
    "OTAK",
    "AUDITORY",
)
WORD = re.compile("[A-Z]+")
# The internal auditory canal: a word of its own, since it stands within "cardiac" and "iliac" too.
EAR = "IAC"
NOTHING = ("", "UNKNOWN", "OTHER")  # as some systems fill in what nobody said
# Of SNOMED: brain, head, skull, head and neck, pituitary gland, internal auditory canal; in its old and its
# new numbers.
OLD_CODES = ("T-A0100", "T-D1100", "T-11100", "T-D1000", "T-B1000", "T-AB959")
CODES = (*OLD_CODES, "12738006", "69536005", "89546000", "774007", "56329008", "361078006")


def is_of_head(file: Elements, frames: Frames) -> bool:
    """Tells whether a file says that it shows a head, or says nothing of a part.

    Raises:
        ValueError: What it says is cut.
    """
    anatomies = frames.about(0, Tag.FRAME_ANATOMIES)
    regions = [item for anatomy in anatomies for item in anatomy.items(Tag.ANATOMIC_REGIONS)]
    said = [file.text(Tag.BODY_PART)]
    for region in regions:
        code = region.text(Tag.CODE_VALUE)
        said.append("HEAD" if code in CODES else region.text(Tag.CODE_MEANING) or code)
    named = [part for part in map(str.upper, said) if part not in NOTHING]
    return not named or any(_is_head(part) for part in named)


def _is_head(part: str) -> bool:
    return any(word in part for word in HEAD) or EAR in WORD.findall(part)
