"""The backups: are there any, is the newest one young, and is this office itself a copy that came out of one?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from cli.doctor.model import Finding, Patient, fault, ok, skipped, warning
from core.database import reading
from core.i18n import t
from core.tables import Mode
from notify import backups
from notify.office import Office
from notify.store.alerts import instance

NAME = "backups"
OLD = timedelta(days=2)


def check(patient: Patient, office: Office) -> Iterable[Finding]:
    """See how old the newest backup is."""
    settings = patient.settings
    with reading(office.engine) as connection:
        here = instance(connection)
    if here.unclaimed:
        yield warning(NAME, t("This office is a restored copy: live notices wait until somebody says that it is the live one."),
                      t("If the old one is off for good: `lingbao db mode live --i-am-the-live-one`, as administrator."))  # fmt: skip
    if not settings.backup_recipient or settings.backup_dir is None:
        words, todo = (
            t("No backup is made at night."),
            t("Make a key with `lingbao db recovery-key`, and set `backup_recipient` and `backup_dir`."),
        )
        yield skipped(NAME, words, todo) if here.mode == Mode.SANDBOX else warning(NAME, words, todo)
        return
    last = backups.newest(settings)
    todo = t("Run `lingbao db backup`, and look at the run `backup` in Prefect and at the directory.")
    if last is None:
        yield fault(NAME, t("There is no backup in {path}.", path=settings.backup_dir), todo)
    elif patient.clock.now() - last > OLD:
        yield fault(NAME, t("The newest backup is of {day}.", day=f"{last:%Y-%m-%d}"), todo)
    else:
        yield ok(NAME, t("The newest backup is of {day}; its key should be tried with `lingbao db check` now and then.",
                         day=f"{last:%Y-%m-%d}"))  # fmt: skip
