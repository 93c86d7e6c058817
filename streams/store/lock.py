"""One writer a store: a lock that the kernel gives back even after ``kill -9``."""

import fcntl
import os
from pathlib import Path
from typing import IO

from radar.errors import InputError


class WriterLock:
    """An exclusive lock on ``<database>.lock``, held until ``release`` or the end of the process."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".lock")
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Take the lock.

        Raises:
            InputError: Another process holds it, or the folder cannot be written.
        """
        try:
            file = self.path.open("a+", encoding="utf-8")
        except OSError as error:
            raise InputError.at("--store", str(self.path), f"cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read(20).strip() or "unknown"
            file.close()
            raise InputError.at(
                "--store",
                str(self.path),
                f"another process (pid {holder}) writes this store",
                "allowed: one writer a store",
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give the lock back; the file stays, removing it would let two writers in."""
        if self._file is not None:
            self._file.close()
            self._file = None
