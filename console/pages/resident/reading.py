"""What residents type, read into the nouns of the register; what is wrong is told by field. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from console.pages.forms import FieldError, Form
from core.errors import BadInput
from core.i18n import Message, t
from notify.manual import read_countries
from registry.cells import Problem
from registry.mails import read_mails
from registry.people import Channel, NewAddress, NewContact, NewPosting
from registry.phones import read_phone
from registry.signup.model import MOST_COMPANIONS, Companion
from registry.tables import PostingStatus

LONGEST_NAME = 100
KINDS = ("resident", "student", "family", "worker")
NO_COUNTRY = NewPosting("")
"""Stands for a stay whose country could not be read; there is a fault then."""


@dataclass
class Faults:
    """What is wrong with a form, in the order of its fields."""

    errors: list[FieldError] = field(default_factory=list)

    def add(self, name: str, message: Message) -> None:
        """Write down what is wrong with a field."""
        self.errors.append(FieldError(name, message))

    def __bool__(self) -> bool:
        """Tell whether anything is wrong."""
        return bool(self.errors)


def read_name(form: Form, faults: Faults, name: str = "name") -> str:
    """Read a name."""
    text = form.text(name, LONGEST_NAME)
    if not text:
        faults.add(name, t("Write your name."))
    return text


def read_number(form: Form, name: str, country: str, faults: Faults) -> str:
    """Read a phone number as E.164; empty if none was typed, or it is none.

    Args:
        country: assumed for a number without its country code; empty: none is.
    """
    text = form.text(name, 60)
    if not text:
        return ""
    found = read_phone(text, host_country=country or None)
    if isinstance(found, Problem):
        faults.add(name, found.reason)
        return ""
    return found.e164


def read_mail(form: Form, name: str, faults: Faults) -> str:
    """Read a mail address; empty if none was typed, or it is none."""
    found = read_mails(form.text(name, 254))
    if len(found) > 1 or (found and isinstance(found[0], Problem)):
        faults.add(name, t("This is no mail address. Write it as name@example.com."))
        return ""
    return str(found[0]) if found else ""


def read_way(form: Form, name: str, faults: Faults) -> NewAddress:
    """Read one address: a mail if there is an @ in it, else a phone. With a fault it is empty."""
    text = form.text(name, 254)
    if "@" in text or "＠" in text:
        return NewAddress(Channel.EMAIL, read_mail(form, name, faults))
    number = read_number(form, name, "", faults)
    if not text:
        faults.add(name, t("Write a phone number or a mail address."))
    return NewAddress(Channel.SMS, number)


def read_stay(form: Form, today: date, faults: Faults) -> NewPosting:
    """Read a stay; one that is to begin after today is planned."""
    country = _country(form, faults)
    start, end = _date(form, "date_from", faults), _date(form, "date_to", faults)
    if start is not None and end is not None and end < start:
        faults.add("date_to", t("A stay cannot end before it begins."))
    elif end is not None and end < today:
        faults.add("date_to", t("This day is past. Leave it empty if you do not know the end yet."))
    if not country:
        return NO_COUNTRY
    status = PostingStatus.PLANNED if start is not None and start > today else PostingStatus.ABROAD
    kind = form.text("kind") if form.text("kind") in KINDS else KINDS[0]
    return NewPosting(country, status, start, end, city=form.text("city", 100), site=form.text("site", 200), kind=kind)


def read_contact(form: Form, faults: Faults) -> tuple[NewContact, ...]:
    """Read the contact at home, if there is one; a number without its country code is a Chinese one."""
    name, relation = form.text("contact_name", LONGEST_NAME), form.text("contact_relation", 40)
    before = len(faults.errors)
    phone = read_number(form, "contact_phone", "CN", faults)
    if not (name or relation or form.text("contact_phone")):
        return ()
    if not name:
        faults.add("contact_name", t("Write the name of the contact at home, or leave all three lines empty."))
    if not phone and len(faults.errors) == before:
        faults.add("contact_phone", t("Write the phone number of the contact at home."))
    return (NewContact(name, relation, phone),)


def read_companions(form: Form, language: str, country: str, faults: Faults) -> tuple[Companion, ...]:
    """Read the companions; a line left empty is none."""
    found = []
    for number in range(rows_of(form)):
        name = form.text(f"companion-{number}", LONGEST_NAME)
        phone = read_number(form, f"companion-phone-{number}", country, faults)
        if not name and form.text(f"companion-phone-{number}"):
            faults.add(f"companion-{number}", t("Write the name of this companion."))
        if name:
            ways = (NewAddress(Channel.SMS, phone),) if phone else ()
            found.append(Companion(name, language, ways))
    return tuple(found)


def rows_of(form: Form) -> int:
    """Return how many lines for companions the form has."""
    text = form.text("rows", 3)
    return min(int(text), MOST_COMPANIONS) if text.isascii() and text.isdigit() else 0


def read_ways(phone: str, mail: str) -> Iterator[NewAddress]:
    """Return the addresses in their order of preference: the phone first, it reaches people sooner."""
    given = [(Channel.SMS, phone), (Channel.EMAIL, mail)]
    for place, (channel, value) in enumerate([one for one in given if one[1]], start=1):
        yield NewAddress(channel, value, place)


def _country(form: Form, faults: Faults) -> str:
    text = form.text("country", 100)
    if not text:
        faults.add("country", t("Say in which country you are or will be."))
        return ""
    try:
        found = read_countries([text])
    except BadInput as error:
        faults.add("country", error.message)
        return ""
    if len(found) > 1:
        faults.add("country", t("“{word}” names several countries. Write one of them.", word=text))
        return ""
    return found[0]


def _date(form: Form, name: str, faults: Faults) -> date | None:
    text = form.text(name, 20)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.add(name, t("{text} is no date. Write it as 2026-11-22.", text=text))
        return None
