"""Companies are apart: with a valid token and with guesses, A sees, counts, infers and changes nothing of B.

Every route of the description is tried; a new one fails here until it says how it is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from sqlalchemy import Connection, Engine, event

from console.api.ids import Ids, Kind
from core.database import reading
from registry.enrol import index_key
from tests.console.api.test_people import WUJING, named, post, read
from tests.console.api.world import BASE, CSV, SECRETS_OF_B, Company, World, everything, request, roster

OWN_BOOKS = frozenset({"rate_window", "user_token", "api_call", "audit"})
"""Written by every call, whoever calls: how often, with which token, under which key."""
NONSENSE = "0123456789abcdef"
Route = tuple[str, str]
CALLS: dict[Route, dict[str, Any]] = {
    ("GET", "/me"): {},
    ("GET", "/people"): {},
    ("POST", "/people"): {"json": WUJING},
    ("GET", "/people/{id}"): {},
    ("PATCH", "/people/{id}"): {"json": {"language": "en"}},
    ("POST", "/people/{id}/postings"): {"json": {"country": "ZM"}},
    ("POST", "/confirmations"): {},
    ("POST", "/rosters"): {"headers": CSV, "content": roster((("金角", "赞比亚", "", "+260977000111", "", "", "", "", "在外"),))},
    ("GET", "/rosters/{id}"): {},
    ("POST", "/rosters/{id}/undo"): {},
    ("GET", "/notices"): {},
    ("GET", "/alerts"): {},
}  # fmt: skip
"""How each route is called well, but for ids."""


def routes(world: World) -> Iterator[Route]:
    """Yield every route of the description."""
    found = request(world.a.app, "GET", f"{BASE}/openapi.json").json()["paths"]
    for path, operations in found.items():
        yield from ((method.upper(), path) for method in operations)


def ids_of_b(world: World) -> dict[Kind, str]:
    """Return an id of each kind as B sees it."""
    person = world.b.get("/people")["items"][0]
    notice = world.b.get("/notices")["items"][0]
    return {
        Kind.PERSON: person["id"], Kind.POSTING: person["postings"][0]["id"], Kind.ADDRESS: person["addresses"][0]["id"],
        Kind.ROSTER: world.rosters["b"], Kind.NOTICE: notice["id"], Kind.ALERT: notice["alert"],
        Kind.CURSOR: world.b.get("/people", limit=1)["next"],
    }  # fmt: skip


def guesses(world: World) -> list[str]:
    """Return what A may try: ids of B as B has them, B's rows as A's own ids would name them, plain numbers, nonsense."""
    theirs = ids_of_b(world)
    with reading(world.office.engine) as connection:
        secret = index_key(connection, world.office.keys)
    a, b = Ids(secret, world.a.employer_id), Ids(secret, world.b.employer_id)
    rows = {kind: b.read(kind, text) for kind, text in theirs.items() if kind is not Kind.CURSOR}
    named_by_a = [a.show(kind, number) for kind, number in rows.items()]
    return sorted({*theirs.values(), *named_by_a, *map(str, rows.values()), "0", "-1", "%2e%2e", "1 OR 1=1", "9" * 30})


def call(company: Company, route: Route, id: str, **headers: str) -> httpx.Response:
    """Call a route well, with this id."""
    method, path = route
    more = dict(CALLS[route])
    given = {"If-Match": '"x"', **company.key(), **more.pop("headers", {}), **headers}
    return company.call(method, path.replace("{id}", id), headers=given, **more)


def of_b(world: World) -> Any:
    """Return everything that B sees of itself."""
    with_country = [world.b.get("/people", country=code)["items"] for code in ("TJ", "ZM", "AO")]
    return (
        [world.b.get(path) for path in ("/people", "/notices", "/alerts", "/me")],
        with_country,
        world.b.get(f"/rosters/{world.rosters['b']}"),
    )


def tells_of_b(answer: httpx.Response, world: World) -> list[str]:
    """Return what an answer tells of B: names, numbers, ids, and the codes of its users."""
    text = answer.text + repr(sorted(answer.headers.items()))
    return [one for one in (*SECRETS_OF_B, *ids_of_b(world).values()) if one in text]


def test_every_route_is_tried(light: World) -> None:
    """The tests here know every route of the description, and none that is gone."""
    assert set(routes(light)) == set(CALLS)


def test_ids_of_another_company_are_not_there(two: World) -> None:
    """On every route that takes an id, every guess gets the answer of nonsense, byte for byte, and changes nothing."""
    tried = guesses(two)
    before = everything(two.office.engine, OWN_BOOKS)
    for route in routes(two):
        if "{id}" not in route[1]:
            continue
        plain = call(two.a, route, NONSENSE)
        assert plain.status_code == 404, (route, plain.text)
        for guess in tried:
            answer = call(two.a, route, guess)
            assert (answer.status_code, answer.content) == (404, plain.content), (route, guess)
            headers = [
                {k: v for k, v in one.headers.items() if not k.startswith(("ratelimit", "x-request-id"))}
                for one in (answer, plain)
            ]
            assert headers[0] == headers[1]
            assert tells_of_b(answer, two) == []
    assert everything(two.office.engine, OWN_BOOKS) == before


def test_no_route_without_an_id_tells_of_b(two: World) -> None:
    """Lists, counts, and everything A can write: nothing of B is in the answers, and B is as it was."""
    before = of_b(two)
    for route in routes(two):
        if "{id}" not in route[1]:
            for query in ("", "?apply=true&full=true") if route == ("POST", "/rosters") else ("",):
                method, path = route
                more = dict(CALLS[route])
                headers = {**two.a.key(), **more.pop("headers", {})}
                answer = two.a.call(method, path + query, headers=headers, **more)
                assert answer.status_code in {200, 201}, (route, answer.text)
                assert [one for one in tells_of_b(answer, two) if one != shared_alert(two)] == [], route
    assert of_b(two) == before


def shared_alert(world: World) -> str:
    """Return B's id of the alert that both companies got: A has another id for it."""
    own, other = (one.get("/alerts")["items"][0] for one in (world.a, world.b))
    assert own["id"] != other["id"]
    return str(other["id"])


