"""Reach: who is in each country, by company and channel; each figure is as long as its list, and nobody counts twice."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

from sqlalchemy import update

from core.tables import table
from registry.actors import SYSTEM
from registry.scope.erasure import wipe_people
from registry.scope.listing import Narrowed, Show, count_of
from registry.scope.reach import CompanyThere, channels_there, companies_there, people_everywhere, zones_there
from registry.tables import Posting, PostingStatus
from tests.registry.people import DAY, NOBODY, OFFICER, Register, company, person, stay

NUMBER, OTHER = "+260977123456", "+260977000111"
PLANNED, DOUBTFUL, RETURNED = PostingStatus.PLANNED, PostingStatus.DOUBTFUL, PostingStatus.RETURNED
SOON, LATE = DAY + timedelta(days=3), DAY + timedelta(days=300)


def test_each_figure_is_as_long_as_its_list(register: Register) -> None:
    """In all, and by state, for every mixture of two stays of one person."""
    own = register.employer()
    pairs = product(PostingStatus, [None, *PostingStatus], ["ZM", "AO"])
    register.enrol(
        *(person(f"某{n}", stay("ZM", one), *([stay(where, two)] if two else []), employer_id=own if n % 2 else None)
          for n, (one, two, where) in enumerate(pairs))
    )  # fmt: skip
    postings = table(Posting)
    stale = update(postings).where(postings.c.id % 3 == 0)
    register.connection.execute(stale.values(confirmed_at=register.clock.now() - timedelta(days=200)))
    for employer in (own, None):
        there = companies_there(register.connection, OFFICER, DAY, "ZM")
        found = next(one for one in there if one.employer_id == employer)
        lists = {
            show: count_of(register.connection, OFFICER, Narrowed(show, DAY, "ZM", employer, employer is None))
            for show in (Show.AWAY, Show.ABROAD, Show.PLANNED, Show.DOUBTFUL, Show.STALE)
        }
        assert [found.people, found.abroad, found.planned, found.doubtful, found.stale] == list(lists.values())
    everywhere = people_everywhere(register.connection, OFFICER)
    assert everywhere == {
        code: count_of(register.connection, OFFICER, Narrowed(Show.AWAY, DAY, code)) for code in ("AO", "ZM")
    }


def test_nobody_counts_twice_and_the_erased_not_at_all(register: Register) -> None:
    """Two stays of one person in one country are one person; in two countries they are one in each."""
    _, two = register.enrol(person("甲", stay("ZM"), stay("ZM"), stay("AO")), person("乙", stay("ZM")))
    assert people_everywhere(register.connection, OFFICER) == {"AO": 1, "ZM": 2}
    wipe_people(register.connection, [two], by="chief", at=register.clock.now())
    assert people_everywhere(register.connection, OFFICER) == {"AO": 1, "ZM": 1}
    assert [one.people for one in companies_there(register.connection, OFFICER, DAY, "ZM")] == [1]


def test_companies_and_how_they_are_reached(register: Register) -> None:
    """Each company with its people there, most first; who has no address in use is counted as not reached."""
    own, other = register.employer(), register.employer("OFFICE-2", "大观园")
    register.enrol(
        person("甲", stay("ZM"), employer_id=own, phones=(NUMBER,)),
        person("乙", stay("ZM", PLANNED, SOON), employer_id=own, phones=()),
        person("丙", stay("ZM", DOUBTFUL), employer_id=other, phones=(NUMBER, OTHER)),
        person("丁", stay("AO"), stay("ZM", RETURNED), employer_id=other),
    )
    found = companies_there(register.connection, OFFICER, DAY, "ZM")
    assert found == (CompanyThere(own, 2, 1, 1, 0, 0, 1), CompanyThere(other, 1, 0, 0, 1, 0, 0))
    assert channels_there(register.connection, OFFICER, "ZM") == {"sms": 2}


def test_others_people_are_not_counted(register: Register) -> None:
    """A company counts its own, and nobody in particular nobody."""
    own = register.employer()
    register.enrol(
        person("甲", stay("ZM"), employer_id=own), person("乙", stay("ZM")), person("丙", stay("AO", PLANNED, LATE))
    )
    connection = register.connection
    assert people_everywhere(connection, company(own)) == {"ZM": 1}
    assert people_everywhere(connection, SYSTEM) == {"AO": 1, "ZM": 2}
    assert channels_there(connection, company(own), "ZM") == {"sms": 1}
    assert people_everywhere(connection, NOBODY) == channels_there(connection, NOBODY, "ZM") == {}
    assert companies_there(connection, NOBODY, DAY, "ZM") == ()


def test_zones_of_a_wide_country(register: Register) -> None:
    """By whose clocks they live there: most first; who came home does not count."""
    register.enrol(person("甲", stay("RU")), person("乙", stay("RU")), person("丙", stay("RU", RETURNED)))
    postings = table(Posting)
    register.connection.execute(update(postings).where(postings.c.id == 2).values(zone="Asia/Vladivostok"))
    assert zones_there(register.connection, OFFICER, "RU") == {"Asia/Vladivostok": 1, "Europe/Moscow": 1}
