"""Which study and series a DICOM file belongs to, without anything else of it."""

from __future__ import annotations

from edge_app.dicom.elements import BIG_ENDIAN, Reader, is_dicom, read_transfer

STUDY, SERIES = 0x0020000D, 0x0020000E
LONGEST = 64  # characters of a UID


def study_and_series(data: bytes) -> tuple[str, str]:
    """Returns the UIDs of a file's study and series; empty where it names none, or is no DICOM."""
    found = {STUDY: "", SERIES: ""}
    if not is_dicom(data):
        return "", ""
    try:
        transfer, place = read_transfer(data)
        reader = Reader(data, "big" if transfer == BIG_ENDIAN else "little")
        explicit = reader.is_explicit(place)
        while place < len(data) and reader.tag(place) <= SERIES:
            element = reader.element(place, len(data), explicit)
            if element.tag in found:
                value = data[element.start : min(element.stop, element.start + LONGEST)]
                found[element.tag] = value.decode("latin-1").strip(" \0")
            place = element.stop
    # Damaged: whoever decodes it says so.
    except ValueError:
        pass
    return found[STUDY], found[SERIES]
