"""What the page says of a model: ``about.json``, from its provenance and, once measured, from results.

Imported on a Pi too, by ``benchmarks``: nothing here needs Keras.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from convert import licence
from convert.provenance import Provenance
from edge_app import records
from edge_app.about import NAME, SCHEMA, About, Measured, Slices, Unknown
from edge_app.bundle import Bundle

# By how a manifest's sources begin, as docs/data.md calls them.
COLLECTIONS = {
    "sartaj/": "Brain Tumor Classification",
    "extra/no_tumor": "Br35H",
    "extra/tumour": "Br35H",
    "extra/": "figshare",
    "wide/lgg_tcga": "TCGA-LGG",
    "wide/brisc_ixi": "BRISC 2025",
    "wide/nichart": "NiChart",
    "wide/open_ms": "open_ms",
    "wide/mixed_tumour": "Brain Tumor Dataset",
    "wide/harvard_aanlib": "Whole Brain Atlas",
    "wide/samples": "NiiVue samples",
}


def about(bundle: Bundle, provenance: Provenance, measured: Measured | None) -> About | None:
    """Describes a bundle's default file for clinicians; None where no training is known.

    Args:
        bundle: The bundle.
        provenance: Its own.
        measured: Of that file; None until a benchmark's results tell.
    """
    training, data = provenance.training, provenance.data
    if training is None or data is None:
        return None
    count = data.slices
    return About(
        sha256=next(file.sha256 for file in bundle.files if file.path == bundle.default),
        slices=Slices(train=count.train, validation=count.validation, test=count.test + count.mixed),
        collections=tuple(dict.fromkeys(map(_name, provenance.sources))),
        unseen_labels=tuple(data.unseen_labels),
        unknown=get_args(Unknown),
        licence=licence.name_of(provenance.sources),
        measured=measured,
    )


def write(folder: Path, described: About) -> None:
    """Writes ``about.json`` into a bundle's folder.

    Raises:
        RecordError: It can't be written.
    """
    records.write(folder / NAME, described, SCHEMA)


def _name(source: str) -> str:
    return next((name for begin, name in COLLECTIONS.items() if source.startswith(begin)), source)
