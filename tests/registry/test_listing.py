"""The list of people for the office: each way of narrowing finds exactly these people, in pages and as a count, and never the erased."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import Select, func, select, update

from core.errors import NotAllowed
from core.tables import table
from registry.actors import SYSTEM, Actor
from registry.matching import address_index, name_index
from registry.people import Channel
from registry.scope.companies import (
    Called,
    Standing,
    called_by_employer,
    countries_of_employer,
    standing_by_employer,
)
from registry.scope.erasure import wipe_people
from registry.scope.listing import Exactly, Narrowed, Show, Wanted, all_of, count_of, countries_with_people, numbers_of
from registry.scope.people import people_numbered
from registry.tables import EmployerContact, Posting, PostingStatus, Registrant
from tests.registry.people import AUDITOR, DAY, NOBODY, OFFICER, Register, company, person, stay

OVER, PLANNED, DOUBTFUL = PostingStatus.RETURNED, PostingStatus.PLANNED, PostingStatus.DOUBTFUL
POSTINGS = table(Posting)


@pytest.fixture
def mixed(register: Register) -> dict[str, int]:
    """Enrol people of every kind, of a company and of none; one was erased, one stay of `old` was confirmed long ago."""
    register.employer()
    made = register.enrol(
        person("孙悟空", employer_id=1), person("猪八戒", stay("TJ", PLANNED), employer_id=1),
        person("沙悟净", stay("TJ", DOUBTFUL)), person("唐三藏", stay("ZM", OVER), employer_id=1),
        person("白龙马", stay("ZM", OVER), stay("TJ")), person("红孩儿"), person("铁扇公主", stay("ZM", OVER), stay("ZM")),
        person("牛魔王", employer_id=1),
    )  # fmt: skip
    names = ("here", "planned", "doubtful", "back", "moved", "old", "again", "gone")
    found = dict(zip(names, made, strict=True))
    long_ago = register.clock.now() - timedelta(days=91)
    register.connection.execute(
        update(POSTINGS).where(POSTINGS.c.registrant_id == found["old"]).values(confirmed_at=long_ago)
    )
    wipe_people(register.connection, [found["gone"]], by="chief", at=register.clock.now())
    return found


def names(register: Register, mixed: dict[str, int], wanted: Wanted, actor: Actor = OFFICER) -> list[str]:
    """Return who is listed, page by page of two; the count must say as many."""
    known = {number: name for name, number in mixed.items()}
    found: list[int] = []
    while page := numbers_of(register.connection, actor, wanted, after=found[-1] if found else 0, limit=2):
        found += page
    assert found == sorted(set(found))
    assert count_of(register.connection, actor, wanted) == len(found)
    return [known[one] for one in found]


@pytest.mark.parametrize(
    ("show", "country", "expected"),
    [
        (Show.AWAY, "", ["here", "planned", "doubtful", "moved", "old", "again"]),
        (Show.AWAY, "ZM", ["here", "old", "again"]),
        (Show.ABROAD, "", ["here", "moved", "old", "again"]),
        (Show.ABROAD, "TJ", ["moved"]),
        (Show.PLANNED, "", ["planned"]),
        (Show.DOUBTFUL, "", ["doubtful"]),
        (Show.STALE, "", ["old"]),
        (Show.STALE, "TJ", []),
        (Show.RETURNED, "", ["back"]),
        (Show.RETURNED, "ZM", ["back", "moved"]),
        (Show.ALL, "", ["here", "planned", "doubtful", "back", "moved", "old", "again"]),
        (Show.ALL, "ZM", ["here", "back", "moved", "old", "again"]),
        (Show.ALL, "FR", []),
    ],
)
def test_each_way_of_narrowing(
    register: Register, mixed: dict[str, int], show: Show, country: str, expected: list[str]
) -> None:
    """Who is away, abroad, planned, doubtful, stale, back, in all or in one country: each person once, the erased never."""
    assert names(register, mixed, Narrowed(show, DAY, country)) == expected


def test_of_one_company_and_of_none(register: Register, mixed: dict[str, int]) -> None:
    """With a company, or only those of none, each list is the same one with the others left out."""
    own = {"here", "planned", "back"}
    for show, country in product(Show, ("", "ZM", "TJ")):
        everybody = names(register, mixed, Narrowed(show, DAY, country))
        assert names(register, mixed, Narrowed(show, DAY, country, employer=1)) == [
            one for one in everybody if one in own
        ]
        alone = names(register, mixed, Narrowed(show, DAY, country, alone=True))
        assert alone == [one for one in everybody if one not in own]


def test_an_exact_name_or_number(register: Register, mixed: dict[str, int]) -> None:
    """A blind index finds whoever has this name, or this number; of the erased neither is left."""
    phone = Exactly(value_index=address_index(register.index_key, Channel.SMS, "+8613800138000"))
    assert names(register, mixed, phone) == ["here", "planned", "doubtful", "back", "moved", "old", "again"]
    assert names(register, mixed, Exactly(name_index(register.index_key, "孙 悟空"))) == ["here"]
    assert names(register, mixed, Exactly(name_index(register.index_key, "牛魔王"))) == []


def test_an_auditor_sees_the_same_people_masked(register: Register, mixed: dict[str, int]) -> None:
    """The list is as long for an auditor, and no name or number of it is whole."""
    wanted = Narrowed(Show.AWAY, DAY)
    assert names(register, mixed, wanted, AUDITOR) == names(register, mixed, wanted)
    shown = [one for part in all_of(register.connection, AUDITOR, register.keys, wanted) for one in part]
    assert [one.name for one in shown][:2] == ["孙**", "猪**"]
    assert not any("13800138000" in way.value for one in shown for way in one.addresses)


def test_nobody_else_lists_people(register: Register, mixed: dict[str, int]) -> None:
    """A company, and nobody in particular, get neither pages nor counts nor countries."""
    for actor in (company(1), NOBODY):
        for asked in (numbers_of, count_of):
            with pytest.raises(NotAllowed):
                asked(register.connection, actor, Narrowed(Show.ALL, DAY))
        with pytest.raises(NotAllowed):
            countries_with_people(register.connection, actor)
        with pytest.raises(NotAllowed):
            called_by_employer(register.connection, actor, [1])


def test_countries_are_those_of_the_register(register: Register, mixed: dict[str, int]) -> None:
    """To choose from are the countries somebody has or had a stay in, and in an empty register none."""
    assert countries_with_people(register.connection, OFFICER) == ["TJ", "ZM"]
    register.connection.execute(POSTINGS.delete())
    assert countries_with_people(register.connection, AUDITOR) == []


def test_people_by_number_are_those_one_may_see(register: Register, mixed: dict[str, int]) -> None:
    """Numbers of others, and of the erased, give nothing."""
    found = people_numbered(register.connection, company(1), register.keys, list(mixed.values()))
    assert [one.name for one in found] == ["孙悟空", "猪八戒", "唐三藏"]


def test_how_the_people_of_companies_stand(register: Register, mixed: dict[str, int]) -> None:
    """People count once however many stays they have, only those away; contacts that ended or cannot sign in are told apart."""
    other = register.employer("OFFICE-2", "高老庄")
    made = register.enrol(person("高翠兰", stay("ZM"), stay("TJ", DOUBTFUL), employer_id=other))
    old = register.clock.now() - timedelta(days=91)
    register.connection.execute(
        update(POSTINGS).where(POSTINGS.c.registrant_id == made[0], POSTINGS.c.country == "ZM").values(confirmed_at=old)
    )
    now = register.clock.now()
    found = standing_by_employer(register.connection, OFFICER, [1, other, 99], DAY)
    assert found == {1: Standing(2, 0, 0, now), other: Standing(1, 1, 1, now)}
    assert countries_of_employer(register.connection, OFFICER, other) == {"TJ": 1, "ZM": 1}
    assert countries_of_employer(register.connection, company(1), other) == {}
    assert called_by_employer(register.connection, OFFICER, [1, other]) == {}
    row = {"duty": "liaison", "name_sealed": b"", "language": "zh", "created_at": now, "created_by": "chief"}
    contacts = [
        {**row, "employer_id": 1, "wrapped": b"w", "email_sealed": b"m", "ended_at": None},
        {**row, "employer_id": 1, "wrapped": b"w", "email_sealed": None, "ended_at": None},
        {**row, "employer_id": other, "wrapped": b"w", "email_sealed": b"m", "ended_at": now},
    ]
    register.connection.execute(table(EmployerContact).insert(), contacts)
    assert called_by_employer(register.connection, AUDITOR, [1, other]) == {1: Called(2, 1)}


def test_everybody_has_a_key(register: Register, mixed: dict[str, int]) -> None:
    """What is counted as all but the erased is right, because nobody is in the register without a row for their key."""
    total: Select[tuple[int]] = select(func.count()).select_from(table(Registrant))
    assert (
        register.connection.execute(total).scalar_one()
        == count_of(register.connection, SYSTEM, Narrowed(Show.ALL, DAY)) + 1
    )