def test_filters_do_not_reach_b(two: World) -> None:
    """B's names, numbers, people and alerts as filters find nothing, as those of nobody do; B's cursors are none."""
    theirs = ids_of_b(two)
    nobody = {"items": [], "next": None}
    for query in ({"name": "林黛玉"}, {"phone": "+992935009001"}, {"name": "无此人"}, {"phone": "+992935000999"}):
        assert two.a.get("/people", **query) == nobody
    for name in ("alert", "person"):
        for guess in (theirs[Kind.ALERT], theirs[Kind.PERSON], NONSENSE):
            assert two.a.get("/notices", **{name: guess}) == nobody
    for path in ("/people", "/notices"):
        for cursor in (theirs[Kind.CURSOR], NONSENSE * 3):
            assert two.a.call("GET", path, params={"after": cursor}).status_code == 404


def test_rows_of_b_cannot_be_slipped_into_a_change(two: World) -> None:
    """A stay or an address of B named in a change of A's own person: not there, and neither company is changed."""
    theirs = ids_of_b(two)
    person, etag = read(two.a, named(two.a, "孙悟空")["id"])
    before = everything(two.office.engine, OWN_BOOKS)
    for kind, change in (
        (Kind.POSTING, lambda one: {"posting": {"id": one, "status": "returned"}}),
        (Kind.ADDRESS, lambda one: {"stop_addresses": [one]}),
    ):
        for guess in (theirs[kind], forged(two, kind, theirs[kind]), NONSENSE):
            answer = two.a.call("PATCH", f"/people/{person['id']}", json=change(guess), headers={"If-Match": etag})
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert everything(two.office.engine, OWN_BOOKS) == before


def forged(world: World, kind: Kind, text: str) -> str:
    """Return the id that A would have for a row of B, had A broken the cipher."""
    with reading(world.office.engine) as connection:
        secret = index_key(connection, world.office.keys)
    return Ids(secret, world.a.employer_id).show(kind, Ids(secret, world.b.employer_id).read(kind, text))


