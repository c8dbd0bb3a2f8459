"""From names to files."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from edge_app.screen.paths import files_of

RESULTS = Path("/results")


def names(*named: str | Path, listed: bytes = b"") -> list[str]:
    return list(files_of(map(str, named), io.BytesIO(listed), RESULTS))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b/2.dcm", "b/10.dcm", "a.dcm", ".hidden", "b/DICOMDIR", ".git/x"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def test_a_folder_to_the_bottom_in_one_order(folder: Path) -> None:
    assert names(folder) == [str(folder / name) for name in ("a.dcm", "b/10.dcm", "b/2.dcm")]


def test_patterns_and_what_matches_nothing(folder: Path) -> None:
    assert sorted(names(f"{folder}/b/*.dcm")) == [str(folder / "b/10.dcm"), str(folder / "b/2.dcm")]
    assert names(f"{folder}/**/2.dcm") == [str(folder / "b/2.dcm")]
    assert names(f"{folder}/*.png") == [f"{folder}/*.png"]


def test_a_pattern_of_any_depth(folder: Path) -> None:
    everything = [str(folder / name) for name in ("a.dcm", "b/10.dcm", "b/2.dcm")]
    for pattern in ("**", "**/*", "**/**/*.dcm"):
        assert names(f"{folder}/{pattern}") == everything
    assert names(f"{folder}/**/b") == everything[1:]
    assert names(f"{folder}/**/b/1*.dcm") == everything[1:2]
    assert names(f"{folder}/[b]/**/2.dcm") == everything[2:]


def test_a_name_with_brackets_is_no_pattern(tmp_path: Path) -> None:
    (tmp_path / "a[1].dcm").touch()
    assert names(tmp_path / "a[1].dcm") == [str(tmp_path / "a[1].dcm")]


def test_a_list(folder: Path) -> None:
    listed = os.fsencode(folder / "a.dcm") + b"\r\n\n" + os.fsencode(folder / "b") + b"\n" + b"gone.dcm"
    expected = [str(folder / name) for name in ("a.dcm", "b/10.dcm", "b/2.dcm")]
    assert names("-", listed=listed) == [*expected, str(Path("gone.dcm").absolute())]


def test_one_file_has_one_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert set(names("a.dcm", "./a.dcm", "b/../a.dcm", folder / "a.dcm")) == {str(folder / "a.dcm")}


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/\xff.dcm"
    Path(os.fsdecode(raw)).touch()
    assert [os.fsencode(name) for name in names(tmp_path)] == [raw]


def test_a_folder_that_is_closed_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = os.scandir

    # Root may open everything.
    def closed(path: str) -> object:
        if str(path).endswith("/b"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert names(folder) == [str(folder / "a.dcm"), str(folder / "b")]
    assert names(folder / "b") == [str(folder / "b")]


def test_links_to_folders_are_followed_once_and_never_in_circles(tmp_path: Path) -> None:
    archive, outside = tmp_path / "archive", tmp_path / "outside"
    for path in (archive / "x" / "1.dcm", outside / "y" / "2.dcm"):
        path.parent.mkdir(parents=True)
        path.touch()
    for name, target in (
        ("a", "x"),  # is met by its own name
        ("circle", "."),
        ("up", ".."),
        ("far", outside),
        ("far-again", outside / "y"),
        ("nowhere", "gone"),
    ):
        (archive / name).symlink_to(target)
    (outside / "back").symlink_to(archive)
    found = [str(archive / name) for name in ("nowhere", "x/1.dcm", "far/y/2.dcm")]
    assert names(archive) == found
    assert names(f"{archive}/**/*.dcm") == found[1:]


def test_a_pattern_below_a_circle(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "1.dcm").touch()
    (tmp_path / "x" / "up").symlink_to("..")
    assert names(f"{tmp_path}/x/up/x/**/*.dcm") == [f"{tmp_path}/x/up/x/1.dcm"]
    assert names(f"{tmp_path}/x/../x/*.dcm") == [f"{tmp_path}/x/1.dcm"]


def test_the_results_are_not_read(folder: Path) -> None:
    (folder / "beside").symlink_to("b")
    for results in (folder / "b", folder / "beside"):
        assert list(files_of([str(folder)], io.BytesIO(), results)) == [str(folder / "a.dcm")]


def test_a_dash_in_a_list_is_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert names("-", listed=b"-\n" * 2000) == [str(folder / "-")] * 2000


def test_a_long_list_is_never_held(tmp_path: Path) -> None:
    def endless() -> io.BytesIO:
        class Endless(io.BytesIO):
            def __next__(self) -> bytes:
                return b"/gone.dcm\n"

        return Endless()

    found = files_of(["-"], endless(), RESULTS)
    assert [next(found) for _ in range(3)] == ["/gone.dcm"] * 3
