"""The archive: every body that was received, under the hash of its bytes, compressed. A body is written once."""

from __future__ import annotations

import contextlib
import gzip
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path


class Archive:
    """A directory of bodies, two levels deep (`ab/abcdef….gz`)."""

    def __init__(self, directory: Path) -> None:
        """Keep bodies under `directory`, which is made when the first one comes."""
        self._directory = directory

    def put(self, sha256: str, body: bytes) -> None:
        """Keep `body` under its hash. Repeatable; a crash leaves the whole body or none."""
        path = self._path(sha256)
        if path.exists():
            os.utime(path)  # it was received again: `drop` leaves it for another time of keeping
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as handle:
            # mtime 0: the same body is the same file, wherever and whenever it was written.
            handle.write(gzip.compress(body, compresslevel=6, mtime=0))
            handle.flush()
            os.fsync(handle.fileno())
        Path(handle.name).replace(path)

    def get(self, sha256: str) -> bytes:
        """Return the body kept under a hash.

        Raises:
            FileNotFoundError: it is not here.
        """
        return gzip.decompress(self._path(sha256).read_bytes())

    def older_than(self, moment: datetime) -> Iterator[str]:
        """Give the hashes of the bodies that were last received before a moment."""
        for path in sorted(self._directory.glob("??/*.gz")):
            if path.stat().st_mtime < moment.timestamp():
                yield path.name.removesuffix(".gz")

    def drop(self, sha256: str, moment: datetime) -> int:
        """Delete a body that was last received before a moment; return the bytes of disk that are free now.

        None are, if it was received again meanwhile, or is gone.
        """
        path = self._path(sha256)
        with contextlib.suppress(FileNotFoundError):
            found = path.stat()
            if found.st_mtime < moment.timestamp():
                path.unlink()
                return found.st_size
        return 0

    def _path(self, sha256: str) -> Path:
        return self._directory / sha256[:2] / f"{sha256}.gz"
