"""What is typed of a stay or an address into the page of a person: read, or told what is wrong. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from console.pages.dates import read_day
from console.pages.forms import FieldError, Form
from core.i18n import Message, t
from core.places.names import codes
from registry.mails import read_mails
from registry.people import Channel
from registry.phones import Phone, read_phones
from registry.tables import PostingStatus

LONGEST = 100
SAID = (PostingStatus.ABROAD, PostingStatus.PLANNED, PostingStatus.RETURNED)


@dataclass(frozen=True)
class StayForm:
    """A stay as typed. Empty and None: nothing was said."""

    country: str
    status: str
    city: str
    site: str
    date_from: date | None
    date_to: date | None


def read_stay(
    form: Form, at: str, *, country: bool = False, day: date | None = None
) -> tuple[StayForm, list[FieldError]]:
    """Read the fields of a stay.

    Args:
        at: mark of the form on its page, at the end of the ids of its fields. `country`: one must be chosen.
        day: today at the office: nobody is back on a day that is still to come. None: not looked at.
    """
    errors: list[FieldError] = []
    days: dict[str, date | None] = {}
    for name in ("date_from", "date_to"):
        days[name], wrong = read_day(form.text(name, 40))
        if wrong is not None:
            errors.append(FieldError(f"{name}-{at}", wrong))
    begins, ends = days["date_from"], days["date_to"]
    if begins is not None and ends is not None and ends < begins:
        errors.append(FieldError(f"date_to-{at}", t("A stay cannot end before it begins.")))
    chosen, status = form.text("country", 2), form.text("status", 20)
    if (
        status == PostingStatus.RETURNED
        and day is not None
        and ends is not None
        and ends > day
        and not _to_come(begins, day)
    ):
        errors.append(FieldError(f"date_to-{at}", t(
            "This day is still to come. If they are back, write the day they came back; if not, leave the state as it is: the "
            "stay ends on its last day."
        )))  # fmt: skip
    if country and chosen not in codes():
        errors.append(FieldError(f"country-{at}", t("Choose the country or region.")))
    if status and status not in SAID:
        errors.append(FieldError(f"status-{at}", t("Choose one of the words.")))
    told = StayForm(chosen, status, form.text("city", LONGEST), form.text("site", LONGEST), begins, ends)
    return told, errors


def _to_come(begins: date | None, day: date) -> bool:
    return begins is not None and begins > day


def read_address(text: str, country: str) -> tuple[tuple[str, str], Message | None]:
    """Read a number or a mail address; return channel and value, or what is wrong.

    Args:
        country: where the person is: assumed for a number without a country code.
    """
    nothing = ("", "")
    if not text:
        return nothing, t("Type a phone number or a mail address.")
    found = read_mails(text) if "@" in text else read_phones(text, host_country=country or None)
    if len(found) != 1:
        return nothing, t("One number or mail address at a time.")
    one = found[0]
    if isinstance(one, str):
        return (Channel.EMAIL, one), None
    if isinstance(one, Phone):
        return (Channel.SMS, one.e164), None
    return nothing, one.reason
