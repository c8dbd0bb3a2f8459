"""Processes under limits, so that no file takes the memory or the time of a device: both of their sides.

Parent and child talk over a socket, in messages of bytes: what comes back is data alone, since a decoder that
was tricked may say anything. What goes over its limits ends the child, and whoever owns it starts another.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

SPARE = 5_000_000  # bytes of libraries that are in no memory until they are needed
STARTING = 120  # seconds that a small board may take to start Python
ENDING = 5  # seconds that a process may take to end once its socket is closed
READY = b"ready"
ENVIRONMENT = {
    # The threads of OpenBLAS take memory, and reading needs none.
    "OPENBLAS_NUM_THREADS": "1",
    # By itself glibc gives the memory of every array back, and each slice would fetch it again, page by page.
    "MALLOC_TRIM_THRESHOLD_": str(8 * 1024**2),
    "MALLOC_MMAP_THRESHOLD_": str(4 * 1024**2),
}


@dataclass(frozen=True)
class Limits:
    """What reading one picture may take.

    Attributes:
        memory: Of the whole process, in bytes (its share of shared memory counted alone).
        cpu: Seconds of computing.
        wall: Seconds by the clock.
    """

    memory: int = 190_000_000
    cpu: int = 10
    wall: float = 30


class Process:
    """The parent's side of one. For one thread at a time.

    Attributes:
        connection: Its socket.
        was_ready: Whether it came so far as to take messages.
    """

    def __init__(self, module: str, settings: str) -> None:
        """Starts it, and doesn't wait until it is ready.

        Args:
            module: Whose ``main`` it runs: with ``child``, then messages.
            settings: What that gets from ``child``.
        """
        self.connection, theirs = Pipe()
        # The same modules as here, wherever they were found.
        code = f"import sys; sys.path[:] = {sys.path!r}; from {module} import main; main()"
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 (of this program's own text)
                [sys.executable, "-c", code, str(theirs.fileno()), settings],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=os.environ | ENVIRONMENT,
                # Ctrl-C is for the parent, which ends its children.
                start_new_session=True,
            )
        self.was_ready = False

    @property
    def pid(self) -> int:
        """Of the child."""
        return self._process.pid

    def wait(self) -> None:
        """Waits until the child is ready.

        Raises:
            EOFError: It ended.
            OSError: Likewise.
            TimeoutError: It isn't ready in time.
        """
        if not self.was_ready:
            self.receive(time.monotonic() + STARTING, len(READY))
            self.was_ready = True

    def send(self, *messages: bytes) -> None:
        """Sends messages once the child is ready.

        Raises:
            EOFError: As of ``wait``.
            OSError: As of ``wait``.
            TimeoutError: As of ``wait``.
        """
        self.wait()
        for message in messages:
            self.connection.send_bytes(message)

    def receive(self, deadline: float, most: int) -> bytes:
        """Returns the next message.

        Args:
            deadline: When to give up, by ``time.monotonic``.
            most: Bytes that it may have.

        Raises:
            EOFError: It ended.
            OSError: Likewise, or the message is longer.
            TimeoutError: It says nothing in time.
        """
        if not self.connection.poll(max(0.0, deadline - time.monotonic())):
            raise TimeoutError
        return self.connection.recv_bytes(most)

    def kill(self) -> None:
        """Ends it, from any thread; whoever waits for a message gets an ``EOFError``."""
        self._process.kill()

    def end(self, patience: float = 0) -> int:
        """Ends it, unless it ends by itself.

        Args:
            patience: Seconds to wait for that.

        Returns:
            What it ended with, as of ``subprocess.Popen.returncode``.
        """
        self.connection.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        self._process.kill()
        return self._process.wait()


def child() -> tuple[Connection, str]:
    """Gives the child its side of the socket and its settings, and keeps it quiet."""
    # Decoders print and log what they think of a file, and that may hold a patient's name. What Python says
    # of a fault of its own is kept.
    logging.disable()
    sys.stderr = os.fdopen(os.dup(2), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    return Connection(int(sys.argv[1])), sys.argv[2]


def message(connection: Connection) -> bytes:
    """Returns the parent's next message.

    Raises:
        EOFError: The parent closed the socket, or ended in the middle of a message.
    """
    try:
        return connection.recv_bytes()
    except OSError:
        raise EOFError from None


def confine(memory: int) -> None:
    """Holds the child to some bytes of memory, for good; what it has loaded counts."""
    # A core file would put a picture on the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # Where the device's memory ends all the same, a child goes first.
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500")
        _, taken, *_, asked, _ = map(int, Path("/proc/self/statm").read_text().split())
        # The limit counts what was asked for, used or not.
        limit = (asked - taken) * resource.getpagesize() + memory - SPARE
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def allow(seconds: int) -> None:
    """Gives the child some more seconds of computing."""
    # What is over it ends by a signal, which a decoder's loops can't hold up.
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + seconds, most))
