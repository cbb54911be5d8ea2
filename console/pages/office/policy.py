"""`/office/policy`: the rules that hold, what others would have changed, and switching them on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import FieldError, Form, Posted
from console.pages.office.visit import Approver, Visit, Worker, go
from core.errors import LingbaoError, NotFound
from core.i18n import Language, Message, t
from core.places.names import display
from notify.policy import POLICIES, Policy, parse_policy, read_policy
from notify.rules.preview import Compared, Different, compare, past
from notify.rules.tables import PolicyVersion
from notify.rules.versions import LONGEST_NOTE, activate
from notify.rules.words import ACTIONS, FIELDS, told, value
from notify.store import policies as store

routes = APIRouter()
DONE = {"policy": t("The rules hold from now on, for every decision to come.")}
LONGEST = 60_000
LAST_MONTH = timedelta(days=30)
FORM_NAME = "?"


@dataclass(frozen=True)
class RouteLine:
    """One route in words: its name, when it holds, what follows, and how."""

    name: str
    when: str
    action: Message
    how: str


@dataclass(frozen=True)
class ChangeLine:
    """One change of the past that other rules would have decided differently."""

    at: datetime
    source: str
    countries: str
    title: str
    before: str
    after: str


@routes.get("/policy")
def policy_page(who: Worker) -> Response:
    """Show the rules that hold, route by route in words, and every version there was."""
    with who.reading() as connection:
        versions = store.history(connection)
    return who.render("policy/rules.html", stands=versions[0] if versions else None, versions=versions,
                      **_shown(who.office.policy, who.language))  # fmt: skip


@routes.get("/policy/versions/{no}")
def version_page(who: Worker, no: int) -> Response:
    """Show a version as it was written."""
    return who.render("policy/version.html", version=_version(who, no))


@routes.get("/policy/edit")
def edit_page(who: Approver, no: int = 0) -> Response:
    """Show the rules as text to change: those that hold, or an earlier version."""
    stands = _newest(who)
    text = _version(who, no).text if no else _text(who, stands)
    return who.render("policy/edit.html", text=text, instead_of=stands.no if stands else 0, found=None, note="")


@routes.post("/policy/preview")
def preview(who: Approver, form: Posted) -> Response:
    """Decide the changes of the last month by the typed rules too, and show where they differ. Nothing is changed."""
    text, found, errors = _typed(form), None, []
    try:
        found = _compared(who, parse_policy(text, FORM_NAME))
    except LingbaoError as error:
        errors = [FieldError("text", error.message)]
    return _again(who, form, found, errors)


@routes.post("/policy/activate")
def switch_on(who: Approver, form: Posted) -> Response:
    """Switch the typed rules on, with the reason."""
    text, instead_of = _typed(form), form.text("instead_of", 10)
    try:
        with who.writing() as connection:
            activate(connection, who.actor, text, form.text("note", LONGEST_NOTE + 1),
                     instead_of=int(instead_of) if instead_of.isdecimal() else -1, now=who.now)  # fmt: skip
    except LingbaoError as error:
        return _again(who, form, None, [FieldError("note" if not form.text("note") else "text", error.message)])
    return go("/policy", "policy")


def _again(who: Visit, form: Form, found: Compared | None, errors: list[FieldError]) -> Response:
    shown = None if found is None else [_line(one, who.language) for one in found.different]
    rules = () if found is None else found.rules
    return who.render(
        "policy/edit.html", 422 if errors else 200, text=_typed(form), instead_of=form.text("instead_of", 10),
        note=form.text("note", LONGEST_NOTE), found=found, lines=shown, rules=rules, errors=errors, days=LAST_MONTH.days,
    )  # fmt: skip


def _compared(who: Visit, new: Policy) -> Compared:
    with who.reading() as connection:
        seen = past(connection, who.office.sources, who.now - LAST_MONTH, who.now + timedelta(seconds=1))
    return compare(seen, who.office.policy, new)


def _typed(form: Form) -> str:
    # Browsers send line ends as CRLF (HTML, form submission); the hash of a version is over its own.
    return form.text("text", LONGEST).replace("\r\n", "\n") + "\n"


def _text(who: Visit, stands: PolicyVersion | None) -> str:
    return stands.text if stands else read_policy(who.office.settings.policy_file or POLICIES / "policy.toml")


def _newest(who: Visit) -> PolicyVersion | None:
    with who.reading() as connection:
        return store.newest(connection)


def _version(who: Visit, no: int) -> PolicyVersion:
    with who.reading() as connection:
        found = next((one for one in store.history(connection) if one.no == no), None)
    if found is None:
        raise NotFound(t("There is no version {no} of the policy.", no=no))
    return found


def _shown(policy: Policy, language: Language) -> dict[str, object]:
    lines = [RouteLine(one.name, *_when(told(one, language), ACTIONS[one.action])) for one in policy.route]
    return {"routes": lines, "policy": policy}


def _when(phrases: tuple[str, str], action: Message) -> tuple[str, Message, str]:
    return phrases[0], action, phrases[1]


def _line(one: Different, language: Language) -> ChangeLine:
    advisory = one.stored.change.advisory
    before, after = (
        ACTIONS[each.action].render(language) + f" ({each.route.name})" for each in (one.before, one.after)
    )
    for name, was, will in one.how:
        after += f"; {FIELDS[name].render(language)}: {value(name, was, language)} → {value(name, will, language)}"
    where = "、".join(display(code, language) for code in advisory.countries)
    return ChangeLine(one.stored.as_of, one.stored.change.source, where, advisory.title, before, after)
