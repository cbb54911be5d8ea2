"""What a resident gives at the command line, read into the nouns of the register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.errors import BadInput, WrongUse
from core.i18n import t
from notify.manual import read_countries
from registry.cells import Problem
from registry.mails import read_mails
from registry.people import Channel, NewAddress, NewContact, NewPosting
from registry.phones import read_phone
from registry.tables import PostingStatus


@dataclass(frozen=True)
class Stay:
    """A stay as written: everything but the country may be empty."""

    country: str
    city: str
    site: str
    project: str
    kind: str
    date_from: str
    date_to: str


def read_stay(given: Stay, today: date) -> NewPosting:
    """Read a stay; one that is to begin after today is planned.

    Raises:
        BadInput: the country or a date is none, or it ends before it begins.
    """
    start, end = (_date(text) for text in (given.date_from, given.date_to))
    if start is not None and end is not None and end < start:
        raise BadInput(t("A stay cannot end before it begins."))
    status = PostingStatus.PLANNED if start is not None and start > today else PostingStatus.ABROAD
    return NewPosting(
        read_countries([given.country])[0], status, start, end, city=given.city.strip()[:100], site=given.site.strip()[:200],
        project=given.project.strip()[:200], kind=given.kind,
    )  # fmt: skip


def read_addresses(texts: Sequence[str], country: str) -> tuple[NewAddress, ...]:
    """Read addresses in their order of preference: mail if there is an @ in it, else a phone that gets text messages.

    Args:
        country: where the person is: assumed for a number without its country code.

    Raises:
        BadInput: one of them is none.
    """
    return tuple(replace(read_address(text, country), preference=place) for place, text in enumerate(texts, start=1))


def read_address(text: str, country: str | None) -> NewAddress:
    """Read one address; see `read_addresses`."""
    if "@" in text or "＠" in text:
        found = read_mails(text)
        if len(found) != 1 or isinstance(found[0], Problem):
            raise BadInput(t("This is no mail address. Write it as name@example.com."))
        return NewAddress(Channel.EMAIL, found[0])
    return NewAddress(Channel.SMS, read_number(text, country))


def read_number(text: str, country: str | None) -> str:
    """Read a phone number as E.164.

    Raises:
        BadInput: it is none.
    """
    found = read_phone(text, host_country=country)
    if isinstance(found, Problem):
        raise BadInput(found.reason)
    return found.e164


def read_contact(name: str, relation: str, phone: str) -> tuple[NewContact, ...]:
    """Read the contact at home, if there is one; a number without its country code is a Chinese one.

    Raises:
        BadInput: the number is none.
        WrongUse: it is missing.
    """
    if not (name or relation or phone):
        return ()
    if not (name and phone):
        raise WrongUse(t("A contact at home needs a name and a phone number."))
    return (NewContact(name.strip(), relation.strip(), read_number(phone, "CN")),)


def _date(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(t("{text} is no date. Write it as 2026-11-22.", text=text)) from error
