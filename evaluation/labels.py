"""The four answers, in the order of every table and every net's outputs."""

from __future__ import annotations

from edge_app.bundle import Label
from edge_app.verdict import NO_TUMOUR

LABELS = (
    Label("glioma", "Glioma", "Glioma"),
    Label("meningioma", "Meningioma", "Meningioma"),
    Label(NO_TUMOUR, "No tumour", "Tidak ada tumor"),
    Label("pituitary", "Pituitary tumour", "Tumor hipofisis"),
)
NAMES = tuple(label.name for label in LABELS)
NO_TUMOUR_INDEX = NAMES.index(NO_TUMOUR)
UNTYPED = "tumour"  # a tumour of unknown type
