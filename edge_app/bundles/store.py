"""Installs bundles, and goes back from them; there is always one that answers."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_app.bundle import Bundle
from edge_app.bundles import expected, signature
from edge_app.bundles.archive import unpack
from edge_app.bundles.errors import InstallError
from edge_app.bundles.place import LINK, current, folders_of
from edge_app.classifier import SHIPPED, Classifier
from edge_app.errors import BundleError
from edge_app.records import RecordError
from edge_app.state_folder import bundles_folder

UNFINISHED = ".unfinished"
KEPT = 3  # folders, the one that answers among them


def install(path: Path) -> Bundle:
    """Unpacks, checks and installs a bundle; it answers from the next start on.

    Args:
        path: A ZIP file.

    Raises:
        InstallError: It can't be installed.
        BundleError: It is broken, or its model doesn't run here.
    """
    with _alone(bundles_folder()) as place:
        unfinished = place / UNFINISHED
        # A power cut may have left one.
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            unfinished.mkdir()
            unpack(path, unfinished)
            if (place / signature.KEY).exists():
                signature.check(unfinished, place / signature.KEY)
            _try_out(unfinished)
            answering = current()
            folders = folders_of(place)
            number = 1 + max((int(folder.name) for folder in folders), default=0)
            target = place / f"{number:04}"
            _open_to_all(unfinished)
            _sync(unfinished)
            unfinished.rename(target)
            _sync(place)
        except OSError as error:
            raise InstallError("unwritable", path=place, reason=error.strerror) from None
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        _link(place, target.name)
        # What was gone back from, and what is long gone.
        below = folders[: folders.index(answering) + 1] if answering in folders else []
        for folder in set(folders) - set(below[1 - KEPT :]):
            shutil.rmtree(folder, ignore_errors=True)
        return Bundle.load(target)


def rollback() -> Bundle:
    """Goes back to the bundle before the one that answers, to the one that ships at last.

    Raises:
        InstallError: The one that ships answers already, or the folder can't be written.
        BundleError: The one before is broken.
    """
    with _alone(bundles_folder()) as place:
        answering = current()
        if answering == SHIPPED:
            raise InstallError("nothing_before")
        before = [folder for folder in folders_of(place) if folder.name < answering.name]
        bundle = Bundle.load(before[-1] if before else SHIPPED)
        _link(place, before[-1].name if before else None)
        return bundle


def _try_out(folder: Path) -> None:
    """Makes sure that a bundle's default file answers here as it did where it was made."""
    classifier = Classifier.load(folder)
    try:
        wanted = expected.find(folder)
        apart = expected.difference(wanted or expected.ask(classifier), classifier)
    except RecordError as error:
        raise BundleError(str(error)) from None
    if apart > expected.TOLERANCE:
        raise InstallError("other_answers", name=f"{classifier.bundle.name} {classifier.bundle.version}")


def _open_to_all(folder: Path) -> None:
    """Lets the service's user read what an administrator installs, whatever that one's umask."""
    folder.chmod(0o755)
    for path in folder.iterdir():
        path.chmod(0o644)


@contextmanager
def _alone(place: Path) -> Iterator[Path]:
    """Waits until no other process installs."""
    try:
        place.mkdir(mode=0o755, parents=True, exist_ok=True)
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise InstallError("unwritable", path=place, reason=error.strerror) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield place
    finally:
        os.close(descriptor)


def _link(place: Path, name: str | None) -> None:
    link, new = place / LINK, place / f".{LINK}.new"
    try:
        new.unlink(missing_ok=True)
        if name is None:
            link.unlink()
        else:
            new.symlink_to(name)
            new.replace(link)
        _sync(place)
    except OSError as error:
        raise InstallError("unwritable", path=place, reason=error.strerror) from None


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
