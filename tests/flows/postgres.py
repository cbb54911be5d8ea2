"""A PostgreSQL for Prefect's own server. It wants the extension pg_trgm, so it must be one of the system, with its contributed parts."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import URL

INSTALLED = Path("/usr/lib/postgresql")
SHARED = Path("/usr/share/postgresql")
IN_HASTE = ("fsync", "full_page_writes", "synchronous_commit")


def programs() -> Path | None:
    """Return the directory of the newest PostgreSQL of this machine that has what Prefect needs; None if there is none."""
    found = [
        one.parent
        for one in INSTALLED.glob("*/bin/initdb")
        if (SHARED / one.parts[-3] / "extension" / "pg_trgm.control").is_file()
    ]
    return max(found, key=lambda one: float(one.parts[-2]), default=None)


@contextlib.contextmanager
def postgres(bin_: Path) -> Iterator[URL]:
    """Run a server that nobody reaches but by its socket; give the address of its first database.

    Raises:
        OSError, subprocess.CalledProcessError: it cannot be made here.
        TimeoutError: it does not start.
    """
    user = _somebody()
    place = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if user is not None:
            shutil.chown(place, user)
        subprocess.run([bin_ / "initdb", "-D", place / "data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"],
                       check=True, capture_output=True, user=user, cwd=place)  # fmt: skip
        options = [word for one in IN_HASTE for word in ("-c", f"{one}=off")]
        command: list[str | Path] = [
            bin_ / "postgres",
            "-D",
            place / "data",
            "-k",
            place,
            "-c",
            "listen_addresses=",
            *options,
        ]
        with (place / "log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, user=user, cwd=place)
        try:
            _await(bin_, place)
            yield URL.create("postgresql+psycopg", username="postgres", database="postgres", query={"host": str(place)})
        finally:
            server.send_signal(signal.SIGINT)  # SIGTERM would wait for those who are connected
            server.wait(20)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _somebody() -> str | None:
    """Return whom the server runs as: it refuses to be root."""
    if os.geteuid() != 0:
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _await(bin_: Path, place: Path) -> None:
    end = time.monotonic() + 30
    while subprocess.run([bin_ / "pg_isready", "-q", "-h", place], check=False).returncode != 0:
        if time.monotonic() > end:
            raise TimeoutError((place / "log").read_text(errors="replace")[-500:])
        time.sleep(0.1)
