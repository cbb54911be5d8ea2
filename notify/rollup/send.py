"""Sending roll-ups: every round that is due, company by company, each letter once. Repeatable at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.audit import record
from core.database import reading, writing
from core.i18n import Language
from notify.mailings import store as mailings
from notify.mailings.once import WITHOUT, Fate, MailLetter, Outcome, may_go, send_letters
from notify.mailings.tables import Mailing, MailingKind
from notify.markup import page, plain
from notify.office import Office
from notify.rollup import store
from notify.rollup.letter import Desk, Matter, title_of, written
from notify.rollup.model import FRESH, CompanyAccount, Round, Told, edition, morning_mark, rounds_due
from notify.store import alerts as alert_store
from notify.tables import VersionKind
from notify.texts.values import issued_words
from registry import scope
from registry.actors import SYSTEM
from registry.contacts import list_contacts

PAGE = "/company/alerts"
BATCH = 50
"""Letters that are written in one transaction: nobody else waits long for it."""
OPEN = frozenset({Fate.FAILED, Fate.WAITING})
Editions = dict[tuple[str, str], Mailing]


@dataclass(frozen=True)
class RolledUp:
    """What came of one round of one alert. With a dry run nobody was written to, and the outcomes are what would be tried."""

    alert_id: int
    what: Round
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class _Manner:
    """Who sends, whether for real, and until when."""

    by: str
    dry_run: bool
    until: datetime | None


def send_rollups(office: Office, *, by: str, dry_run: bool = False, within: timedelta | None = None) -> list[RolledUp]:
    """Send every roll-up that is due. A company without a mail address is named, and an officer must call it.

    Args:
        within: no letter is begun later than this; what is left goes with the next run. None: all of them now.
    """
    now = office.clock.now()
    manner = _Manner(by, dry_run, None if within is None else now + within)
    with reading(office.engine) as connection:
        candidates = store.candidates(connection, alert_store.instance(connection), now - FRESH)
    done = []
    for told in candidates:
        with reading(office.engine) as connection:
            there = mailings.editions(connection, MailingKind.ROLLUP, f"{told.alert_id}/")
            ended = {
                name: row.ended_at or row.begun_at for (name, reader), row in there.items() if reader == mailings.ROUND
            }
            waited = now >= told.released_at + timedelta(minutes=office.settings.rollup_after_minutes)
            over = waited or store.is_settled(connection, told.version_id)
        for what in rounds_due(told, ended, now, zone=office.settings.zone, over=over):
            done.append(_round(office, told, what, there, manner))
    return done


def _round(office: Office, told: Told, what: Round, there: Editions, manner: _Manner) -> RolledUp:
    now = office.clock.now()
    with reading(office.engine) as connection:
        outcomes, due = _due(told, what, store.accounts(connection, told.alert_id), there, now)
    if manner.dry_run:
        return RolledUp(told.alert_id, what, (*outcomes, *(_waiting(one) for one, _ in due)))
    for start in range(0, len(due), BATCH):
        part = due[start : start + BATCH]
        if manner.until is not None and office.clock.now() > manner.until:
            outcomes += [_waiting(one) for one, _ in part]
            continue
        with writing(office.engine) as connection:  # a look at names and contacts leaves a line in the audit
            letters = [_letter(connection, office, told, kind, account) for account, kind in part]
        outcomes += send_letters(office, letters, by=manner.by, until=manner.until)
    if not any(one.fate in OPEN for one in outcomes):
        with writing(office.engine) as connection:
            mark = _mark(told, what, now, office.settings.zone)
            mailings.end_round(connection, MailingKind.ROLLUP, mark, by=manner.by, now=now)
    return RolledUp(told.alert_id, what, tuple(outcomes))


def _waiting(account: CompanyAccount) -> Outcome:
    return Outcome(_reader(account), Fate.WAITING)


def _reader(account: CompanyAccount) -> str:
    return f"employer/{account.employer_id}"


def _mark(told: Told, what: Round, now: datetime, zone: str) -> str:
    """Return the name under which a round is done: mornings come again, until one had news."""
    return (
        morning_mark(told.alert_id, told.no, now, zone)
        if what is Round.MORNING
        else edition(told.alert_id, told.no, what)
    )


def _due(
    told: Told, what: Round, accounts: Sequence[CompanyAccount], there: Editions, now: datetime
) -> tuple[list[Outcome], list[tuple[CompanyAccount, Round]]]:
    """Return which companies get which letter now, and what is known already of the others that have not got theirs. Pure.

    What left, or waits for its next try, is not written anew: no name is opened for it, however long a relay is down.
    """
    known, due = [], []
    for account in accounts:
        kind = _kind(told, what, account, there)
        if kind is None:
            continue
        row = there.get((edition(told.alert_id, told.no, kind), _reader(account)))
        # How many addresses a reader has is seen when the letter is written: one more than was tried is asked for here.
        fate = Fate.SENT if row is None else may_go(row, row.choice + 2, now)
        if fate is Fate.SENT:
            due.append((account, kind))
        elif fate is not Fate.THERE and row is not None:
            known.append(Outcome(row.reader, fate, row.code))
    return known, due


def _kind(told: Told, what: Round, account: CompanyAccount, there: Editions) -> Round | None:
    """Return which letter a company gets in a round; None for none.

    Who came since the wave gets the first one in the morning; all others the second, once, if something changed.
    """
    if what is Round.WAVE:
        return Round.WAVE
    reader = _reader(account)
    first = there.get((edition(told.alert_id, told.no, Round.WAVE), reader))
    if first is None or first.outcome == WITHOUT:
        return Round.WAVE if what is Round.MORNING else Round.CLOSED
    second = there.get((edition(told.alert_id, told.no, Round.MORNING), reader))
    if what is Round.CLOSED:
        return Round.CLOSED
    if second is not None:
        # One that failed is tried again; one that went out was the last.
        return Round.MORNING if second.outcome in mailings.LEFT else None
    # Who never got the first gets this one, whatever has changed: a relay that was down is no reason to know nothing.
    return Round.MORNING if first.outcome in mailings.LEFT or first.digest != account.digest else None


def _letter(connection: Connection, office: Office, told: Told, what: Round, account: CompanyAccount) -> MailLetter:
    now = office.clock.now()
    contacts = [
        one for one in list_contacts(connection, SYSTEM, account.employer_id, keys=office.keys, now=now) if one.mail
    ]
    language: Language = "en" if contacts and contacts[0].language == "en" else "zh"
    desk = Desk(office.name, office.settings.public_base_url + PAGE, office.settings.rollup_names)
    matter = _matter(connection, told, account.version_id, language)
    names = {} if desk.naming == "none" or not contacts else _names(connection, office, account)
    text, title = written(matter, account, what, desk, names=names, language=language), title_of(matter, what, language)
    return MailLetter(
        MailingKind.ROLLUP, edition(told.alert_id, told.no, what), _reader(account),
        tuple(one.mail for one in contacts), language, f"{office.name.signature}{title}", plain(text), page(text, title, language),
        account.digest,
    )  # fmt: skip


def _matter(connection: Connection, told: Told, version_id: int, language: Language) -> Matter:
    version = alert_store.version(connection, version_id)
    chinese, _, english = version.origin_name.partition("|")
    zh = language == "zh"
    return Matter(
        told.alert_id, VersionKind(version.kind), version.title_zh if zh else version.title_en, chinese if zh else english,
        version.url, tuple(place.country for place in alert_store.places(connection, version_id)),
        issued_words(version.released_at, language), issued_words(told.closed_at, language),
    )  # fmt: skip


def _names(connection: Connection, office: Office, account: CompanyAccount) -> dict[int, str]:
    people = sorted({one.registrant_id for one in account.left} | {*account.silent, *account.help})
    if not people:
        return {}
    shown = ",".join(str(one) for one in people)
    now = office.clock.now()
    record(connection, actor=SYSTEM.name, action="people.view", subject="registrant", now=now, detail=shown)
    return scope.names_of(connection, SYSTEM, people, office.keys)
