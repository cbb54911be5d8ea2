"""People and postings over the API: what each route promises."""

from __future__ import annotations

from typing import Any

from core.database import reading, writing
from registry import scope
from registry.actors import SYSTEM
from registry.enrol import Sealer, index_key
from registry.rights.correct import correct
from registry.rights.model import Correction
from registry.scope.consents import last_words
from tests.console.api.world import Company, World

WUJING = {
    "name": "唐三藏", "language": "en", "consent_abroad": True,
    "postings": [{"country": "TJ", "city": "杜尚别", "date_from": "2026-11-01", "date_to": "2027-03-01"}],
    "addresses": [{"channel": "sms", "value": "+992935000077"}, {"channel": "email", "value": "sanzang@example.com"}],
    "contacts": [{"name": "陈光蕊", "relation": "父", "phone": "+8613800138000"}],
}  # fmt: skip


def post(company: Company, path: str, body: Any, **headers: str) -> Any:
    """Return the answer to a POST with a new key."""
    return company.call("POST", path, json=body, headers=company.key() | headers)


def named(company: Company, name: str) -> Any:
    """Return the one person of a name."""
    (found,) = company.get("/people", name=name)["items"]
    return found


def read(company: Company, person: str) -> tuple[Any, str]:
    """Return a person and the ETag."""
    answer = company.call("GET", f"/people/{person}")
    assert answer.status_code == 200, answer.text
    return answer.json(), answer.headers["etag"]


def patch(company: Company, person: str, change: Any, etag: str) -> Any:
    """Return the answer to a PATCH."""
    return company.call("PATCH", f"/people/{person}", json=change, headers={"If-Match": etag})


def test_a_person_is_registered_and_read_again(two: World) -> None:
    """What was sent comes back: stays, addresses in order, contacts, and whoever sees only the API sees no row number."""
    made = post(two.a, "/people", WUJING)
    assert made.status_code == 201, made.text
    body, etag = read(two.a, made.json()["id"])
    assert (body, etag) == (made.json(), made.headers["etag"])
    assert (body["name"], body["language"]) == ("唐三藏", "en")
    assert [(a["channel"], a["value"]) for a in body["addresses"]] == [
        ("sms", "+992935000077"), ("email", "sanzang@example.com"),
    ]  # fmt: skip
    (stay,) = body["postings"]
    assert (stay["country"], stay["status"], stay["date_to"], stay["stale"]) == ("TJ", "abroad", "2027-03-01", False)
    assert body["contacts"] == WUJING["contacts"]
    assert two.a.get("/me")["people"] == 4


