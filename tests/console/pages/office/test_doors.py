"""Every route of the office, tried by everybody: who may come in is said here once more, apart from the code."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlmodel import SQLModel
from starlette.routing import BaseRoute, Mount

from core.database import reading
from registry.accounts.sign_in import Whose, make_link, open_session
from registry.tables import Role
from tests.console.pages.office.desk import NAMES, Desk
from tests.console.pages.surfer import Surfer

OPEN = ("/sign-in", "/set-up/", "/sign-out")
"""Doors before which nobody is known yet; to sign out twice is no fault."""
AUDITORS = ("/ledger", "/audit", "/me", "/settings", "/welcome")
ADMINISTRATORS = ("/users", "/people/{id}/erase")
AUDIT = ("/audit",)
APPROVERS = ("/policy/edit", "/policy/preview", "/policy/activate", "/silences/{id}/agree")
LETS_IN = {200, 204, 286, 303, 404, 413, 415, 422}
"""The reader was let in; what is asked for may be missing. 403 with the token of a page of ours is a refusal."""
PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
VALUES = {"code": "TJ", "kind": "html", "name": "2026-W47", "token": "none"}


def test_every_route_asks_who_comes(shared_desk: Desk) -> None:
    """A stranger, and a company's contact with the cookie of their own portal, get no page of the office, and change nothing."""
    contact = _company(shared_desk)
    before = _rows(shared_desk)
    for method, path in _routes(shared_desk):
        if path.startswith(OPEN):
            continue
        for who in (shared_desk.stranger(), Surfer(shared_desk.app, contact.cookies)):
            answer = who.ask(method, "/office" + _filled(path), follow=False, data={} if method == "POST" else None)
            led = answer.status_code == 303 and answer.headers["location"].startswith("/office/sign-in")
            assert led or answer.status_code == 401, (method, path, answer.status_code)
    assert _rows(shared_desk) == before


@pytest.mark.parametrize("role", list(NAMES))
def test_every_route_knows_its_roles(shared_desk: Desk, role: Role) -> None:
    """Auditors read the ledger and the audit, administrators alone see to users, approvers to rules: nobody gets further."""
    who = shared_desk.as_(role)
    token = shared_desk.as_(role)
    token.get("/office/me")
    for method, path in _routes(shared_desk):
        if path.startswith(OPEN) or method == "POST":
            continue
        status = who.ask(method, "/office" + _filled(path), follow=False).status_code
        if _may(role, path):
            assert status in LETS_IN, (role, path, status)
        else:
            assert status == 403, (role, path, status)


@pytest.mark.parametrize("role", list(NAMES))
def test_every_form_knows_its_roles(office_desk: Desk, role: Role) -> None:
    """What one may not open, one may not send either, be the form as it may: 403 with a good token, and nothing is changed."""
    who = office_desk.as_(role)
    who.get("/office/me")
    before = _rows(office_desk)
    for method, path in _routes(office_desk):
        if method == "POST" and not path.startswith(OPEN) and not _may(role, path):
            answer = who.ask("POST", "/office" + _filled(path), follow=False, data={"form_token": who.token})
            assert answer.status_code == 403, (role, path, answer.status_code)
    assert _rows(office_desk) == before


def test_every_form_needs_a_page_of_ours(office_desk: Desk) -> None:
    """Without the token, with another session's, or sent from another site, no form of the console does anything."""
    chief, other = office_desk.as_(Role.ADMINISTRATOR), office_desk.as_(Role.OFFICER)
    other.get("/office/duty")
    before = _rows(office_desk)
    for method, path in _routes(office_desk):
        if method != "POST":
            continue
        for data, headers in (
            ({"x": "1"}, {}),
            ({"form_token": other.token}, {}),
            ({"form_token": other.token}, {"Sec-Fetch-Site": "cross-site"}),
            ({"x": "1"}, {"Origin": "https://elsewhere.example"}),
        ):
            answer = chief.ask("POST", "/office" + _filled(path), follow=False, data=data, headers=headers)
            assert answer.status_code == 403, (path, answer.status_code)
    assert _rows(office_desk) == before


def _may(role: Role, path: str) -> bool:
    if role is Role.AUDITOR:
        return path.startswith(AUDITORS) or path == "/"
    if path.startswith(ADMINISTRATORS) or path.startswith(AUDIT):
        return role is Role.ADMINISTRATOR
    if path.startswith(APPROVERS) or path in APPROVERS:
        return role in {Role.APPROVER, Role.ADMINISTRATOR}
    return True


def _routes(desk: Desk) -> list[tuple[str, str]]:
    app = desk.app
    assert isinstance(app, FastAPI)
    found = [
        (method, path) for route in app.routes if isinstance(route, Mount) and route.path == "/office"
        for method, path in _inside(route.routes)
    ]  # fmt: skip
    assert len(found) > 80
    return found


def _inside(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    for route in routes:
        methods = getattr(route, "methods", None)
        if methods:
            yield from ((method, str(getattr(route, "path", ""))) for method in methods if method != "HEAD")
        else:
            yield from _inside(getattr(getattr(route, "original_router", route), "routes", []))


def _filled(path: str) -> str:
    return PARAMETER.sub(lambda found: VALUES.get(found.group(1), "1"), path)


def _company(desk: Desk) -> Surfer:
    now, surfer = desk.office.clock.now(), desk.stranger()
    with desk.office.engine.begin() as connection:
        link = make_link(connection, Whose(1, user_id=2), by="test", now=now)
        surfer.cookies.set(
            "lingbao-company-session", open_session(connection, link, device="", now=now), domain="127.0.0.1"
        )
    assert "花果山公司" in surfer.get("/company/")
    return surfer


def _rows(desk: Desk) -> dict[str, int]:
    """Return how many rows each table has; whoever looks may leave a line in the audit, and a use of the session."""
    with reading(desk.office.engine) as connection:
        tables = [one for one in SQLModel.metadata.sorted_tables if one.name not in {"audit", "seal", "attempt_window"}]
        return {one.name: connection.execute(select(func.count()).select_from(one)).scalar_one() for one in tables}
