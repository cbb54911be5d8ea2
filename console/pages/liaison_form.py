"""The form for a contact of a company, as its own portal and the office's console show it."""

from __future__ import annotations

from console.pages.forms import FieldError, Form
from console.pages.stays import read_address
from core.i18n import t
from registry.liaisons import Duty, NewLiaison
from registry.people import Channel


def read_liaison(form: Form) -> tuple[NewLiaison, list[FieldError]]:
    """Return the contact as typed, and what is wrong with it: nothing may be written then. Pure."""
    errors: list[FieldError] = []
    name, duty, values = form.text("name", 80), form.text("duty", 20), {}
    if not name:
        errors.append(FieldError("name", t("The name is missing.")))
    for field, channel in (("phone", Channel.SMS), ("mail", Channel.EMAIL)):
        typed = form.text(field, 200)
        if typed:
            (found, values[field]), wrong = read_address(typed, "CN")
            if wrong is not None or found != channel:
                errors.append(FieldError(field, wrong or t("This is not what is expected here.")))
    if not values and not errors:
        errors.append(FieldError("mail", t("A contact needs a phone number or a mail address.")))
    known = duty if duty in list(Duty) else Duty.LIAISON
    language = "en" if form.text("language") == "en" else "zh"
    return NewLiaison(Duty(known), name, values.get("phone", ""), values.get("mail", ""), language), errors