def test_the_keys_of_b_are_free_for_a(two: World) -> None:
    """An idempotency key that B has used is new for A, whatever it asks for, and the other way round."""
    key = {"Idempotency-Key": "the-same-key-of-two"}
    first = two.b.call("POST", "/people", json={"name": "史湘云"}, headers=key)
    second = two.a.call("POST", "/people", json={"name": "牛魔王"}, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert (first.json()["name"], second.json()["name"]) == ("史湘云", "牛魔王")
    assert tells_of_b(second, two) == []


def test_who_is_registered_elsewhere_can_be_registered_here(two: World) -> None:
    """Name and number of somebody of B are no hindrance and no secret: A gets the answer it gets for anybody, B keeps its own."""
    before = of_b(two)
    body = {"name": "林黛玉", "addresses": [{"channel": "sms", "value": "+992935009001"}]}
    answer = post(two.a, "/people", body)
    assert (answer.status_code, set(answer.json())) == (
        201,
        {"id", "name", "language", "postings", "addresses", "contacts"},
    )
    assert answer.json()["id"] != ids_of_b(two)[Kind.PERSON]
    told = two.a.apply(
        (
            ("林黛玉", "塔吉克斯坦", "", "+992935009001", "", "", "", "", "在外"),
            ("薛宝钗", "赞比亚", "", "+260977999888", "", "", "", "", "在外"),
        ),
        full="true",
    )
    assert told["people"] == {
        "joined": 1, "left": 3, "moved": 1, "changed": 0, "unchanged": 0, "doubtful": 0, "unclear": 0, "left_out": 0,
    }  # fmt: skip
    assert told["findings"] == []
    assert of_b(two) == before


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Write down every statement that is executed, without its values."""
    found: list[str] = []

    def note(connection: Connection, cursor: object, statement: str, *more: object) -> None:
        found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def work_of(world: World, method: str, path: str, **more: Any) -> tuple[int, list[str]]:
    """Return status and statements of a call by A."""
    with statements(world.office.engine) as found:
        status = world.a.call(method, path, **more).status_code
    return status, found


def test_what_b_has_costs_the_work_of_what_nobody_has(two: World) -> None:
    """Not by the clock, but by what could make a difference: the same statements, in number and words, for B's as for nobody's."""
    theirs = ids_of_b(two)
    two.a.get("/me")  # the first call of a minute clears away those before
    for method, path in routes(two):
        if "{id}" in path:
            kind = Kind.ROSTER if "rosters" in path else Kind.PERSON
            more = dict(CALLS[method, path])
            work = []
            for guess in (theirs[kind], forged(two, kind, theirs[kind]), NONSENSE):
                headers = {"If-Match": '"x"', **two.a.key()}
                work.append(work_of(two, method, path.replace("{id}", guess), headers=headers, **more))
            assert work[0] == work[1] == work[2], path
    for b, nobody in (
        ({"name": "林黛玉"}, {"name": "无此人"}), ({"phone": "+992935009001"}, {"phone": "+992935000999"}),
    ):  # fmt: skip
        assert work_of(two, "GET", "/people", params=b) == work_of(two, "GET", "/people", params=nobody)


def test_registering_somebody_of_b_is_the_work_of_registering_anybody(two: World) -> None:
    """Whether name, number or mail exist at B shows neither in the answer nor in the statements: nothing is unique across."""
    known = {"name": "林黛玉", "addresses": [{"channel": "sms", "value": "+992935009001"},
                                            {"channel": "email", "value": "daiyu@example.com"}]}  # fmt: skip
    fresh = {"name": "铁扇公主", "addresses": [{"channel": "sms", "value": "+992935000555"},
                                              {"channel": "email", "value": "fan@example.com"}]}  # fmt: skip
    two.a.get("/me")
    one, other = (work_of(two, "POST", "/people", json=body, headers=two.a.key()) for body in (known, fresh))
    assert one == other
    assert one[0] == 201


def test_a_shared_number_tells_nothing_of_the_others(two: World) -> None:
    """Where people of both share a number, they share a notice: A learns what became of it, and not that it is for more."""
    post(two.a, "/people", {"name": "红孩儿", "postings": [{"country": "TJ"}],
                            "addresses": [{"channel": "sms", "value": "+992935009001"}]})  # fmt: skip
    two.home.release(4)
    notices = [one for one in two.a.get("/notices")["items"] if one["level"] == 4]
    assert len(notices) == 3
    assert {frozenset(one) for one in notices} == {frozenset(notices[0])}
    assert not {"people", "address", "doubtful"} & set(notices[0])
    assert len({one["state"] for one in notices}) == 1


def test_without_a_token_there_is_nothing(light: World) -> None:
    """Neither a stranger, nor a wrong token, nor one of the office gets anywhere; all strangers get one answer."""
    words = ("", "Bearer ", "Bearer nonsense", f"Basic {light.a.token}", light.a.token, f"Bearer {light.a.token}x")
    for method, path in routes(light):
        address = BASE + path.replace("{id}", light.rosters["b"])
        answers = [request(light.a.app, method, address, headers={"Authorization": word}) for word in words]
        assert {one.status_code for one in answers} == {401}
        assert len({one.content for one in answers}) == 1
        assert {one.headers["www-authenticate"] for one in answers} == {"Bearer"}
        office = request(light.a.app, method, address, headers={"Authorization": f"Bearer {light.chief}"})
        assert (office.status_code, office.json()["code"]) == (403, "company-only")
