"""Figures of the house for Prometheus: the program, the database, the disk, what waits in files. None of them needs the database."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from prometheus_client.core import GaugeMetricFamily

from core.tables import Mode
from notify.backups import newest
from notify.office import Office
from notify.readiness import Piece, Readiness
from notify.safety import spool
from notify.watchdog import free_mb

MEGABYTE = 1_000_000


def families(office: Office, ready: Readiness) -> Iterable[GaugeMetricFamily]:
    """Return what is known of the house. `ready`: what was seen just now."""
    build = GaugeMetricFamily("lingbao_build_info", "The program that answers; always 1.", labels=["version"])
    build.add_metric([_version()], 1)
    yield build
    parts = GaugeMetricFamily(
        "lingbao_ready", "1 if the database answers, is of this version, and the keys open it.", labels=["part"]
    )
    missing_at = list(Piece).index(ready.missing[0]) if ready.missing else len(Piece)
    for place, one in enumerate(Piece):
        parts.add_metric([one], place < missing_at)
    yield parts
    if ready.mode is not None:
        mode = GaugeMetricFamily("lingbao_mode", "1 for the mode this instance is in.", labels=["mode"])
        for each in Mode:
            mode.add_metric([each], each is ready.mode)
        yield mode
    yield GaugeMetricFamily(
        "lingbao_disk_free_bytes", "Free space on the disk of the home directory.", free_mb(office) * MEGABYTE
    )
    yield GaugeMetricFamily(
        "lingbao_disk_least_bytes", "Setting watch_free_mb.", office.settings.watch_free_mb * MEGABYTE
    )
    answers = GaugeMetricFamily(
        "lingbao_spool_answers", "Answers to 'are you safe?' that wait in files.", labels=["state"]
    )
    answers.add_metric(["waiting"], spool.waiting(office.settings.home))
    answers.add_metric(["unreadable"], len(spool.damaged(office.settings.home)))
    yield answers
    wanted = bool(office.settings.backup_recipient) and office.settings.backup_dir is not None
    yield GaugeMetricFamily("lingbao_backup_wanted", "1 if a backup is to be made each night.", wanted)
    if (last := newest(office.settings)) is not None:
        yield GaugeMetricFamily("lingbao_backup_last_timestamp_seconds", "When the newest was made.", last.timestamp())


@cache
def _version() -> str:
    try:
        return version("lingbao")
    except PackageNotFoundError:
        return "checkout"  # run from its folder without being installed
