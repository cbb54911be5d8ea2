"""Who would get the next version of an alert, and what it would say: written for real, counted, and rolled back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine

from core.database import writing
from notify.alerts import Acting
from notify.chain import Next, Reach, follow, reach
from notify.preview import RolledBack
from notify.store import alerts as store
from notify.tables import AlertText, AlertVersion


@dataclass(frozen=True)
class Rehearsed:
    """What drafting the next version would do: whom it goes to, and its texts."""

    version: AlertVersion
    reach: Reach
    texts: Sequence[AlertText] = field(default=())


def rehearse(engine: Engine, alert_id: int, wanted: Next, acting: Acting) -> Rehearsed:
    """Draft the next version and count whom it goes to, without keeping anything.

    Raises:
        NotFound, BadInput: as `notify.chain.follow`.
    """
    found: list[Rehearsed] = []
    try:
        with writing(engine) as connection:
            version = store.version(connection, follow(connection, alert_id, wanted, acting))
            found.append(Rehearsed(version, reach(connection, version), store.texts(connection, version.id or 0)))
            raise RolledBack
    except RolledBack:
        return found[0]
