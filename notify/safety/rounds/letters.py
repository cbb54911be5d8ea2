"""The messages that a row of the rounds stands for: to whom, over which channel, in which words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row

from core import audit
from core.i18n import Language
from core.languages import words_in
from core.tables import Mode
from notify.grounds import EMERGENCY_LEVEL
from notify.office import Office
from notify.routing import HOME_PREFIX, SMS, SMS_CN
from notify.safety.links import PATH, Links
from notify.safety.rounds import words
from notify.safety.rounds.plan import Step
from notify.safety.rounds.words import Subject
from notify.service import ServiceMessage
from notify.store import alerts as alert_store
from notify.store import safe_rounds as store
from notify.store.safe_rounds import RollCall
from notify.tables import AlertVersion
from registry import scope
from registry.actors import SYSTEM
from registry.contacts import list_contacts
from registry.enrol import index_key
from registry.people import Channel
from registry.scope.home import contacts_of
from registry.scope.people import language_of

ANSWERED, NOBODY = "answered", "nobody"
VALID = 3600
"""Seconds for which a provider may try: after that the next step is due anyway."""


@dataclass(frozen=True)
class Made:
    """Messages to be sent for one row; none, and why not."""

    messages: tuple[ServiceMessage, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class _Desk:
    """What the messages of one alert are made with."""

    connection: Connection
    office: Office
    call: RollCall
    version: AlertVersion
    channels: Collection[str]

    @property
    def emergency(self) -> bool:
        """Tell whether danger to life is the ground on which a number may go abroad."""
        return (self.version.level or 0) >= EMERGENCY_LEVEL

    def about(self, people: Sequence[int], language: Language) -> Subject:
        """Return what a message is about."""
        title = self.version.title_en if language == "en" else self.version.title_zh
        countries = store.countries_of(self.connection, self.call.version_id, people)
        return Subject(self.call.alert_id, title, countries, self.office.name, self.call.mode == Mode.DRILL)


def letters(connection: Connection, office: Office, call: RollCall, row: Row[Any], channels: Collection[str]) -> Made:
    """Return the messages of a row, for those about whom it is of whom it is still not known whether they are safe.

    Args:
        channels: that are open now.
    """
    people = store.people_of_call(connection, row.id)
    still = store.wholly_silent if row.step == Step.HOME else store.still_unknown
    silent = sorted(still(connection, call.alert_id, people))
    if not silent:
        return Made(why=ANSWERED)
    desk = _Desk(connection, office, call, alert_store.version(connection, call.version_id), channels)
    if row.step == Step.COMPANY:
        return _to_company(desk, row, silent)
    return _to_home(desk, row, silent[0]) if row.step == Step.HOME else _again(desk, row, silent)


def _again(desk: _Desk, row: Row[Any], people: Sequence[int]) -> Made:
    """Ask once more, over the first address of theirs whose channel is open."""
    person = people[0]
    values = scope.open_addresses(
        desk.connection, SYSTEM, [at for _, at in store.ways_to(desk.connection, person)], desk.office.keys
    )
    for channel, address_id in store.ways_to(desk.connection, person):
        value = values.get(address_id, "")
        if value and channel in {Channel.EMAIL, Channel.SMS} and (way := _way(desk, channel, value)):
            language = "zh" if way == SMS_CN else _read_by(desk, people)
            about, link = desk.about(people, language), _link(desk, person, way)
            shared = store.shares(desk.connection, desk.call.alert_id, address_id)
            text = _message(
                desk, row, way, words.reminder(about, language, link, shared=shared), value, language=language
            )
            kind, said = words.short_reminder()
            return Made((replace(text, variables=words.filling(about, kind, said, words.code_of(row.id))),))
    return Made(why=NOBODY)


def _read_by(desk: _Desk, people: Sequence[int]) -> Language:
    """Return the language of ours that these people are written to in: Chinese if any of them reads it."""
    found = {words_in(language_of(desk.connection, SYSTEM, one)) for one in people}
    return "zh" if "zh" in found else "en"


def _link(desk: _Desk, person: int, channel: str) -> str:
    """Return the personal link of the person, if one may stand there."""
    settings, notice = desk.office.settings, store.notice_of(desk.connection, desk.call.version_id, person)
    if notice is None or channel not in settings.safe_link_channels:
        return ""
    links = Links.under(index_key(desk.connection, desk.office.keys))
    uid = alert_store.instance(desk.connection).uid
    return f"{settings.public_base_url}{PATH}/{links.token(uid, notice)}"


def _to_company(desk: _Desk, row: Row[Any], people: Sequence[int]) -> Made:
    office = desk.office
    contacts = list_contacts(desk.connection, SYSTEM, row.employer_id, keys=office.keys, now=office.clock.now())
    found = []
    mail = next((one for one in contacts if one.mail), None)
    if mail is not None and Channel.EMAIL in desk.channels:
        language: Language = "en" if mail.language == "en" else "zh"
        names = {} if office.settings.smtp_abroad else scope.names_of(desk.connection, SYSTEM, people, office.keys)
        if names:
            shown = ",".join(str(one) for one in names)
            subject = f"employer/{row.employer_id}"
            audit.record(
                desk.connection,
                actor=SYSTEM.name,
                action="people.told",
                subject=subject,
                now=office.clock.now(),
                detail=shown,
            )
        page = f"{office.settings.public_base_url}/company/alerts/{desk.call.alert_id}/safety"
        made = words.to_company(desk.about(people, language), language, list(names.values()), len(people), page)
        found.append(_message(desk, row, Channel.EMAIL, made, mail.mail, language=language))
    phone = next((one for one in contacts if one.phone), None)
    way = _way(desk, SMS, phone.phone) if phone is not None else ""
    if phone is not None and way:
        about = desk.about(people, "zh")
        text = _message(desk, row, way, words.to_company_short(about, "zh", len(people)), phone.phone)
        kind, said = words.short_company(len(people))
        found.append(
            replace(
                text, subject=f"{text.subject}/sms", variables=words.filling(about, kind, said, words.code_of(row.id))
            )
        )
    return Made(tuple(found), "" if found else NOBODY)


def _to_home(desk: _Desk, row: Row[Any], person: int) -> Made:
    contacts = contacts_of(desk.connection, SYSTEM, [person], desk.office.keys).get(person, ())
    name = scope.names_of(desk.connection, SYSTEM, [person], desk.office.keys).get(person, "")
    for one in contacts:
        way = _way(desk, SMS, one.phone)
        if name and way:
            about = desk.about([person], "zh")
            text = _message(desk, row, way, words.to_home(about, name), one.phone)
            kind, said = words.short_home(name)
            return Made((replace(text, variables=words.filling(about, kind, said, words.code_of(row.id))),))
    return Made(why=NOBODY)


def _way(desk: _Desk, channel: str, value: str) -> str:
    """Return the channel over which an address is written to: numbers of China at home, if the office can; empty: none is open."""
    if channel == SMS and value.startswith(f"+{HOME_PREFIX}") and SMS_CN in desk.channels:
        return SMS_CN
    return channel if channel in desk.channels else ""


def _message(
    desk: _Desk, row: Row[Any], channel: str, made: tuple[str, str], address: str, *, language: Language = "zh"
) -> ServiceMessage:
    return ServiceMessage(
        f"safe_call/{row.id}", channel, language, made[0], made[1], address, foreign=desk.emergency, valid_seconds=VALID,
        template="service",
    )  # fmt: skip
