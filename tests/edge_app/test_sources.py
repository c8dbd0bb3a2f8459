"""What a person names, and the slices that are found in it."""

from __future__ import annotations

import io
import os
import struct
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge_app import sources
from edge_app.errors import ImageError
from edge_app.image import count_frames
from edge_app.sources import MAX_SLICES, Given, SliceSource, printable
from tests.dicoms import dicom
from tests.phantoms import phantom

Entries = dict[str, bytes]


def slices_of(given: Iterable[Given]) -> Iterator[SliceSource]:
    return sources.slices_of(given, count_frames)


def png(seed: int = 1) -> bytes:
    buffer = io.BytesIO()
    phantom("glioma", seed, size=64).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(entries: Entries, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def frames(count: int) -> bytes:
    return dicom(np.stack([np.asarray(phantom("glioma", seed, size=64)) for seed in range(count)]))


def names(found: Iterable[SliceSource]) -> list[str]:
    return [each.name for each in found]


def code(found: Iterable[SliceSource]) -> str:
    """Of the only slice, which must not be one."""
    (each,) = found
    assert isinstance(each.content, ImageError)
    for language in ("en", "id"):
        assert each.name in each.content.sentence(language)
    return each.content.code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With pictures at two depths and what must be passed over."""
    for name in ("b.png", "a.png", "series/c.png", ".hidden.png", ".trash/d.png", "__MACOSX/e.png"):
        (tmp_path / "study" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "study" / name).write_bytes(png())
    for name in ("._a.png", "DICOMDIR", "Thumbs.db", "series/.DS_Store", "desktop.ini"):
        (tmp_path / "study" / name).write_bytes(b"x")
    return tmp_path / "study"


# What is found


def test_a_folder_is_searched_to_the_bottom(folder: Path) -> None:
    found = list(slices_of([folder]))
    assert names(found) == [str(folder / name) for name in ("a.png", "b.png", "series/c.png")]
    assert all(each.content == png() and each.frame is None for each in found)
    assert names(slices_of([str(folder)])) == names(found)


def test_folders_that_lie_deeper_than_python_walks(tmp_path: Path) -> None:
    folders = [f"{tmp_path}{'/d' * depth}" for depth in range(1, 1100)]
    for folder in folders:
        Path(folder).mkdir()
    deepest = Path(folders[-1], "a.png")
    deepest.write_bytes(b"a")
    assert names(sources.files_of([tmp_path])) == [str(deepest)]
    # What clears up after tests goes no deeper either.
    deepest.unlink()
    for folder in reversed(folders):
        Path(folder).rmdir()


def test_links_to_folders_are_not_followed(folder: Path) -> None:
    (folder / "series" / "loop").symlink_to(folder)
    (folder / "series" / "d.png").symlink_to(folder / "a.png")
    found = list(slices_of([folder]))
    assert names(found) == [str(folder / name) for name in ("a.png", "b.png", "series/c.png", "series/d.png")]


def test_what_is_named_itself_is_read_even_if_hidden(folder: Path) -> None:
    assert names(slices_of([folder / ".hidden.png"])) == [str(folder / ".hidden.png")]


def test_every_frame_is_a_slice(tmp_path: Path) -> None:
    path = tmp_path / "many.dcm"
    path.write_bytes(frames(3))
    for source in (path, path.read_bytes()):
        found = list(slices_of([("many.dcm", source) if isinstance(source, bytes) else source]))
        assert [each.frame for each in found] == [0, 1, 2]
        assert [each.content for each in found] == [frames(3)] * 3
    assert [each.frame for each in slices_of([dicom()])] == [None]


def test_a_zip_file_is_read_without_being_unpacked(tmp_path: Path) -> None:
    entries = {"patient/b.png": png(2), "a.png": png(1), "__MACOSX/._a.png": b"x", ".x": b"x", "empty/": b""}
    path = tmp_path / "study.zip"
    path.write_bytes(zipped(entries))
    found = list(slices_of([path]))
    assert names(found) == [f"{path}/a.png", f"{path}/b.png"], "folders may be named after patients"
    assert [each.content for each in found] == [png(1), png(2)]
    assert [each.name for each in slices_of([("s.zip", path.read_bytes())])] == ["s.zip/a.png", "s.zip/b.png"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_zip_file_in_a_folder_and_frames_in_a_zip_file(folder: Path) -> None:
    (folder / "series" / "more.zip").write_bytes(zipped({"x": frames(2)}, zipfile.ZIP_STORED))
    found = list(slices_of([folder]))
    assert len(found) == 5 and [each.frame for each in found[-2:]] == [0, 1]


def test_pictures_are_taken_as_they_are() -> None:
    picture = phantom("glioma", 1)
    found = list(slices_of([picture, np.asarray(picture), png()]))
    assert isinstance(found[0].content, Image.Image) and isinstance(found[1].content, np.ndarray)
    assert found[2].content == png()


def test_names_with_dots_and_slashes(tmp_path: Path) -> None:
    entries = {
        "../../../etc/a.png": png(),
        "C:\\Users\\ani\\b.png": png(),
        "/c.png": png(),
        "\x1b[2Jd": png(),
    }
    found = list(slices_of([("s.zip", zipped(entries))]))
    assert sorted(names(found)) == ["s.zip/a.png", "s.zip/b.png", "s.zip/c.png", "s.zip/\ufffd[2Jd"]
    assert all(each.content == png() for each in found)


# What can't be read takes the place of a slice


def test_an_empty_folder(tmp_path: Path) -> None:
    assert code(slices_of([tmp_path])) == "no_slices"
    (tmp_path / ".DS_Store").write_bytes(b"x")
    assert code(slices_of([tmp_path])) == "no_slices"
    assert code(slices_of([("s.zip", zipped({}))])) == "no_slices"
    assert code(slices_of([("s.zip", zipped({"__MACOSX/a": b"x", "folder/": b""}))])) == "no_slices"


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    """Not even its frames are counted."""
    path = tmp_path / "large.dcm"
    with path.open("wb") as file:
        file.write(frames(2))
        file.truncate(5_000_000_000)  # takes no room on the disk
    assert code(slices_of([path])) == "too_many_bytes"
    assert code(slices_of([("large.dcm", bytes(20_000_001))])) == "too_many_bytes"


def test_what_is_not_there() -> None:
    assert code(slices_of(["absent.png"])) == "missing"
    assert code(slices_of(["a" * 300])) == "missing"
    (found,) = slices_of(["a\0b.png"])
    assert isinstance(found.content, ImageError) and found.content.code == "missing"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open any folder")
def test_a_folder_that_may_not_be_opened(folder: Path) -> None:
    (folder / "series").chmod(0)
    try:
        found = list(slices_of([folder]))
    finally:
        (folder / "series").chmod(0o755)
    assert len(found) == 3 and code(found[-1:]) == "closed"


@pytest.mark.parametrize("end", [4, 30, 100, -30, -1])
def test_a_broken_zip_file(end: int) -> None:
    assert code(slices_of([("s.zip", zipped({"a.png": png()})[:end])])) == "zip"


def test_a_damaged_entry_spares_the_others() -> None:
    data = bytearray(zipped({"a.png": png(1), "b.png": png(2), "c.png": png(3)}, zipfile.ZIP_STORED))
    data[data.index(png(2)) + 99] ^= 255
    found = list(slices_of([("s.zip", bytes(data))]))
    assert [each.content for each in found[::2]] == [png(1), png(3)]
    assert code(found[1:2]) == "zip"


def test_an_entry_without_a_name() -> None:
    data = bytearray(zipped({"a": png()}))
    struct.pack_into("<2H", data, data.index(b"PK\x01\x02") + 28, 0, 1)
    assert code(slices_of([("s.zip", bytes(data))])) == "zip"


def test_an_encrypted_entry() -> None:
    data = bytearray(zipped({"a.png": png()}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    assert code(slices_of([("s.zip", bytes(data))])) == "zip_encrypted"


def test_a_zip_file_in_a_zip_file() -> None:
    data = zipped({"inner.zip": zipped({"a.png": png()})})
    assert code(slices_of([("s.zip", data)])) == "zip_in_zip"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_a_limit(method: int) -> None:
    assert code(slices_of([("s.zip", zipped({"a.png": png()}, method))])) == "zip"


# What is built to fill a memory


def declared(data: bytes, size: int) -> bytes:
    """Returns a ZIP file of one entry that says to be of another size, in both places."""
    changed = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", changed, changed.index(mark) + place, size)
    return bytes(changed)


def test_a_bomb_that_says_so() -> None:
    assert code(slices_of([("s.zip", zipped({"a.png": bytes(20_000_001)}))])) == "too_many_bytes"


def test_a_bomb_that_lies() -> None:
    data = declared(zipped({"a.png": bytes(200_000_000)}), 1000)
    tracemalloc.start()
    try:
        assert code(slices_of([("s.zip", data)])) == "zip"
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_many_entries_that_unpack_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_UNPACKED", 2)
    data = zipped({f"{i}.png": bytes(900_000) for i in range(3)})
    assert code(slices_of([("s.zip", data)])) == "zip_too_large"


@pytest.mark.parametrize("entries", [MAX_SLICES + 1, 10_000])
def test_too_many_entries(entries: int) -> None:
    data = zipped({f"{i}.png": b"x" for i in range(entries)}, zipfile.ZIP_STORED)
    with pytest.raises(ImageError, match=r"more than 2000 slices"):
        list(slices_of([("s.zip", data)]))


def test_a_list_of_entries_that_would_fill_a_memory() -> None:
    """Half a million entries, each of which takes Python half a kilobyte."""
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", *[0] * 18)
    entries = 500_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_535, 65_535, len(entry) * entries, 0, 0)
    data = b"PK\x03\x04".ljust(30, b"\0") + entry * entries + end
    tracemalloc.start()
    try:
        assert code(slices_of([("s.zip", data)])) == "zip"
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


def test_too_many_files_and_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_SLICES", 4)
    for i in range(5):
        (tmp_path / f"{i}.png").write_bytes(png())
    with pytest.raises(ImageError, match="more than 4 slices"):
        list(slices_of([tmp_path]))
    for given in ([frames(5)], [frames(3), frames(2)]):
        with pytest.raises(ImageError, match="more than 4 slices"):
            list(slices_of(given))
    assert len(list(slices_of([frames(4)]))) == 4


def test_a_file_that_claims_frames_without_end() -> None:
    with pytest.raises(ImageError, match="slices"):
        next(sources.slices_of([b"x"], lambda *_: 2**31 - 1))


def test_whatever_a_zip_file_holds_no_other_error_comes() -> None:
    whole = zipped({"a.png": png(), "b/c.dcm": frames(2)})
    random = np.random.default_rng(4)
    for _ in range(1500):
        data = bytearray(whole)
        # Most of it is pixels; what the format says of itself stands at both ends.
        for place in random.choice([*range(4, 200), *range(len(data) - 250, len(data))], 4):
            data[place] = random.integers(256)
        found = list(slices_of([("s.zip", bytes(data))]))
        assert found and all(isinstance(each.content, (bytes, ImageError)) for each in found)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("irisan otak é 脳.jpg", "irisan otak é 脳.jpg"),
        ("\x1b[2J\n.jpg", "�[2J�.jpg"),
        ("a\u202egpj.exe", "a�gpj.exe"),  # would be read from right to left
        ("\udcff.jpg", "�.jpg"),  # a byte that is no text
        ("", ""),
    ],
)
def test_a_name_can_play_no_tricks(name: str, shown: str) -> None:
    assert printable(name) == shown
