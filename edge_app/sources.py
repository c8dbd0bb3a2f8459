"""From what a person names to single slices: files, folders, ZIP files, and the frames of a file.

Nothing is written: a ZIP file's entries are unpacked into memory, one after the other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from edge_app.errors import ImageError, ImageTooLarge, UnreadableImage
from edge_app.files import MAX_BYTES, MAX_MEGABYTES, Source, open_file, read_file

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

Given: TypeAlias = "Source | tuple[str, bytes]"
CountFrames: TypeAlias = Callable[[Source, str], int]

MAX_SLICES = 2_000  # that an examination may have, and files too
MAX_UNPACKED = 1_000  # megabytes of a ZIP file
ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # of an empty one the second
# What lies beside pictures: indices and thumbnails of other programs, and folders of macOS.
SKIPPED = ("dicomdir", "thumbs.db", "desktop.ini", "__macosx")

T = TypeVar("T")


@dataclass(frozen=True)
class SliceSource:
    """One slice that can be read.

    Attributes:
        name: For people.
        content: The file; or why there is none.
        frame: Which of its frames, from 0; None where it has one alone.
    """

    name: str
    content: Source | ImageError
    frame: int | None = None


Frames: TypeAlias = Callable[[str, Source], Iterator[SliceSource]]  # of a file of a name


@dataclass(frozen=True)
class _File:
    name: str
    content: Source


def slices_of(given: Iterable[Given], count_frames: CountFrames) -> Iterator[SliceSource]:
    """Finds every slice; what can't be read takes the place of one, so that nothing is lost unseen.

    Folders are searched to the bottom. Hidden files, and what operating systems and DICOM's index leave, are
    passed over.

    Args:
        given: Paths of files and folders, names with the bytes of files, and pictures. A file may be a ZIP
            file.
        count_frames: Returns how many a file of a name has, or raises an ``ImageError``.

    Yields:
        The slices. No more than one file's bytes are held by it at a time.

    Raises:
        ImageTooLarge: There are more than ``MAX_SLICES``.
    """
    files = list(_limited(_files(given)))
    frames = partial(_frames, count_frames=count_frames)
    yield from _limited(slice_ for file in files for slice_ in _slices(file, frames, MAX_SLICES))


def files_of(given: Iterable[Given]) -> Iterator[SliceSource]:
    """Finds every file as ``slices_of`` does, however many there are; each is to be read as one slice.

    Args:
        given: As of ``slices_of``.

    Yields:
        The files, with their paths where they have one. It holds one file's bytes at a time at most.
    """
    for file in _files(given):
        yield from _slices(file, _whole, None)


def printable(name: str) -> str:
    """Returns a name whose control characters are replaced, so that it can't play tricks when shown."""
    return "".join(letter if letter.isprintable() else "�" for letter in name)


def _limited(found: Iterable[T]) -> Iterator[T]:
    for count, each in enumerate(found, start=1):
        _check(count, MAX_SLICES)
        yield each


def _check(slices: int, most: int | None) -> None:
    if most is not None and slices > most:
        raise ImageTooLarge("too_many_slices", limit=MAX_SLICES)


def _files(given: Iterable[Given]) -> Iterator[_File | SliceSource]:
    for each in given:
        if isinstance(each, tuple):
            yield _File(printable(each[0]), each[1])
        elif not isinstance(each, (str, Path)):
            yield _File("", each)
        elif _is_folder(Path(each)):
            yield from _files_in(Path(each))
        else:
            yield _File(printable(str(each)), each)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    # Whatever reads it next says what is wrong.
    except OSError:
        return False


def _files_in(folder: Path) -> Iterator[_File | SliceSource]:
    empty = True
    closed: list[OSError] = []
    for path in _walk(folder, closed):
        empty = False
        yield _File(printable(str(path)), path)
    for error in closed:
        name = printable(str(error.filename))
        yield SliceSource(name, UnreadableImage("closed", name=name))
    if empty and not closed:
        yield _no_slices(printable(str(folder)))


