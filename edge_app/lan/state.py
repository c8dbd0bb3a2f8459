"""The folder of this device's secrets: files that nobody else may read, written whole or not at all."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from edge_app import RELEASED
from edge_app.errors import CodedError
from edge_app.state_folder import state_folder

MAX_BYTES = 100_000


class StateError(CodedError):
    """The folder can't be used as it is."""

    keys = "state"


def default_folder() -> Path:
    """Returns where the secrets are; beside them lies what isn't secret, such as the cases."""
    return state_folder() / "lan"


class State:
    """A folder of mode 0700.

    Attributes:
        folder: Its path.
        seen: The file that keeps the last time seen.

    Args:
        folder: Is made where there is none.

    Raises:
        StateError: It can't be made, or is open to others and can't be closed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen = folder / "last-seen"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # systemd makes it readable to all.
            if stat.S_IMODE(folder.stat().st_mode) & 0o077:
                folder.chmod(0o700)
        except OSError as error:
            raise StateError("unusable", path=folder, reason=error.strerror) from None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Waits until no other process is in here; two starts at a time make one authority.

        Raises:
            StateError: The folder can't be opened.
        """
        try:
            descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise StateError("unusable", path=self.folder, reason=error.strerror) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def read(self, name: str) -> bytes | None:
        """Returns what a file holds; None where there is none.

        Raises:
            StateError: It can't be read, others may read it too, or it is nothing that ``write`` wrote.
        """
        path = self.folder / name
        try:
            # A FIFO would be waited on.
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError("unreadable", path=path, reason=error.strerror) from None
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_BYTES:
                raise StateError("damaged", path=path)
            if stat.S_IMODE(found.st_mode) & 0o077:
                raise StateError("exposed", path=path)
            return os.read(descriptor, MAX_BYTES)
        finally:
            os.close(descriptor)

    def write(self, name: str, data: bytes) -> None:
        """Writes a file of mode 0600, whole or not at all. Call it inside ``alone``.

        Raises:
            StateError: It can't be written; what was there is still there.
        """
        path, new = self.folder / name, self.folder / f".{name}.new"
        try:
            # A power cut may have left one.
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
            self._sync()
        except OSError as error:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise StateError("unwritable", path=path, reason=error.strerror) from None

    def _sync(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def now(self) -> datetime:
        """Returns the time, to the second, but none before this release or the last one remembered.

        A Raspberry Pi has no clock of its own and may wake up years ago.
        """
        seen = RELEASED
        with suppress(FileNotFoundError):
            seen = datetime.fromtimestamp(self.seen.stat().st_mtime, UTC)
        return max(datetime.now(UTC), seen, RELEASED).replace(microsecond=0)

    def remember(self) -> None:
        """Keeps the time as that of a file's last change, which no full disk prevents."""
        now = self.now().timestamp()
        # A folder that can't be written still serves.
        with suppress(OSError):
            # To touch it would turn it back for a moment.
            os.close(os.open(self.seen, os.O_WRONLY | os.O_CREAT, 0o600))
            os.utime(self.seen, (now, now))

    def lag(self) -> float:
        """Returns by how many seconds the clock is behind the time that counts."""
        return (self.now() - datetime.now(UTC)).total_seconds()
