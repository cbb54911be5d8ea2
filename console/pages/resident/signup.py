"""`/register/`: somebody registers themselves: the text of consent and one form, then the code, then what happens now."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from console.pages.forms import FieldError, Form, Posted
from console.pages.frame import frame_of, language_for
from console.pages.resident import visiting
from console.pages.resident.limits import TooMany, count_caller
from console.pages.resident.reading import (
    KINDS,
    Faults,
    read_companions,
    read_contact,
    read_mail,
    read_name,
    read_number,
    read_stay,
    read_ways,
    rows_of,
)
from console.pages.resident.reads import chosen, offered
from console.pages.resident.showing import country_names, office_day, people, sections
from console.pages.resident.visiting import InVisit
from core.database import writing
from core.errors import BadInput
from core.i18n import t
from notify.codes import send_code
from notify.office import Office
from notify.service import why_not
from registry.actors import RESIDENT
from registry.enrol import PHONE_CHANNELS, index_key
from registry.masks import mask_address
from registry.people import NewAddress
from registry.signup import register as signup
from registry.signup.model import MOST_COMPANIONS, Given, Pending, Refusal
from registry.signup.texts import consent_text, current

routes = APIRouter()
WISH = "register"


@dataclass(frozen=True)
class Sent:
    """Where a code went, for the page that asks for it. `to`: the address, shortened beyond recognition."""

    ticket: str
    to: str
    by_phone: bool


@routes.get("/")
def start(request: Request) -> Response:
    """Show the text of consent, in full, and the form."""
    return _form(request, Form())


@routes.post("/")
def send(request: Request, form: Posted) -> Response:
    """Take what was given and send the code; or show the form again, with one more line or what is wrong, and all that was typed."""
    if "lang" in form or "more" in form:
        return _form(request, form)
    faults, office = Faults(), frame_of(request).office
    given = _given(request, form, faults)
    if faults or given is None:
        return _form(request, form, faults, 422)
    try:
        with writing(office.engine) as connection:
            secret = index_key(connection, office.keys)
            count_caller(connection, request, secret)
            pending = signup.register(
                connection, given, keys=office.keys, index_key=secret, now=office.clock.now()
            )  # fmt: skip
    except BadInput as error:
        faults.add("", error.message)
        return _form(request, form, faults, 429 if isinstance(error, TooMany) else 422)
    if not _sent(office, pending, given.proven, faults):
        return _form(request, form, faults, 422)
    return _code(request, Sent(pending.ticket, mask_address(given.proven.value), given.by_phone))


@routes.post("/code")
def confirm(request: Request, form: Posted) -> Response:
    """Take the code: the right one enrols everybody and opens a visit."""
    sent, office = _of(form), frame_of(request).office
    if "lang" in form:
        return _code(request, sent)
    try:
        with writing(office.engine) as connection:
            secret = index_key(connection, office.keys)
            count_caller(connection, request, secret)
            done = signup.confirm(
                connection, sent.ticket, form.text("code", 20), keys=office.keys, index_key=secret, now=office.clock.now()
            )  # fmt: skip
            if not isinstance(done, Refusal):
                return visiting.begin(
                    connection, request, "/register/done", registrant_id=done.registrant_id, address_id=done.address_id
                )
    except TooMany as error:
        return _code(request, sent, [FieldError("code", error.message)], 429)
    return _code(request, sent, [FieldError("code", done.message)], 422)


@routes.post("/again")
def again(request: Request, form: Posted) -> Response:
    """Send another code for what was given. The one before is good for nothing then."""
    sent, office, faults = _of(form), frame_of(request).office, Faults()
    try:
        with writing(office.engine) as connection:
            secret = index_key(connection, office.keys)
            count_caller(connection, request, secret)
            pending = signup.ask_again(
                connection, sent.ticket, keys=office.keys, index_key=secret, now=office.clock.now()
            )  # fmt: skip
    except BadInput as error:
        return _code(request, sent, [FieldError("", error.message)], 429)
    if isinstance(pending, Refusal):
        return _code(request, sent, [FieldError("", pending.message)], 422)
    if pending.code is not None:
        handed = send_code(office, pending.code, by=RESIDENT.name)
        if not handed.sent:
            faults.add("", handed.words)
    return _code(
        request, Sent(pending.ticket, sent.to, sent.by_phone), faults.errors, 422 if faults else 200, again=True
    )


@routes.get("/code")
@routes.get("/again")
def nothing_here() -> Response:
    """Lead to the beginning: a code is asked for by a form."""
    return RedirectResponse("/register/", 303)


@routes.get("/done")
def done(request: Request, here: InVisit) -> Response:
    """Say what is registered now, what happens, and how to change and leave."""
    return frame_of(request).render(
        request, "resident/done.html", people=people(here), phone=here.office.settings.office_phone
    )


def _form(request: Request, form: Form, faults: Faults | None = None, status: int = 200) -> Response:
    language, office = language_for(request), frame_of(request).office
    rows = min(rows_of(form) + (1 if "more" in form else 0), MOST_COMPANIONS)
    name = office.name.en if language == "en" else office.name.zh
    return frame_of(request).render(
        request, "resident/register.html", status, form=form, errors=faults.errors if faults else [], rows=rows,
        more=rows < MOST_COMPANIONS, text=sections(consent_text(current(), language, name)), version=current(),
        countries=country_names(language), kinds=KINDS, phone=office.settings.office_phone,
        offered=offered(office),
    )  # fmt: skip


def _code(
    request: Request, sent: Sent, errors: list[FieldError] | None = None, status: int = 200, *, again: bool = False
) -> Response:
    office = frame_of(request).office
    return frame_of(request).render(
        request, "resident/confirm.html", status, sent=sent, errors=errors or [], again=again,
        phone=office.settings.office_phone,
    )  # fmt: skip


def _given(request: Request, form: Form, faults: Faults) -> Given | None:
    """Read the form in the order of its fields; None only together with a fault."""
    reads = chosen(form)
    if "accept" not in form or form.text("version") != current():
        faults.add("accept", t("Please read the text above, and say that you agree. Without it nothing may be kept."))
    name = read_name(form, faults)
    before = len(faults.errors)
    stay = read_stay(form, office_day(frame_of(request).office), faults)
    stay_faults = faults.errors[before:]
    del faults.errors[before:]
    ways = tuple(read_ways(read_number(form, "phone", stay.country, faults), read_mail(form, "mail", faults)))
    foreign = form.text("foreign")
    proof, by_phone = 0, False
    if not ways:
        if len(faults.errors) == before:
            faults.add("phone", t("Write a phone number or a mail address: the code goes there."))
    else:
        proof, by_phone = _proof(frame_of(request).office, form, ways, faults)
    if foreign not in {"yes", "no"}:
        faults.add("foreign", t("Say yes or no: may text messages to you go through a provider abroad?"))
    faults.errors += stay_faults
    contacts = read_contact(form, faults)
    companions = read_companions(form, reads, stay.country, faults)
    if companions and "asked" not in form:
        faults.add("asked", t("Ask your companions first, and confirm here that they agree."))
    if faults:
        return None
    return Given(
        name, ways, (stay,), current(), foreign == "yes", reads, contacts, companions, proof=proof, by_phone=by_phone
    )


def _proof(office: Office, form: Form, ways: tuple[NewAddress, ...], faults: Faults) -> tuple[int, bool]:
    """Return where the code goes, and whether an officer must telephone it: nobody is refused for refusing providers abroad."""
    wants_phone = form.text("proof") != "mail"
    fitting = [at for at, one in enumerate(ways) if (one.channel in PHONE_CHANNELS) == wants_phone]
    if not fitting and form.text("phone" if wants_phone else "mail"):
        return 0, False  # what is wrong with it is said there
    if not fitting:
        faults.add(
            "proof", t("The code is to go to an address that you left empty. Write it, or choose the other one.")
        )
        return 0, False
    tools, foreign = office.tools(), form.text("foreign") == "yes"
    if not why_not(tools.settings, tools.channels, ways[fitting[0]].channel, foreign=foreign):
        return fitting[0], False
    if wants_phone and not foreign:
        return fitting[0], True
    faults.add("proof", t("No code can be sent there now. Choose the other one, or call the office."))
    return 0, False


def _sent(office: Office, pending: Pending, to: NewAddress, faults: Faults) -> bool:
    """Send the code after what it belongs to is durable; tell whether it is on its way, or an officer telephones."""
    if pending.code is None:
        return True
    handed = send_code(office, pending.code, by=RESIDENT.name)
    if not handed.sent:
        faults.add("phone" if to.channel in PHONE_CHANNELS else "mail", handed.words)
    return handed.sent


def _of(form: Form) -> Sent:
    return Sent(form.text("ticket", 200), form.text("to", 100), "by_phone" in form)
