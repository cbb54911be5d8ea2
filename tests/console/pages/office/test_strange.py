"""Every page and form of the console, given numbers that no database has: a refusal in words, never a fault of ours."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount

from registry.tables import Role
from tests.console.pages.office.desk import Desk
from tests.console.pages.office.drafted import sent
from tests.console.pages.office.test_doors import PARAMETER, VALUES

HUGE = ("9223372036854775808", "9" * 4400)
"""One more than SQLite holds (and the ids of PostgreSQL, too), and more digits than Python reads."""


@pytest.mark.parametrize("huge", HUGE, ids=["column", "digits"])
def test_no_number_is_too_large_to_be_refused(office_desk: Desk, huge: str) -> None:
    """As a number in an address, and as every value after the question mark."""
    who = office_desk.as_(Role.ADMINISTRATOR)
    who.get("/office/me")
    faults = []
    for route in _routes(office_desk):
        for method in (route.methods or set()) - {"HEAD"}:
            path = "/office" + PARAMETER.sub(lambda found: VALUES.get(found.group(1), huge), route.path)
            asked = {one.name: huge for one in route.dependant.query_params}
            known = "/office" + PARAMETER.sub(lambda found: VALUES.get(found.group(1), "1"), route.path)
            for address, query in {(path, False), (known, True)} if asked else {(path, False)}:
                data = {"form_token": who.token} if method == "POST" else None
                try:
                    answer = who.ask(method, address, follow=False, params=asked if query else None, data=data)
                    status = answer.status_code
                except (OverflowError, ValueError):  # what the server would answer with 500
                    status = 500
                if status >= 500:
                    faults.append((method, address[:60], query))
    assert faults == []


def test_a_form_that_gives_a_file_can_be_sent_again(office_desk: Desk) -> None:
    """The script of a page lets a form go once; where the answer is a file the page stays, and the next press must work, too."""
    chief, number = office_desk.as_(Role.ADMINISTRATOR), sent(office_desk, ask_safe=True)
    for path in ("/people", "/people/1", "/audit", f"/alerts/{number}/safety"):
        chief.get(f"/office{path}")
        forms = re.findall(r'<form [^>]*action="[^"]*/export"[^>]*>', chief.page.text)
        assert forms, path
        assert all("data-again" in one for one in forms), forms


def _routes(desk: Desk) -> list[APIRoute]:
    assert isinstance(desk.app, FastAPI)
    [office] = [one for one in desk.app.routes if isinstance(one, Mount) and one.path == "/office"]
    return list(_inside(office.routes))


def _inside(routes: list[BaseRoute]) -> list[APIRoute]:
    found: list[APIRoute] = []
    for one in routes:
        inner = getattr(getattr(one, "original_router", one), "routes", [])
        found += [one] if isinstance(one, APIRoute) else _inside(inner)
    return found
