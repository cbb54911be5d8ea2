"""What stands around every page of the office: the rooms, and who is on duty."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.database import reading
from core.i18n import Message, t
from notify.duty.shift_store import between
from notify.duty.shifts import on_duty
from notify.office import Office
from registry.actors import Actor
from registry.tables import Role


@dataclass(frozen=True)
class Room:
    """A room of the console, in the rail."""

    href: str
    label: Message
    sign: str
    current: bool


@dataclass(frozen=True)
class Head:
    """What the top of a page tells: who is on duty now."""

    duty: tuple[str, ...] = field(repr=False)


ROOMS: tuple[tuple[str, Message, str], ...] = (
    ("/office/", t("Tonight"), "tonight"),
    ("/office/alerts", t("Alerts"), "alerts"),
    ("/office/countries", t("Countries and regions"), "countries"),
    ("/office/people", t("People and companies"), "people"),
    ("/office/sources", t("Sources"), "sources"),
    ("/office/ledger", t("Ledger"), "ledger"),
    ("/office/settings", t("Settings"), "settings"),
)
ALSO = {"/office/companies": "people", "/office/policy": "settings", "/office/silences": "settings",
        "/office/texts": "settings", "/office/groups": "alerts", "/office/duty": "settings", "/office/users": "settings",
        "/office/me": "settings", "/office/audit": "ledger", "/office/brief": "tonight", "/office/bulletin": "tonight"}  # fmt: skip
"""Pages that belong to a room under another address."""
A_MOMENT = timedelta(seconds=1)
AUDITORS = frozenset({"ledger"})


def rail(here: str, actor: Actor) -> list[Room]:
    """Return the rooms, and which of them this page is in. An auditor reads the ledger and the audit, and nothing else."""
    inside = next((sign for path, sign in ALSO.items() if here.startswith(path)), "")
    shown = [one for one in ROOMS if actor.role != Role.AUDITOR or one[2] in AUDITORS]
    return [Room(path, label, sign, sign == inside or _is_in(here, path)) for path, label, sign in shown]


def head_of(office: Office, now: datetime) -> Head:
    """Return what the top of a page tells."""
    with reading(office.engine) as connection:
        return Head(tuple(one.name for one in on_duty(between(connection, office.keys, now, now + A_MOMENT), now)))


def _is_in(here: str, path: str) -> bool:
    return here.rstrip("/") == path.rstrip("/") if path == "/office/" else here.startswith(path)
