"""The archive: every body that was received, under the hash of its bytes, compressed. A body is written once and kept."""

from __future__ import annotations

import gzip
import os
import tempfile
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

    def _path(self, sha256: str) -> Path:
        return self._directory / sha256[:2] / f"{sha256}.gz"
