"""Whereabouts: who is in these countries or places on a day, one row per person, nobody dropped, by an index."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, Engine, text, update

from core.clock import FixedClock
from core.database import reading, writing
from core.tables import table
from registry import scope
from registry.actors import SYSTEM, Actor
from registry.people import NewPosting
from registry.places import Matched, Written, match_places
from registry.scope.bulk import bare, fill
from registry.scope.present import Asked, Presence, Tally, present, tally, whereabouts, written_places
from registry.tables import PersonKey, Posting, PostingStatus
from tests.registry.people import AUDITOR, DAY, NOBODY, OFFICER, Register, company, person, stay

ABROAD, PLANNED = PostingStatus.ABROAD, PostingStatus.PLANNED
RETURNED, DOUBTFUL = PostingStatus.RETURNED, PostingStatus.DOUBTFUL
SOON = DAY + timedelta(days=5)


def found(here: Register, asked: Asked, actor: Actor = OFFICER) -> list[Presence]:
    """Return who is there, by id."""
    return sorted(whereabouts(here.connection, actor, asked))


def placed(
    here: Register, *places: str, countries: tuple[str, ...] = ("ZM",), **wishes: bool
) -> list[tuple[int, str, int]]:
    """Return who is in these places: person, city, perhaps."""
    matched = match_places(written_places(here.connection, OFFICER, countries), places)
    asked = Asked(countries, DAY, matched, **wishes)  # type: ignore[arg-type]
    return [(one.registrant_id, one.city, one.perhaps) for one in found(here, asked)]


def in_city(city: str, status: PostingStatus = ABROAD, start: date | None = None, **more: str) -> NewPosting:
    """Return a stay in a city of Zambia."""
    return NewPosting("ZM", status, start, city=city, **more)


def test_a_row_says_who_where_and_how_surely(register: Register) -> None:
    """Each person has one row with employer, stay and place; planned and doubtful are said; the doubtful only if asked for."""
    employer = register.employer()
    one, two, three, _, _ = register.enrol(
        person("孙悟空", in_city("卢萨卡"), stay("AO"), employer_id=employer), person("猪八戒", stay("AO", PLANNED, SOON)),
        person("沙悟净", stay("ZM", DOUBTFUL)), person("白龙马", stay("ZM", RETURNED)), person("唐三藏", stay("FR")),
    )  # fmt: skip
    rows = found(register, Asked(("ZM", "AO"), DAY))
    assert [(r.registrant_id, r.employer_id, r.country, r.city, r.planned, r.doubtful, r.perhaps) for r in rows] == [
        (one, employer, "ZM", "卢萨卡", 0, 0, 0), (two, None, "AO", "", 1, 0, 0),
    ]  # fmt: skip
    wide = found(register, Asked(("ZM", "AO"), DAY, include_doubtful=True))
    assert [(r.registrant_id, r.doubtful) for r in wide] == [(one, 0), (two, 0), (three, 1)]
    assert found(register, Asked(("AO",), DAY, leaving_within_days=4)) == found(register, Asked(("AO",), DAY))[:1]
    assert found(register, Asked((), DAY)) == []


def test_places_are_found_as_people_write_them(register: Register) -> None:
    """Width, case, traditional forms and 市 do not matter; the name of a site counts; no place told is "perhaps", never dropped."""
    ids = register.enrol(
        person("甲", in_city("卢萨卡")), person("乙", in_city("盧薩卡市")), person("丙", in_city("", region="ＬＵＳＡＫＡ Province")),
        person("丁", in_city("", site="卢萨卡公路项目")), person("戊", in_city("")), person("己", in_city("恩多拉")),
        person("庚", in_city("", site="铜带省项目")),
    )  # fmt: skip
    a, b, c, d, e, _, g = ids
    assert placed(register, "卢萨卡") == [(a, "卢萨卡", 0), (b, "盧薩卡市", 0), (d, "", 0), (e, "", 1), (g, "", 1)]
    assert [row[0] for row in placed(register, "卢萨卡", "Lusaka")] == [a, b, c, d, e, g]
    assert placed(register, "卢萨卡", countries=("AO",)) == []


def test_a_stay_known_to_be_in_the_place_wins(register: Register) -> None:
    """Of two stays that are as sure, the one in the place counts; one elsewhere neither hides nor adds anybody."""
    one, two, _ = register.enrol(
        person("甲", in_city(""), in_city("卢萨卡")), person("乙", in_city("恩多拉"), in_city("卢萨卡", PLANNED, SOON)),
        person("丙", in_city("恩多拉")),
    )  # fmt: skip
    assert placed(register, "卢萨卡") == [(one, "卢萨卡", 0), (two, "卢萨卡", 0)]


def test_what_is_written_after_the_look_up_is_kept(register: Register) -> None:
    """A spelling nobody has seen yet counts as "perhaps": only what is known to be elsewhere is left out."""
    (one,) = register.enrol(person("甲", in_city("新写法")))
    asked = Asked(("ZM",), DAY, Matched((), (Written("", "恩多拉", ""),)))
    assert [(row.registrant_id, row.perhaps) for row in found(register, asked)] == [(one, 1)]


@pytest.mark.parametrize(
    ("place", "word", "same"),
    [
        ("Mali", "Malindi", False), ("Lusaka", "Greater Lusaka", True), ("Greater Lusaka", "Lusaka", True),
        ("São Paulo", "sao paulo", True), ("纽约", "纽约州布法罗", True), ("卢萨卡市", "卢萨卡", True), ("京", "东京", False),
        ("东京", "东", False), (" ", "卢萨卡", False), ("Paris", "Paris-Saclay", True), ("卢萨卡", "恩多拉", False),
    ],
)  # fmt: skip
def test_when_two_words_name_one_place(place: str, word: str, same: bool) -> None:
    """One name may be part of the other; words of letters count whole, and one character says nothing."""
    matched = match_places([Written("", word, "")], [place])
    assert bool(matched.there) is same
    assert bool(matched.elsewhere) is not same


def test_everybody_sees_their_own_people_only(register: Register) -> None:
    """A company finds its own people in rows, counts and spellings; nobody in particular nobody; the erased are nowhere."""
    own, other = register.employer("OFFICE-1"), register.employer("OFFICE-2")
    mine, theirs, gone = register.enrol(
        person("甲", in_city("卢萨卡"), employer_id=own), person("乙", in_city("恩多拉"), employer_id=other),
        person("丙", in_city("基特韦"), employer_id=own),
    )  # fmt: skip
    keys = table(PersonKey)
    register.connection.execute(update(keys).where(keys.c.registrant_id == gone).values(wrapped=None))
    asked = Asked(("ZM",), DAY)
    for actor, ids in ((company(own), [mine]), (company(other), [theirs]), (AUDITOR, [mine, theirs]), (NOBODY, [])):
        assert [row.registrant_id for row in found(register, asked, actor)] == ids
        assert sum(row.there for row in tally(register.connection, actor, asked)) == len(ids)
        assert len(written_places(register.connection, actor, ["ZM"])) == len(ids)
        names = scope.names_of(register.connection, actor, [mine, theirs, gone], register.keys)
        assert sorted(names) == ids
    assert scope.names_of(register.connection, AUDITOR, [mine], register.keys) == {mine: "甲*"}


def test_counts_put_each_person_in_one_column(register: Register) -> None:
    """There, leaving, perhaps and doubtful add up to everybody."""
    register.enrol(
        person("甲", in_city("卢萨卡")), person("乙", in_city("卢萨卡", PLANNED, SOON)), person("丙", in_city("")),
        person("丁", in_city("卢萨卡", DOUBTFUL)), person("戊", in_city("恩多拉")),
    )  # fmt: skip
    matched = match_places(written_places(register.connection, OFFICER, ["ZM"]), ["卢萨卡"])
    found = tally(register.connection, OFFICER, Asked(("ZM",), DAY, matched, include_doubtful=True))
    assert found == (Tally("ZM", doubtful=1, perhaps=1, planned=1, there=1),)


def test_names_can_be_asked_for_while_rows_are_streamed(register: Register) -> None:
    """A second question on the same connection does not end the stream, on either database."""
    register.enrol(*(person(f"人{n}") for n in range(5)))
    names = []
    for row in whereabouts(register.connection, OFFICER, Asked(("ZM",), DAY)):
        names += scope.names_of(register.connection, OFFICER, [row.registrant_id], register.keys).values()
    assert sorted(names) == [f"人{n}" for n in range(5)]


def random_stay(chance: random.Random) -> NewPosting:
    """Return some stay, sensible or not."""
    start, end = (chance.choice([None, DAY + timedelta(days=chance.randint(-20, 20))]) for _ in range(2))
    return NewPosting(chance.choice(["ZM", "AO", "FR"]), chance.choice(list(PostingStatus)), start, end)


@pytest.mark.parametrize("doubtful", [False, True])
def test_the_same_people_as_an_alert_finds(register: Register, doubtful: bool) -> None:
    """For random stays, stale ones too, whereabouts finds exactly the people, stays and marks that an alert would tell."""
    chance = random.Random(20261122)
    register.enrol(*(person(f"人{n}", *(random_stay(chance) for _ in range(chance.randint(1, 4)))) for n in range(150)))
    rows, old = table(Posting), register.clock.now() - timedelta(days=120)
    register.connection.execute(update(rows).where(rows.c.id % 4 == 0).values(confirmed_at=old))
    told = register.connection.execute(scope.people_in(SYSTEM, ["ZM", "AO"], DAY, include_doubtful=doubtful)).all()
    ours = found(register, Asked(("ZM", "AO"), DAY, include_doubtful=doubtful), SYSTEM)
    assert ours
    expected = sorted((r.registrant_id, r.posting_id, r.country, r.planned, r.doubtful) for r in told)
    assert [(r.registrant_id, r.posting_id, r.country, r.planned, r.doubtful) for r in ours] == expected


@pytest.fixture
def crowd(engine: Engine, clock: FixedClock) -> tuple[Engine, FixedClock]:
    """Give a register of thirty thousand, of whom two thousand are in one country."""
    with writing(engine) as connection:
        fill(connection, 30_000, 2_000, "TJ", clock.now())
    return engine, clock


def plan(connection: Connection, asked: Asked) -> str:
    """Return how the database goes about it."""
    words = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    query = present(SYSTEM, asked).compile(connection.engine, compile_kwargs={"literal_binds": True})
    return "\n".join(str(row) for row in connection.execute(text(f"{words} {str(query).replace(':', chr(92) + ':')}")))


def test_the_index_is_used_and_rows_are_streamed(crowd: tuple[Engine, FixedClock]) -> None:
    """In a big register the country is found by its index, no table of stays is read from end to end, and all hits come."""
    engine, clock = crowd
    asked = Asked(("TJ",), clock.now().date())
    with reading(engine) as connection:
        way = plan(connection, asked)
        rows = whereabouts(connection, SYSTEM, asked)
        first = next(rows)
        assert (first.country, 1 + sum(1 for _ in rows)) == ("TJ", 2_000)
        assert sum(1 for _ in bare(connection, "TJ", clock.now().date())) == 2_000
    assert "ix_posting_where" in way
    scan = "SCAN posting" if engine.dialect.name == "sqlite" else "Seq Scan on posting posting"
    assert scan not in way, way
