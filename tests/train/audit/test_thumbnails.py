from __future__ import annotations

from pathlib import Path

from tests.train.conftest import write_table
from train.audit.thumbnails import SIDE, read_pictures
from train.data.dataset import read_dataset


def test_every_readable_picture_gives_two_thumbnails(planted: Path) -> None:
    pictures = read_pictures(planted, read_dataset(planted))
    assert pictures.whole.shape == pictures.content.shape == (85, SIDE, SIDE)
    assert len(pictures.slices) == len(pictures.sizes) == len(pictures.modes) == 85
    assert (pictures.whole != pictures.content).any()


def test_a_file_that_the_manifest_does_not_describe(table: list[dict[str, str]], tmp_path: Path) -> None:
    table[0]["sha256"] = "0" * 64
    slices = read_dataset(write_table(table, tmp_path / "manifest.csv"))
    faults = read_pictures(tmp_path, slices).faults
    assert [fault.reason for fault in faults] == [
        f"{table[0]['path']}: is not the file that the manifest describes."
    ]


def test_no_pictures_at_all(tmp_path: Path) -> None:
    assert read_pictures(tmp_path, []).whole.shape == (0, SIDE, SIDE)
