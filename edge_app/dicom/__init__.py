"""DICOM files: one frame's grey levels, as a screen would show them.

Only the elements named in ``tags.py`` are read: no name or number of a patient is. The page's twin, module by
module, reads files that aren't packed to the same levels, and refuses the same files with the same codes.
"""

from edge_app.dicom.elements import is_dicom
from edge_app.dicom.file import DicomFile

__all__ = ["DicomFile", "is_dicom"]
