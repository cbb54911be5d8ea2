"""How the person of a row is reached, and who is called if they do not answer. Pure."""

from __future__ import annotations

from core.i18n import t
from registry.cells import Problem
from registry.mails import read_mails
from registry.people import Channel, NewAddress, NewContact
from registry.phones import Phone, read_phones
from registry.roster.columns import Column
from registry.roster.contacts import read_contacts, together
from registry.roster.judgement import Judgement
from registry.roster.model import Weight


def addresses(judged: Judgement, host: str | None) -> tuple[NewAddress, ...]:
    """Return the addresses of a row in the order of use: mobile numbers before fixed lines, abroad before home.

    Args:
        host: country of the person (ISO alpha-2), assumed for numbers without a code; None: not one country.
    """
    phones = [*_phones(judged, Column.PHONE_ABROAD, host), *_phones(judged, Column.PHONE_HOME, "CN")]
    mails = _mails(judged)
    if not phones and not mails:
        judged.add(
            Column.PHONE_ABROAD, "", t("No phone and no mail address: this person cannot be reached."), Weight.DOUBT
        )
    elif not mails and all(phone.fixed for phone in phones):
        judged.add(
            Column.PHONE_ABROAD, phones[0].e164, t("Only a fixed line: text messages will not arrive."), Weight.DOUBT
        )
    order = dict.fromkeys(phone.e164 for phone in sorted(phones, key=lambda phone: phone.fixed))
    numbers = [NewAddress(Channel.SMS, value, place) for place, value in enumerate(order, start=1)]
    return (
        *numbers,
        *(NewAddress(Channel.EMAIL, mail, place) for place, mail in enumerate(dict.fromkeys(mails), len(numbers) + 1)),
    )


def _mails(judged: Judgement) -> list[str]:
    mails = []
    for name, text in judged.cells(Column.EMAIL):
        for mail in read_mails(text):
            if isinstance(mail, Problem):
                judged.add(Column.EMAIL, mail.read, mail.reason, Weight.DOUBT, name=name)
            else:
                mails.append(mail)
    return mails


def _phones(judged: Judgement, column: Column, host: str | None) -> list[Phone]:
    found = []
    for name, text in judged.cells(column):
        for phone in read_phones(text, host_country=host):
            if isinstance(phone, Problem):
                judged.add(column, phone.read, phone.reason, Weight.DOUBT, name=name)
                continue
            found.append(phone)
            if phone.note is not None and column != Column.PHONE_HOME:
                judged.add(column, text, phone.note, Weight.NOTE, name=name)
    return found


def emergency(judged: Judgement) -> tuple[NewContact, ...]:
    """Return the emergency contacts of a row, from one cell or from columns for name, relation and number."""
    parts = [(column, *cell) for column in (Column.EMERGENCY, Column.EMERGENCY_PHONE) for cell in judged.cells(column)]
    known, unread = [], False
    for column, name, text in parts:
        for one in read_contacts(text):
            if isinstance(one, Problem):
                judged.add(column, one.read, one.reason, Weight.DOUBT, name=name)
                unread = True
            else:
                known.append(one)
    contacts = together(known, judged.cell(Column.EMERGENCY_RELATION)) if known else ()
    if contacts and not unread and not any(one.phone for one in contacts):
        missing = t("The emergency contact has no phone number. Write it beside the name.")
        judged.add(parts[0][0], parts[0][2], missing, Weight.DOUBT, name=parts[0][1])
    return contacts