def _walk(folder: Path, closed: list[OSError]) -> Iterator[Path]:
    """Yields the files of a folder to the bottom; Python's own walk ends where folders lie too deep."""
    left = [str(folder)]
    while left:
        try:
            with os.scandir(left.pop()) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            closed.append(error)
            continue
        folders = []
        for entry in entries:
            if is_skipped(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif not (entry.is_symlink() and _is_folder(Path(entry.path))):
                yield Path(entry.path)
        left += reversed(folders)


def is_skipped(name: str) -> bool:
    """Tells whether a file or folder of a name is passed over."""
    return name.startswith(".") or name.lower() in SKIPPED


def _no_slices(name: str) -> SliceSource:
    return SliceSource(name, UnreadableImage("no_slices", name=name))


def _slices(file: _File | SliceSource, frames: Frames, most: int | None) -> Iterator[SliceSource]:
    if isinstance(file, SliceSource):
        return iter((file,))
    if isinstance(file.content, (str, Path, bytes)) and _is_zip(file.content):
        return _unzipped(file.name, file.content, frames, most)
    return frames(file.name, file.content)


def _is_zip(content: str | Path | bytes) -> bool:
    if isinstance(content, bytes):
        return content.startswith(ZIP)
    try:
        with open_file(Path(content)) as file:
            return file.read(4).startswith(ZIP)
    # Whatever reads it next says what is wrong.
    except (OSError, ValueError):
        return False


def _whole(name: str, content: Source) -> Iterator[SliceSource]:
    yield SliceSource(name, content)


def _frames(name: str, content: Source, count_frames: CountFrames) -> Iterator[SliceSource]:
    try:
        if isinstance(content, (str, Path)):
            # Once for all its frames.
            content = read_file(Path(content), name)
        if isinstance(content, bytes) and len(content) > MAX_BYTES:
            raise ImageTooLarge("too_many_bytes", name=name, limit=MAX_MEGABYTES)
        count = count_frames(content, name)
    except ImageError as error:
        yield SliceSource(name, error)
        return
    _check(count, MAX_SLICES)
    if count <= 1:
        yield SliceSource(name, content)
        return
    yield from (SliceSource(name, content, frame) for frame in range(count))


def _unzipped(
    name: str, content: str | Path | bytes, frames: Frames, most: int | None
) -> Iterator[SliceSource]:
    from edge_app.zip_files import FAULTS, open_zip  # few people name one, and zipfile takes long to load

    with ExitStack() as stack:
        try:
            archive = stack.enter_context(open_zip(content))
        except FAULTS:
            yield SliceSource(name, UnreadableImage("zip", name=name))
            return
        entries = sorted(filter(_is_wanted, archive.infolist()), key=lambda entry: entry.filename)
        _check(len(entries), most)
        if not entries:
            yield _no_slices(name)
        elif sum(entry.file_size for entry in entries) > MAX_UNPACKED * 1_000_000:
            yield SliceSource(name, ImageTooLarge("zip_too_large", name=name, limit=MAX_UNPACKED))
        else:
            for entry in entries:
                yield from _slices_of_entry(archive, entry, name, frames)


def _is_wanted(entry: ZipInfo) -> bool:
    # A name may hold slashes of both kinds, or be empty, which zipfile's is_dir doesn't take.
    name = PureWindowsPath(entry.filename)
    hidden = any(is_skipped(part) for part in name.parts if part not in ("..", "."))
    return not hidden and not entry.filename.endswith(("/", "\\"))


def _slices_of_entry(archive: ZipFile, entry: ZipInfo, inside: str, frames: Frames) -> Iterator[SliceSource]:
    from edge_app.zip_files import unpack

    # Folders inside a ZIP file are often named after patients.
    name = f"{inside}/{printable(PureWindowsPath(entry.filename).name)}"
    try:
        data = unpack(archive, entry, name)
        if data.startswith(ZIP):
            raise UnreadableImage("zip_in_zip", name=name)
    except ImageError as error:
        yield SliceSource(name, error)
        return
    yield from frames(name, data)
