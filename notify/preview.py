"""Preview: who would get an alert, over what, in how many parts, and what it says. Planned for real, then rolled back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from core.database import writing
from notify import alerts
from notify.grounds import Transfer
from notify.store import alerts as alert_store
from notify.store import proof as proof_store
from notify.store import totals
from notify.store.grounds import without_ground
from notify.tables import AlertText


@dataclass(frozen=True)
class Preview:
    """What releasing a version would do.

    Attributes:
        by_channel: notices by channel; `parts` are SMS parts in all.
        by_country: people by country.
        waiting: notices that would wait for the end of the local night.
        unreachable: people without any address that can be used.
        ungrounded: people who have one, which may not be used: no ground for a provider abroad.
    """

    people: int
    unreachable: int
    ungrounded: int = 0
    by_country: dict[str, int] = field(default_factory=dict)
    by_channel: dict[str, int] = field(default_factory=dict)
    parts: int = 0
    waiting: int = 0
    texts: tuple[AlertText, ...] = ()


class _RolledBack(Exception):
    """Ends the rehearsal: nothing of it is kept."""


def preview(engine: Engine, version_id: int, now: datetime, transfer: Transfer) -> Preview:
    """Rehearse the release of a version and count."""
    found: list[Preview] = []
    try:
        with writing(engine) as connection:
            version = alert_store.version(connection, version_id)
            alerts.plan(connection, version, now, now, transfer=transfer)
            by_country = totals.people_by_country(connection, version_id)
            used = totals.texts_used(connection, version_id)
            shown = tuple(t for t in alert_store.texts(connection, version_id) if t.id in used)
            ungrounded = without_ground(connection, version_id)
            nowhere = [one for one in proof_store.unreachable(connection, version_id) if one not in ungrounded]
            found.append(Preview(
                sum(by_country.values()), len(nowhere), len(ungrounded), by_country,
                totals.notices_by_channel(connection, version_id), totals.parts(connection, version_id),
                totals.waiting(connection, version_id), shown,
            ))  # fmt: skip
            raise _RolledBack
    except _RolledBack:
        return found[0]
