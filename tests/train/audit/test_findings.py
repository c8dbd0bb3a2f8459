from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.phantoms import phantom, write_dataset
from tests.train.audit.planted import figures_of, path_of
from tests.train.conftest import write_table
from train.audit.figures import Classless, Contradicted, CopiedInTesting, ExactCopies, Figures
from train.audit.summary import markdown
from train.errors import DataError


def test_the_figures(figures: Figures) -> None:
    assert figures.data.images == 87
    assert sorted(fault.path for fault in figures.data.unreadable) == [
        path_of("Training", "no_tumor", "broken"),
        path_of("Training", "no_tumor", "empty"),
    ]
    assert all(fault.path in fault.reason for fault in figures.data.unreadable)
    assert figures.exact == ExactCopies(copies=1, sets=1)
    near = figures.near
    assert (near.copies, near.images, near.clusters, near.largest) == (5, 9, 4, 3)
    assert sum(near.histogram.counts) == 85
    assert figures.testing["glioma"] == CopiedInTesting(images=7, copies=3)
    assert figures.testing["meningioma"] == CopiedInTesting(images=5, copies=1)
    assert figures.testing["pituitary"] == CopiedInTesting(images=4, copies=0)
    assert figures.contradicted == Contradicted(images=2, clusters=1)
    assert figures.classes["Training"] == {
        "glioma": 16,
        "meningioma": 16,
        "no_tumor": 17,
        "pituitary": 16,
    }
    assert figures.modes == {"L": 85}
    assert (figures.sizes.smallest, figures.sizes.largest) == ((140, 160), (316, 326))
    assert figures.skipped == {}


def test_a_clean_data_set(tmp_path: Path) -> None:
    write_dataset(tmp_path, per_class=16, seed=9)
    figures = figures_of(tmp_path)
    assert figures.near.copies == figures.contradicted.images == 0
    assert sum(row.copies for row in figures.testing.values()) == 0
    assert {baseline.part for baseline in figures.baselines} == {"all"}
    assert figures.groups.leaks is None


def test_pictures_of_no_class_are_counted(table: list[dict[str, str]], tmp_path: Path) -> None:
    twin = tmp_path / "twin.jpg"
    shutil.copy(table[0]["path"], twin)
    table[0]["use"], table[1]["use"] = "ood", "none"
    table.append(table[0] | {"path": str(twin)})
    figures = figures_of(write_table(table, tmp_path / "manifest.csv"))
    assert figures.classless == {
        "ood": Classless(images=2, different=1, testing=0),
        "none": Classless(images=1, different=1, testing=0),
    }
    assert "2 pictures, 1 different ones" in markdown(figures)


def test_one_picture_can_not_be_compared(tmp_path: Path) -> None:
    (tmp_path / "glioma").mkdir()
    phantom("glioma", seed=1).save(tmp_path / "glioma" / "a.png")
    with pytest.raises(DataError, match="There are 1 readable pictures; nothing can be compared"):
        figures_of(tmp_path)


@pytest.mark.slow
def test_the_papers_data_set(otak_data: Path) -> None:
    """The data's description: 461 near-identical, 259 of 394 copied, 1-NN 90.5% and 76.9%.

    The audit also finds copies with another margin, so that its counts lie a little higher: three gliomas of
    Testing are a meningioma of Training, cropped anew.
    """
    figures = figures_of(otak_data / "sartaj")
    assert figures.data.images == 3264 and not figures.data.unreadable
    assert figures.near.copies == pytest.approx(461, abs=15)
    copies = {name: row.copies for name, row in figures.testing.items()}
    assert copies == {"glioma": 23, "meningioma": 109, "no_tumor": 105, "pituitary": 25}
    assert figures.contradicted == Contradicted(images=15, clusters=3)
    scores = {(baseline.protocol, baseline.part): baseline for baseline in figures.baselines}
    assert scores["paper", "all"].accuracy.value == pytest.approx(0.905, abs=0.015)
    assert scores["official", "all"].accuracy.value == pytest.approx(0.769, abs=0.005)
    assert scores["official", "new"].slices == 132
