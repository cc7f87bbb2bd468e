"""Features that were computed before, found again by the bytes of the picture.

One SQLite file for each way to compute features (network, weights, picture size, engine,
precision). SQLite brings what a cache needs that two notebooks share and that may be killed at any
moment: locking between processes, and transactions. Each row carries a checksum. A damaged file is
noticed, set aside and built anew: nothing in it cannot be computed again.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import numpy as np

from tlcourse.assets import cache_folder, locked
from tlcourse.errors import AssetError
from tlcourse.messages import say

_BUSY_SECONDS = 30.0
_Result = TypeVar("_Result")


def picture_key(content: bytes) -> bytes:
    """Return the key of a picture: the SHA-256 of its file's bytes."""
    return hashlib.sha256(content).digest()


class FeatureCache:
    """Rows of float32 by picture key; safe for threads of a process and for several processes.

    Parameters
    ----------
    name
        Human-readable start of the file name: the backbone's.
    recipe
        Everything that the numbers depend on besides the picture, as text.
    length
        How many numbers a row has.

    """

    def __init__(self, name: str, recipe: str, length: int) -> None:
        digest = hashlib.sha256(recipe.encode()).hexdigest()[:16]
        self.path = cache_folder() / "features" / f"{name}-{digest}.sqlite"
        self._length = length
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._open()
        except sqlite3.OperationalError as error:  # busy or full: no reason to remove anything
            self._go_without(error)
        except sqlite3.DatabaseError:
            self._start_again()
        except OSError as error:
            self._go_without(error)

    def get(self, key: bytes) -> np.ndarray | None:
        """Return the `(length,)` row of a picture, or None where it is not known."""

        def look_up(connection: sqlite3.Connection) -> np.ndarray | None:
            query = "SELECT numbers, checksum FROM rows WHERE picture = ?"
            found = connection.execute(query, (key,)).fetchone()
            whole = found is not None and len(found[0]) == 4 * self._length
            if not whole or zlib.crc32(found[0]) != found[1]:
                return None
            return np.frombuffer(found[0], "<f4")

        return self._try(look_up)

    def put(self, rows: Iterable[tuple[bytes, np.ndarray]]) -> None:
        """Store rows in one transaction: after a kill either all are there or none."""
        blobs = [(key, np.ascontiguousarray(row, "<f4").tobytes()) for key, row in rows]

        def store(connection: sqlite3.Connection) -> None:
            with connection:
                connection.executemany(
                    "INSERT OR REPLACE INTO rows VALUES (?, ?, ?)",
                    [(key, blob, zlib.crc32(blob)) for key, blob in blobs],
                )

        self._try(store)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, check_same_thread=False)
        try:
            # A kill of this process is safe without waiting for the disk; after a power cut the
            # checksums tell what was lost. Waiting costs more than many a network does.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS rows (picture BLOB PRIMARY KEY, numbers BLOB NOT NULL,"
                " checksum INTEGER NOT NULL) WITHOUT ROWID"
            )
            connection.execute("SELECT picture, numbers, checksum FROM rows LIMIT 1").fetchone()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _try(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result | None:
        """Do something with the file; a damaged one is built anew, a useless one left alone."""
        with self._lock:
            if self._connection is None:
                return None
            try:
                return work(self._connection)
            except sqlite3.OperationalError as error:  # full disk, read-only, locked for too long
                self._go_without(error)
            except sqlite3.DatabaseError:  # not a database, malformed
                self._start_again()
        return None

    def _start_again(self) -> None:
        """Build a damaged file anew, unless another process has done so in the meantime."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        try:
            with locked(f"features-{self.path.stem}"):
                if self._is_damaged():
                    say(f"The feature cache {self.path} is damaged; it is built anew.")
                    for suffix in ("", "-journal"):
                        Path(f"{self.path}{suffix}").unlink(missing_ok=True)
                self._connection = self._open()
        except (AssetError, OSError, sqlite3.Error) as error:
            self._go_without(error)

    def _is_damaged(self) -> bool:
        """Look through the whole file; raises sqlite3.OperationalError where it is busy."""
        try:
            connection = self._open()
            try:
                return connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",)
            finally:
                connection.close()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            return True

    def _go_without(self, error: Exception) -> None:
        say(f"The feature cache {self.path} cannot be used ({error}); going on without it.")
        if self._connection is not None:
            self._connection.close()
            self._connection = None
