"""Companies are apart at the portal too: every route, with every id, file and name of B under the session of A.

The routes are taken from the application; a new one fails here until it says how it is called.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Mount

from console.api.ids import Ids, Kind
from core.database import reading
from registry.enrol import index_key
from tests.console.api.test_apart import statements
from tests.console.api.world import SECRETS_OF_B, everything, roster
from tests.console.pages.company.portal import MAILS, Portal
from tests.console.pages.surfer import Surfer

OWN_BOOKS = frozenset({"audit", "web_session", "attempt_window"})
"""Written by every look, whoever looks: that it was, and how often."""
NONSENSE = "0123456789abcdef"
Route = tuple[str, str]
STAY = {"status": "returned", "city": "x", "state": "x"}
CALLS: dict[Route, dict[str, Any]] = {
    ("GET", "/"): {}, ("POST", "/unchanged"): {}, ("POST", "/questions/{id}"): {"said": "returned"},
    ("GET", "/rosters"): {}, ("POST", "/rosters"): {"kind": "part"}, ("GET", "/rosters/{id}"): {},
    ("GET", "/rosters/{id}/annotated"): {}, ("POST", "/rosters/{id}/mend"): {"cell.0.2.0": "x"},
    ("POST", "/rosters/{id}/apply"): {}, ("POST", "/rosters/{id}/discard"): {}, ("POST", "/imports/{id}/undo"): {},
    ("GET", "/people"): {}, ("POST", "/people/search"): {"text": "林黛玉"}, ("GET", "/people/{id}"): {},
    ("POST", "/people/{id}/stays/{stay}"): STAY, ("POST", "/people/{id}/stays"): {"country": "KE", "state": "x"},
    ("POST", "/people/{id}/addresses"): {"value": "+260977123000", "state": "x"},
    ("POST", "/people/{id}/addresses/{address}/stop"): {"state": "x"}, ("POST", "/people/{id}/erase"): {"sure": "yes"},
    ("GET", "/alerts"): {}, ("GET", "/contacts"): {}, ("POST", "/contacts"): {"name": "甲", "mail": "new@a.example.com"},
    ("POST", "/contacts/{id}/end"): {}, ("POST", "/digest"): {"rhythm": "daily"}, ("GET", "/settings"): {}, ("POST", "/tokens"): {},
    ("POST", "/tokens/{id}/revoke"): {}, ("POST", "/sessions/{id}/end"): {}, ("POST", "/export"): {"format": "csv"},
    ("POST", "/sign-out"): {}, ("GET", "/doubles"): {}, ("POST", "/doubles/{id}/{other}"): {"said": "two-people"},
    ("GET", "/alerts/{id}/safety"): {}, ("POST", "/alerts/{id}/safety"): {"answer": "safe", "person": "0123456789abcdef"},
}  # fmt: skip
OPEN = {("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/sign-in/sent"), ("GET", "/sign-in/{token}"),
        ("POST", "/sign-in/{token}")}  # fmt: skip
"""For whoever comes: they show nothing of anybody (`test_sign_in`)."""


def routes(portal: Portal) -> list[Route]:
    """Return every route of the portal, as FastAPI itself would describe them."""
    app = portal.a.app
    assert isinstance(app, FastAPI)
    (room,) = (route.app for route in app.routes if isinstance(route, Mount) and route.path == "/company")
    assert isinstance(room, FastAPI)
    return [(method.upper(), path) for path, methods in room.openapi()["paths"].items() for method in methods]


def ids_of_b(portal: Portal) -> dict[Kind, str]:
    """Return the public ids of something of B of every kind, as B's own pages show them."""
    b = portal.b
    found: dict[Kind, str] = {}
    pages = (
        ("/company/people?show=all", "/company/people/", Kind.PERSON), ("/company/rosters", "/company/imports/", Kind.ROSTER),
        ("/company/contacts", "/company/contacts/", Kind.CONTACT), ("/company/settings", "/company/tokens/", Kind.TOKEN),
        ("/company/settings", "/company/sessions/", Kind.SESSION), ("/company/", "/company/questions/", Kind.QUESTION),
        ("/company/rosters", "/company/rosters/", Kind.DRAFT),
    )  # fmt: skip
    for page, start, kind in pages:
        b.get(page)
        found[kind] = next(one for one in (link.split("/")[3] for link in b.links(start)) if one != "search")
    b.get(f"/company/people/{found[Kind.PERSON]}")
    for start, kind in (("stays", Kind.POSTING), ("addresses", Kind.ADDRESS)):
        links = b.links(f"/company/people/{found[Kind.PERSON]}/{start}/")
        found[kind] = links[0].split("/")[5]
    return found


