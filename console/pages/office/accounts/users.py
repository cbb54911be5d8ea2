"""`/office/users`: who may come in and do what; links to set up are shown once."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import FieldError, Posted
from console.pages.office.visit import Administrator, Visit, go
from core.errors import BadInput, NotAllowed
from core.i18n import Message, t
from notify.sign_in import set_up_url
from registry import users
from registry.accounts.credentials.overview import account, accounts
from registry.accounts.credentials.set_up import make_set_up_link
from registry.tables import Role

routes = APIRouter()
DONE = {"user-closed": t("The account is closed; its sessions and tokens are worth nothing any more.")}
ROLES: dict[Role, tuple[Message, Message]] = {
    Role.OFFICER: (t("Officer"), t("drafts alerts, looks after people and companies")),
    Role.APPROVER: (t("Approver"), t("the same, and releases what somebody else drafted")),
    Role.ADMINISTRATOR: (t("Administrator"), t("the same, and looks after users, rules and keys")),
    Role.AUDITOR: (t("Auditor"), t("reads the ledger and the audit, with names shortened, and changes nothing")),
    Role.COMPANY: (t("Company contact"), t("sees the people of one company, in its portal")),
}
OFFERED = [(role.value, *ROLES[role]) for role in ROLES if role != Role.COMPANY]


@routes.get("/users")
def users_page(who: Administrator) -> Response:
    """Show everybody, the office first."""
    return _page(who)


@routes.post("/users")
def add(who: Administrator, form: Posted) -> Response:
    """Add a user of the office; show the link to set up."""
    name, role = form.text("user", 80), form.text("role", 20)
    if role not in {one for one, *_ in OFFERED}:
        return _page(who, FieldError("role", t("Choose a role.")), typed=(name, role))
    try:
        with who.writing() as connection:
            users.add_user(connection, who.actor, name=name, role=Role(role), now=who.now)
            token = make_set_up_link(connection, who.actor, name, who.now)
    except BadInput as error:
        return _page(who, FieldError("user", error.message), typed=(name, role))
    return _linked(who, name, token)


@routes.post("/users/{id}/link")
def link(who: Administrator, id: int, form: Posted) -> Response:
    """Make a link to set up for somebody else; one's own account is renewed with a proof, on its own page."""
    with who.writing() as connection:
        name = account(connection, who.actor, id, who.now).user.name
        if id == who.actor.user_id:
            raise NotAllowed(t("Your own account is set up anew under My account."))
        token = make_set_up_link(connection, who.actor, name, who.now)
    return _linked(who, name, token)


@routes.get("/users/{id}/close")
def ask(who: Administrator, id: int) -> Response:
    """Ask before an account is closed: it is not opened again. Nobody closes their own."""
    if id == who.actor.user_id:
        return go("/users")
    with who.reading() as connection:
        found = account(connection, who.actor, id, who.now)
    return who.render("accounts/close.html", one=found, words=ROLES[found.user.role][0])


@routes.post("/users/{id}/close")
def close(who: Administrator, id: int, form: Posted) -> Response:
    """Close an account."""
    try:
        with who.writing() as connection:
            name = account(connection, who.actor, id, who.now).user.name
            users.close_user(connection, who.actor, name, who.now)
    except NotAllowed as error:
        return _page(who, FieldError("", error.message))
    return go("/users", "user-closed")


def _linked(who: Visit, name: str, token: str) -> Response:
    return who.render("accounts/link.html", whose=name, url=set_up_url(who.office, token))


def _page(who: Visit, *errors: FieldError, typed: tuple[str, str] = ("", "")) -> Response:
    with who.reading() as connection:
        found = accounts(connection, who.actor, who.now)
    ours = [one for one in found if one.user.role != Role.COMPANY]
    companies = [one for one in found if one.user.role == Role.COMPANY]
    return who.render(
        "accounts/users.html", 422 if errors else 200, errors=list(errors), ours=ours, companies=companies, roles=ROLES,
        offered=OFFERED, typed=typed,
    )  # fmt: skip