def test_pages_follow_each_other(light: World) -> None:
    """Page by page everybody comes once, and the last page says that it is the last."""
    seen: list[str] = []
    after = ""
    while True:
        page = light.a.get("/people", limit=2, after=after)
        seen += [one["name"] for one in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == ["孙悟空", "猪八戒", "沙悟净"]


FILTERS: list[tuple[dict[str, str], list[str]]] = [
    ({"country": "TJ"}, ["孙悟空", "猪八戒"]), ({"country": "ZM", "status": "abroad"}, ["沙悟净"]), ({"country": "FR"}, []),
    ({"status": "returned"}, []), ({"name": "猪 八戒"}, ["猪八戒"]), ({"phone": "+260977123456"}, ["沙悟净"]),
    ({"phone": "260977123456"}, []), ({"name": "孙悟空", "country": "ZM"}, []),
]  # fmt: skip


def test_filters_narrow(light: World) -> None:
    """By country, status, exact name and exact number, all of them together."""
    for query, names in FILTERS:
        assert [one["name"] for one in light.a.get("/people", **query)["items"]] == names, query


def test_a_change_changes_what_it_names(two: World) -> None:
    """Language, stay and addresses are put right, the stay counts as confirmed, and all else is as before."""
    person, etag = read(two.a, named(two.a, "孙悟空")["id"])
    stay, mail = person["postings"][0]["id"], person["addresses"][1]["id"]
    change = {
        "language": "en", "posting": {"id": stay, "city": "彭吉肯特", "date_to": "2027-01-31"},
        "add_addresses": [{"channel": "sms", "value": "+8613900139000"}], "stop_addresses": [mail],
    }  # fmt: skip
    answer = patch(two.a, person["id"], change, etag)
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert (after["language"], after["name"]) == ("en", "孙悟空")
    assert (after["postings"][0]["city"], after["postings"][0]["country"]) == ("彭吉肯特", "TJ")
    assert after["postings"][0]["confirmed_at"] > person["postings"][0]["confirmed_at"]
    assert {a["value"]: a["stopped_at"] is not None for a in after["addresses"]} == {
        "+992935000001": False, "wukong@example.com": True, "+8613900139000": False,
    }  # fmt: skip
    assert answer.headers["etag"] != etag
    assert read(two.a, person["id"]) == (after, answer.headers["etag"])


def test_consent_to_providers_abroad_changes(two: World) -> None:
    """A company says yes and no for its people; what the person themselves withdrew it cannot give, and is told so."""
    person, etag = read(two.a, named(two.a, "猪八戒")["id"])
    for foreign in (True, False, True):
        answer = patch(two.a, person["id"], {"consent_abroad": foreign}, etag)
        assert answer.status_code == 200, answer.text
        etag = answer.headers["etag"]
        assert agreed(two, "猪八戒") is foreign
    withdraw(two, "猪八戒")
    answer = patch(two.a, person["id"], {"consent_abroad": True, "language": "en"}, etag)
    assert (answer.status_code, answer.json()["code"]) == (422, "withdrawn")
    assert (agreed(two, "猪八戒"), read(two.a, person["id"])[0]["language"]) == (False, "zh")


def who(world: World, name: str) -> tuple[int, Sealer]:
    """Return the number of a person, and what it takes to write for the office."""
    office = world.office
    with reading(office.engine) as connection:
        secret = index_key(connection, office.keys)
        (one,) = scope.find_exact(connection, SYSTEM, secret, name=name)
    return one, Sealer(office.keys, secret, SYSTEM.name, office.clock.now())


def agreed(world: World, name: str) -> bool:
    """Tell whether a person agrees to providers abroad."""
    one, _ = who(world, name)
    with reading(world.office.engine) as connection:
        return last_words(connection, SYSTEM, [one])[one].foreign


def withdraw(world: World, name: str) -> None:
    """Let the office write down that the person withdrew consent."""
    one, sealer = who(world, name)
    with writing(world.office.engine) as connection:
        correct(connection, SYSTEM, one, Correction(foreign=False), sealer=sealer)


def test_nobody_overwrites_what_they_have_not_seen(two: World) -> None:
    """Without If-Match 428, with the mark of an older state 412, and nothing is changed by either."""
    person, etag = read(two.a, named(two.a, "猪八戒")["id"])
    missing = two.a.call("PATCH", f"/people/{person['id']}", json={"language": "en"})
    assert (missing.status_code, missing.json()["code"]) == (428, "if-match")
    assert patch(two.a, person["id"], {"language": "en"}, etag).status_code == 200
    stale = patch(two.a, person["id"], {"language": "zh"}, etag)
    assert (stale.status_code, stale.json()["code"]) == (412, "changed")
    assert read(two.a, person["id"])[0]["language"] == "en"


def test_back_home_is_a_status(light: World) -> None:
    """Whoever is said to have returned is in no country any more."""
    person, etag = read(light.a, named(light.a, "沙悟净")["id"])
    change = {"posting": {"id": person["postings"][0]["id"], "status": "returned"}}
    assert patch(light.a, person["id"], change, etag).status_code == 200
    assert light.a.get("/people", country="ZM")["items"] == []
    assert len(light.a.get("/people", status="returned")["items"]) == 1


def test_one_more_stay(two: World) -> None:
    """A person who goes on to another country has a stay more."""
    person = named(two.a, "沙悟净")
    answer = post(
        two.a, f"/people/{person['id']}/postings", {"country": "AO", "status": "planned", "date_from": "2026-12-01"}
    )
    assert answer.status_code == 201, answer.text
    assert [(s["country"], s["status"]) for s in answer.json()["postings"]] == [("ZM", "abroad"), ("AO", "planned")]


def test_nothing_has_changed(two: World) -> None:
    """One call confirms every stay."""
    assert two.a.call("POST", "/confirmations", headers=two.a.key()).json() == {"confirmed": 3}
    stays = [stay for one in two.a.get("/people")["items"] for stay in one["postings"]]
    assert {stay["confirmed_at"] for stay in stays} == {"2026-11-22T00:01:00Z"}


def test_the_same_person_again_is_refused_with_who_it_is(light: World) -> None:
    """Name and a shared address are one person within a company; a name alone is not."""
    known = named(light.a, "孙悟空")["id"]
    again = {"name": "孙 悟空", "addresses": [{"channel": "email", "value": "WUKONG@example.com"}]}
    answer = post(light.a, "/people", again)
    assert (answer.status_code, answer.json()["code"], answer.json()["person"]) == (409, "known", known)
    assert post(light.a, "/people", {"name": "孙悟空"}).status_code == 201


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "body/name"), ({"name": "\u200b "}, "body/name"), ({"name": "a\x00b"}, "body/name"), ({}, "body/name"),
    ({"name": "甲", "language": "xx"}, "body/language"), ({"name": "甲", "role": "x"}, "body/role"),
    ({"name": "甲", "postings": [{"country": "XX"}]}, "body/postings/0/country"),
    ({"name": "甲", "postings": [{"country": "TJ", "date_from": "2026-13-01"}]}, "body/postings/0/date_from"),
    ({"name": "甲", "postings": [{"country": "TJ", "date_from": "2026-12-02", "date_to": "2026-12-01"}]}, "body/postings/0"),
    ({"name": "甲", "addresses": [{"channel": "sms", "value": "13800138000"}]}, "body/addresses/0"),
    ({"name": "甲", "addresses": [{"channel": "sms", "value": "+99"}]}, "body/addresses/0"),
    ({"name": "甲", "addresses": [{"channel": "email", "value": "a@b@c"}]}, "body/addresses/0"),
    ({"name": "甲", "addresses": [{"channel": "email", "value": "a@example.com b@example.com"}]}, "body/addresses/0"),
    ({"name": "甲", "contacts": [{"name": "乙", "phone": "110"}]}, "body/contacts/0/phone"),
]  # fmt: skip


def test_what_is_wrong_is_named_and_not_repeated(light: World) -> None:
    """Each wrong field is named with a sentence in the caller's language; nothing is written."""
    for wrong, at in WRONG:
        answer = post(light.a, "/people", wrong, **{"Accept-Language": "zh-CN"})
        assert answer.status_code == 422, wrong
        assert answer.headers["content-type"] == "application/problem+json"
        assert [one["at"] for one in answer.json()["errors"]] == [at]
        assert all("\u4e00" <= one["detail"][0] <= "\u9fff" for one in answer.json()["errors"])
    assert light.a.get("/me")["people"] == 3


def test_a_stay_does_not_end_before_it_begins(light: World) -> None:
    """Also when only one of the two dates is changed; nothing of the change is kept."""
    person, etag = read(light.a, named(light.a, "孙悟空")["id"])
    stay = person["postings"][0]["id"]
    assert patch(light.a, person["id"], {"posting": {"id": stay, "date_from": "2026-12-01"}}, etag).status_code == 200
    before, etag = read(light.a, person["id"])
    change = {"language": "en", "posting": {"id": stay, "date_to": "2026-11-30"}}
    assert patch(light.a, person["id"], change, etag).status_code == 422
    assert read(light.a, person["id"]) == (before, etag)