def furnish(portal: Portal) -> None:
    """Give both companies a list that waits, a question, and a second session."""
    for surfer, mail, names in ((portal.a, MAILS["a"], "孙悟空"), (portal.b, MAILS["b"], "林黛玉")):
        rows = (
            (
                names,
                "塔吉克斯坦",
                "",
                "+992935000001" if names == "孙悟空" else "+992935009001",
                "",
                "",
                "",
                "",
                "在外",
            ),
        )
        for kind in ("full", "part"):
            surfer.get("/company/rosters")
            surfer.post("/company/rosters", files={"file": (f"{names}.csv", roster(rows))}, kind=kind)
            if kind == "full":
                surfer.post(surfer.page.url.path + "/apply")
        portal.sign_in(Surfer(portal.a.app), mail)


def guesses(portal: Portal) -> list[str]:
    """Return ids of B as B has them, all as A would have them had A broken the cipher, and nonsense."""
    theirs = ids_of_b(portal)
    with reading(portal.world.office.engine) as connection:
        secret = index_key(connection, portal.world.office.keys)
    a, b = (Ids(secret, one.employer_id) for one in (portal.world.a, portal.world.b))
    forged = [a.show(kind, b.read(kind, text)) for kind, text in theirs.items()]
    return [*forged, theirs[Kind.PERSON], theirs[Kind.DRAFT], "none-such"]


def call(surfer: Surfer, route: Route, guess: str, **more: Any) -> httpx.Response:
    """Call a route with an id in every gap, and the right token of a form."""
    path = route[1]
    for gap in ("{id}", "{stay}", "{address}", "{other}"):
        path = path.replace(gap, guess)
    if route[0] == "GET":
        return surfer.ask("GET", f"/company{path}", **more)
    data = {"form_token": surfer.token, **CALLS[route]}
    files = {"file": ("x.csv", b"x")} if route[1] == "/rosters" else None
    return surfer.ask("POST", f"/company{path}", data=data, files=files, **more)


def plain(answer: httpx.Response, guess: str) -> tuple[int, str]:
    """Return an answer without what is the caller's own word in it."""
    return answer.status_code, answer.text.replace(guess, "?")


def test_every_route_is_tried(shared: Portal) -> None:
    """The tests here know every route of the portal, and none that is gone."""
    assert set(routes(shared)) == set(CALLS) | OPEN


def test_ids_of_another_company_are_not_there(two: Portal) -> None:
    """On every route with an id every guess gets the answer of nonsense, after the same statements, and changes nothing."""
    furnish(two)
    tried, a = guesses(two), two.a
    a.get("/company/")
    before = everything(two.world.office.engine, OWN_BOOKS)
    for route in routes(two):
        if "{id}" not in route[1]:
            continue
        found = []
        for guess in (NONSENSE, *tried):
            with statements(two.world.office.engine) as done:
                answer = call(a, route, guess)
            assert answer.status_code == 404, (route, guess, answer.text)
            assert [one for one in (*SECRETS_OF_B, MAILS["b"]) if one in answer.text] == []
            found.append((plain(answer, guess), done))
        for one in found:
            assert one == found[0], route
    assert everything(two.world.office.engine, OWN_BOOKS) == before


