"""Rehearsals of what is not written yet: a form, or an edit of a draft, is opened, planned and counted, then rolled back whole.

What an officer sees while typing is so the same that `lingbao alert preview` says of the draft afterwards: it is one code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Connection

from core.database import writing
from notify import alerts
from notify.alerts import Acting
from notify.edit import Edit, edit
from notify.manual import ManualAlert
from notify.office import Office
from notify.own import store
from notify.own.narrowing import Narrowing, narrowing
from notify.own.write import prepare
from notify.preflight import terms_of
from notify.preview import Preview, RolledBack, rehearse
from notify.store import alerts as alert_store
from notify.store import proof as proof_store
from notify.tables import AlertText, AlertVersion
from notify.texts.fit import over
from notify.texts.rules import TextRules

SHOWN = 200
"""People listed at most."""


class Show(StrEnum):
    """Whom to list: nobody, everybody who would be told, or those without an address that can be used."""

    NOBODY = ""
    PEOPLE = "people"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Question:
    """What is asked of a rehearsal. `most`: with more people than this nothing is planned, only counted; None: whatever it takes."""

    show: Show = Show.NOBODY
    most: int | None = None


@dataclass(frozen=True)
class Rehearsal:
    """What would happen.

    Attributes:
        seen: None: there are too many people for a quick look.
        texts: every text that was composed, also those that nobody would read.
        listed: people asked for, by number, `SHOWN` at most.
        drill: it goes to the allow-list only.
    """

    version: AlertVersion
    countries: tuple[str, ...]
    narrowing: Narrowing
    seen: Preview | None
    texts: tuple[AlertText, ...]
    companies: int = 0
    listed: tuple[int, ...] = field(default=())
    drill: bool = False


def rehearse_form(office: Office, manual: ManualAlert, acting: Acting, question: Question) -> Rehearsal:
    """Rehearse what a filled-in form would do.

    Raises:
        BadInput, NotFound: as for `notify.own.write.prepare`.
    """

    def opened(connection: Connection) -> int:
        version_id = alerts.open_alert(connection, prepare(connection, manual, acting, acting.now), acting)
        assert version_id is not None
        return version_id

    return _rehearse(office, acting, opened, question)


def rehearse_edit(office: Office, alert_id: int, wanted: Edit, acting: Acting, question: Question) -> Rehearsal:
    """Rehearse what a draft would do after an edit.

    Raises:
        BadInput: as for `notify.edit.edit`. NotFound: there is no such alert.
    """

    def changed(connection: Connection) -> int:
        version = alerts.find(connection, alert_id)
        edit(connection, version, wanted, acting)
        return version.id or 0

    return _rehearse(office, acting, changed, question)


def rehearse_version(office: Office, alert_id: int, acting: Acting, question: Question) -> Rehearsal:
    """Rehearse what releasing the newest version of an alert would do.

    Raises:
        NotFound: there is no such alert.
    """
    return _rehearse(office, acting, lambda connection: alerts.find(connection, alert_id).id or 0, question)


def too_long(texts: tuple[AlertText, ...], rules: TextRules) -> AlertText | None:
    """Return the longest SMS that takes more parts than the office set; None if all fit. Pure."""
    long = [one for one in texts if over(one.channel, one.language, one.parts, rules)]
    return max(long, key=lambda one: one.parts, default=None)


def _rehearse(office: Office, acting: Acting, opened: Callable[[Connection], int], question: Question) -> Rehearsal:
    found: list[Rehearsal] = []
    try:
        with writing(office.engine) as connection:
            found.append(_look(connection, office, acting, opened(connection), question))
            raise RolledBack
    except RolledBack:
        return found[0]


def _look(connection: Connection, office: Office, acting: Acting, version_id: int, question: Question) -> Rehearsal:
    version = alert_store.version(connection, version_id)
    countries, narrower = tuple(store.countries(connection, version_id)), narrowing(connection, version)
    texts, drill = tuple(alert_store.texts(connection, version_id)), alert_store.is_drill(connection, version.alert_id)
    if question.most is not None and narrower.told > question.most:
        return Rehearsal(version, countries, narrower, None, texts, drill=drill)
    seen = rehearse(connection, version_id, acting.now, acting.transfer, terms_of(office.settings), rules=acting.rules)
    listed: list[int] = []
    if question.show is Show.PEOPLE:
        listed = store.some_people(connection, version_id, SHOWN)
    elif question.show is Show.UNREACHABLE:
        listed = proof_store.unreachable(connection, version_id)[:SHOWN]
    companies = store.count_companies(connection, version_id)
    return Rehearsal(version, countries, narrower, seen, texts, companies, tuple(listed), drill)
