"""The backup of the night: everything into one file that only the recovery key opens, and the oldest ones deleted."""

from __future__ import annotations

from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.office import open_here
from notify.backups import nightly
from notify.office import Office


@task(cache_policy=NO_CACHE)
def write(office: Office) -> dict[str, Any]:
    """Write the backup if a key and a directory are set; return its name and size. Prefect keeps counts, never people."""
    made = nightly(office.engine, office.settings, office.clock.now())
    if made is None:
        return {"file": "", "rows": 0, "bytes": 0, "deleted": 0}
    written = made.written
    return {
        "file": written.path.name, "rows": written.manifest.rows, "bytes": written.size, "deleted": len(made.deleted),
    }  # fmt: skip


@flow(name="backup", retries=0)
def backup() -> dict[str, Any]:
    """Write the backup of the night. One that cannot be written fails this run, and after two days the watchdog says so."""
    return write(open_here())