def test_rows_of_b_cannot_be_slipped_into_forms_of_ones_own(light: Portal) -> None:
    """A stay or an address of B under A's own person, and B's as the one to end: not there, and nothing is changed."""
    furnish(light)
    tried, a = guesses(light), light.a
    a.get("/company/people?show=all")
    person = next(one for one in a.links("/company/people/") if "search" not in one)
    before = everything(light.world.office.engine, OWN_BOOKS)
    for guess in tried:
        a.get(person)
        state = a.page.text.split('name="state" value="')[1].split('"')[0]
        for path, more in (
            (f"{person}/stays/{guess}", {"status": "returned"}), (f"{person}/addresses/{guess}/stop", {}),
            (f"{person}/stays", {"country": "KE", "ends": guess}),
        ):  # fmt: skip
            a.post(path, 404, state=state, **more)
    assert everything(light.world.office.engine, OWN_BOOKS) == before


def test_no_page_without_an_id_tells_of_b(light: Portal) -> None:
    """Everything else A can open and send: nothing of B is in the answers, and B's pages are as they were."""
    furnish(light)
    before = _pages_of_b(light)
    for route in routes(light):
        if "{" not in route[1] and route in CALLS and route != ("POST", "/sign-out"):
            light.a.get("/company/")
            answer = call(light.a, route, "")
            assert answer.status_code in {200, 422}, (route, answer.text)
            shown = answer.text.replace("林黛玉", "") if route[1] == "/people/search" else answer.text
            assert [one for one in (*SECRETS_OF_B, MAILS["b"], "contact/") if one in shown] == [], route
    for query in ("?country=TJ", "?show=all", "?show=stale", "?after=" + "0" * 48, "?country=%27%20OR%201=1--"):
        assert [one for one in SECRETS_OF_B if one in light.a.ask("GET", "/company/people" + query).text] == []
    assert _pages_of_b(light) == before


def _pages_of_b(portal: Portal) -> list[str]:
    pages = ("/company/", "/company/people?show=all", "/company/rosters", "/company/alerts", "/company/contacts")
    return [portal.b.get(one).replace(portal.b.token, "") for one in pages]


def test_finding_b_is_the_work_of_finding_nobody(light: Portal) -> None:
    """B's names and numbers as a search find nothing, after the statements it takes to find nobody."""
    for theirs, nobody in (
        ("林黛玉", "无此人"),
        ("+992935009001", "+992935000999"),
        ("daiyu@example.com", "no@example.com"),
    ):
        found = []
        for text in (theirs, nobody):
            light.a.get("/company/people")
            with statements(light.world.office.engine) as done:
                found.append((light.a.post("/company/people/search", text=text).replace(text, "?"), list(done)))
        assert found[0] == found[1]
        assert "Nobody of yours" in found[0][0]


@pytest.fixture
def outside(shared: Portal) -> Surfer:
    """Give a browser that is not signed in, and has a token for forms."""
    surfer = Surfer(shared.a.app)
    surfer.get("/company/sign-in")
    return surfer


def test_without_a_session_there_is_nothing(shared: Portal, outside: Surfer) -> None:
    """Every route leads a stranger to the sign-in or says that nobody is signed in: the same for what is and what is not there."""
    theirs = ids_of_b_person(shared)
    before = everything(shared.world.office.engine, OWN_BOOKS)
    for route in CALLS:
        found = [plain(call(outside, route, guess, follow=False), guess) for guess in (theirs, NONSENSE)]
        assert found[0] == found[1]
        assert found[0][0] == (303 if route[0] == "GET" else 401), route
    assert everything(shared.world.office.engine, OWN_BOOKS) == before


def ids_of_b_person(portal: Portal) -> str:
    """Return the public id of somebody of B."""
    portal.b.get("/company/people?show=all")
    return next(one for one in portal.b.links("/company/people/") if "search" not in one).split("/")[3]


def test_every_form_needs_its_token(shared: Portal) -> None:
    """No form of A's own session works without the token, or with that of B's page: nothing is changed."""
    shared.b.get("/company/")
    foreign = shared.b.token
    before = everything(shared.world.office.engine, OWN_BOOKS)
    for route in CALLS:
        if route[0] == "POST":
            for token in ("", foreign):
                answer = shared.a.ask("POST", "/company" + route[1], data={**CALLS[route], "form_token": token})
                assert answer.status_code == 403, route
    assert everything(shared.world.office.engine, OWN_BOOKS) == before
