"""The master keys: are they there, and do they open what is in the database?"""

from __future__ import annotations

from collections.abc import Iterable

from cli.doctor.model import Finding, Patient, fault, ok, warning
from core.database import reading
from core.examine import try_keys, unused
from core.i18n import t
from notify.office import Office
from notify.wrapped import WRAPPED

NAME = "keys"
TRIED = 200
"""So many of the newest keys of each table, and of the oldest."""

MOST_NAMED = 3


def check(patient: Patient, office: Office) -> Iterable[Finding]:
    """Open a sample of the keys of people and of the house."""
    with reading(office.engine) as connection:
        opened = try_keys(connection, WRAPPED, office.keys, TRIED)
    todo = t("Put the key file of that time back, or see the page on a lost key (docs/runbooks/key-lost.md).")
    if opened.shut:
        names = ", ".join(f"{table}/{number}" for table, number in opened.shut[:MOST_NAMED])
        yield fault(NAME, t("{count} of {all} keys that were tried open with no master key at hand, the first are {names}.",
                            count=len(opened.shut), all=len(opened.shut) + opened.by_master.total(), names=names), todo)  # fmt: skip
    idle = unused(office.keys, opened.by_master)
    if idle:
        yield warning(NAME, t("Master key {names} opens nothing that was tried.", names=", ".join(idle)),
                      t("Run `lingbao db rotate-keys` again, as administrator: it retires old keys, and says so."))  # fmt: skip
    if not opened.shut and not idle:
        yield ok(NAME, t("Master key {name} opens all {count} keys that were tried.", name=office.keys.current,
                         count=opened.by_master.total()))  # fmt: skip
