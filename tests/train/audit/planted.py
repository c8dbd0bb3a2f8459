"""What the tests of the audit share."""

from __future__ import annotations

from pathlib import Path

from tests.phantoms import FOLDERS
from train.audit.figures import Figures
from train.audit.findings import audit, summarize
from train.audit.thumbnails import read_pictures
from train.data.dataset import read_dataset, root_of


def path_of(part: str, label: str, name: str) -> str:
    """Returns a phantom's path in its data set."""
    return f"{part}/{FOLDERS[label]}/{name}.jpg"


def figures_of(data: Path) -> Figures:
    """Audits a data set."""
    return summarize(audit(read_pictures(root_of(data), read_dataset(data))), data.name, "0" * 64)
