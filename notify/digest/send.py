"""Sending the digest: to each reader what is new about the countries their people are in, each change in one mail only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from core.database import reading, writing
from core.i18n import Language
from core.languages import words_in
from notify.bulletin.choose import items
from notify.bulletin.model import Item
from notify.digest import store
from notify.digest.choose import Who, who_of
from notify.digest.letter import written
from notify.digest.tables import DigestReader, Rhythm
from notify.mailings import store as mailings
from notify.mailings.once import Fate, MailLetter, Outcome, send_letters
from notify.mailings.tables import MailingKind
from notify.markup import page, plain
from notify.office import Office
from registry import scope
from registry.actors import SYSTEM, Actor, proven_resident
from registry.contacts import list_contacts
from registry.people import Channel
from registry.scope.addresses import agreeing
from registry.scope.people import language_of
from registry.tables import Role
from sources.model import Authority
from sources.store import StoredChange

COMPANY_PAGE, RESIDENT_PAGE = "/company/contacts", "/register/change"
"""Where companies choose, and where residents prove who they are; their choice is on the page after that."""

LOOK_BACK = timedelta(days=31)
"""What was decided longer ago is told in no digest any more."""


@dataclass(frozen=True)
class _Reader:
    """Where the mail to a reader goes, in which language; `foreign`: they agreed to providers abroad."""

    addresses: tuple[str, ...]
    language: Language
    foreign: bool = False


def send_digests(office: Office, *, by: str, dry_run: bool = False) -> list[Outcome]:
    """Send every digest that is due and has something to tell. Repeatable: a second run tells nothing twice."""
    now = office.clock.now()
    with reading(office.engine) as connection:
        rows = store.standing(connection)
        news = store.changes(connection, now - LOOK_BACK) if rows else []
    outcomes = []
    for row in rows:
        letter = _prepared(office, row, news, dry_run=dry_run)
        if letter is not None:
            outcomes += [Outcome(letter.reader, Fate.WAITING)] if dry_run else send_letters(office, [letter], by=by)
    return outcomes


def edition_of(rhythm: str, day: date) -> str:
    """Return the edition a reader gets on a day: of the day, or of the ISO week. The first run in it sends it. Pure."""
    year, week, _ = day.isocalendar()
    return f"{day:%Y-%m-%d}" if rhythm == Rhythm.DAILY else f"{year}-W{week:02}"


def _prepared(office: Office, row: DigestReader, news: list[StoredChange], *, dry_run: bool) -> MailLetter | None:
    """Choose what to tell a reader and write that down; None if there is nothing, or this edition has left."""
    who, now = who_of(row), office.clock.now()
    day = now.astimezone(ZoneInfo(office.settings.zone)).date()
    edition, number = edition_of(row.rhythm, day), row.id or 0
    with writing(office.engine) as connection:
        last = mailings.get(connection, MailingKind.DIGEST, edition, who.reader)
        if last is not None and last.outcome not in mailings.LEFT:
            return None
        store.take_back(connection, number, who.reader)
        fresh = _fresh(connection, row, news, _countries(connection, who, day))
        if not fresh:
            return None
        reader = _reader(connection, office, who)
        if reader.addresses and not dry_run:
            store.write_told(connection, number, [one.id for one in fresh], edition)
    return _letter(office, who, reader, edition, _items(office, fresh, reader.language))


def _fresh(
    connection: Connection, row: DigestReader, news: list[StoredChange], countries: frozenset[str]
) -> list[StoredChange]:
    told = store.told(connection, row.id or 0)
    mine = [one for one in news if one.id not in told and countries & set(one.change.advisory.countries)]
    older = store.decided_before(connection, [one.id for one in mine], row.since)
    return [one for one in mine if one.id not in older]


def _countries(connection: Connection, who: Who, day: date) -> frozenset[str]:
    """Return the countries where the people of a company, or a person, are or will soon be."""
    if who.employer_id is not None:
        actor = Actor("digest", Role.COMPANY, employer_id=who.employer_id)
    else:
        actor = proven_resident([who.registrant_id or 0])
    return frozenset(one.country for one in scope.count_by_country(connection, actor, day))


def _reader(connection: Connection, office: Office, who: Who) -> _Reader:
    now = office.clock.now()
    if who.employer_id is not None:
        contacts = list_contacts(connection, SYSTEM, who.employer_id, keys=office.keys, now=now)
        found = [one for one in contacts if one.mail]
        return _Reader(tuple(one.mail for one in found), "en" if found and found[0].language == "en" else "zh")
    person = who.registrant_id or 0
    usable = scope.usable_addresses(SYSTEM).subquery().c
    query = select(usable.address_id).where(usable.registrant_id == person, usable.channel == Channel.EMAIL)
    ids = list(connection.execute(query.order_by(usable.preference, usable.address_id)).scalars())
    opened = scope.open_addresses(connection, SYSTEM, ids, office.keys)
    mails = tuple(opened[one] for one in ids if one in opened)
    return _Reader(mails, _language(connection, person), person in agreeing(connection, SYSTEM, [person]))


def _language(connection: Connection, person: int) -> Language:
    return words_in(language_of(connection, SYSTEM, person))


def _items(office: Office, fresh: list[StoredChange], language: Language) -> tuple[Item, ...]:
    cards = {name: one.CARD for name, one in office.sources.items()}
    return tuple(
        item for authority in Authority for item in items(fresh, cards, authority, language, office.settings.zone)
    )


def _letter(office: Office, who: Who, reader: _Reader, edition: str, told: tuple[Item, ...]) -> MailLetter | None:
    if not told:
        return None
    page_of_choice = COMPANY_PAGE if who.employer_id is not None else RESIDENT_PAGE
    where = f"{office.settings.public_base_url}{page_of_choice}"
    title, text = written(told, edition, office.name, reader.language, where)
    return MailLetter(
        MailingKind.DIGEST, edition, who.reader, reader.addresses, reader.language, title, plain(text),
        page(text, title, reader.language), foreign=reader.foreign,
    )  # fmt: skip
