"""The sample office: who is in it, and that nobody in it can be a real person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from cli.sample import (
    COUNTRIES,
    FOREMAN,
    OFFICER,
    ROLES,
    UNKNOWN_NUMBER,
    Cast,
    SampleOffice,
    fill_office,
    phone,
    sample_people,
    special_cases,
    write_tokens,
)
from core.clock import FixedClock
from core.database import reading, writing
from core.errors import WrongUse
from core.places.names import codes
from core.settings import load
from notify.office import Office, open_office
from notify.sandbox.magic import When, magic
from registry import employers, scope, users
from registry.actors import SYSTEM
from registry.people import NewPerson
from registry.tables import PostingStatus

TODAY = date(2026, 11, 22)
COMPANIES = tuple(range(1, 9))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, SampleOffice]]:
    """An office with 200 sample people."""
    home = tmp_path_factory.mktemp("office")
    settings = load(home=home, database_url=f"sqlite:///{home / 'lingbao.db'}", master_keys="")
    office = open_office(settings, FixedClock(datetime(2026, 11, 22, tzinfo=UTC)))
    yield office, fill_office(office, 200, seed=1)
    office.engine.dispose()


def test_office_has_its_companies_users_and_people(filled: tuple[Office, SampleOffice]) -> None:
    """Eight companies marked as samples, a user of each kind, and people in thirty countries."""
    office, sample = filled
    with reading(office.engine) as connection:
        companies = employers.list_employers(connection, SYSTEM)
        known = {one.name: one.role for one in users.list_users(connection, SYSTEM)}
        countries = scope.count_by_country(connection, SYSTEM, TODAY)
    assert len(sample.people) == 200
    assert len(companies) == 8
    assert all("示例" in one.name for one in companies)
    assert known == ROLES
    assert {one.country for one in countries} == set(COUNTRIES)


def test_people_to_be_told_are_the_ones_worked_out_by_hand(filled: tuple[Office, SampleOffice]) -> None:
    """25 of the special cases (28 less 3 returned), and 5 of the 6 ordinary people there: the fourth has returned."""
    office, _ = filled
    people = scope.people_in(SYSTEM, ["ML"], TODAY, include_doubtful=True).subquery()
    with reading(office.engine) as connection:
        assert connection.execute(select(func.count()).select_from(people)).scalar_one() == 25 + 5
        planned = select(func.count()).select_from(people).where(people.c.planned == 1)
        assert connection.execute(planned).scalar_one() == 1


def test_tokens_prove_their_users(filled: tuple[Office, SampleOffice], tmp_path: Path) -> None:
    """A token file can be read by its owner alone and holds the token of that user."""
    office, sample = filled
    write_tokens(tmp_path, sample.tokens)
    file = tmp_path / "tokens" / OFFICER
    assert file.stat().st_mode & 0o777 == 0o600
    with writing(office.engine) as connection:
        actor = users.authenticate(connection, name=OFFICER, token=file.read_text().strip(), now=office.clock.now())
    assert actor.role == ROLES[OFFICER]


def test_only_an_empty_office_is_filled(filled: tuple[Office, SampleOffice]) -> None:
    """Samples are never mixed into an office that has users."""
    with pytest.raises(WrongUse, match="empty office"):
        fill_office(filled[0], 40, seed=1)


@pytest.mark.parametrize("people", [39, 5001])
def test_number_of_people_has_bounds(filled: tuple[Office, SampleOffice], people: int) -> None:
    """Fewer people than special cases and more than phone numbers are refused."""
    with pytest.raises(WrongUse, match="40 to 5000"):
        fill_office(filled[0], people, seed=1)


def test_same_seed_makes_the_same_people() -> None:
    """The people follow from the seed; another seed makes others."""
    assert sample_people(60, 7, TODAY, COMPANIES) == sample_people(60, 7, TODAY, COMPANIES)
    assert sample_people(60, 7, TODAY, COMPANIES) != sample_people(60, 8, TODAY, COMPANIES)


def test_special_cases_are_all_there() -> None:
    """Twelve behind one phone, two nobody can reach, one leaving, one doubtful, three returned, two reading English."""
    cast = list(special_cases(Cast(Random(1), TODAY, COMPANIES)))
    status = Counter(one.postings[0].status for one in cast)
    assert len(cast) == 28
    assert sum(FOREMAN in _values(one) for one in cast) == 12
    assert sum(not one.addresses for one in cast) == 2
    assert sum(one.language == "en" for one in cast) == 2
    assert sum(UNKNOWN_NUMBER in _values(one) for one in cast) == 1
    assert (status[PostingStatus.PLANNED], status[PostingStatus.DOUBTFUL], status[PostingStatus.RETURNED]) == (1, 1, 3)
    to_tell = [one for one in cast if one.postings[0].status is not PostingStatus.RETURNED]
    ways = {(way.channel, way.value) for one in to_tell for way in one.addresses}
    assert Counter(channel for channel, _ in ways) == {"sms": 12, "email": 11}


def test_nobody_is_real() -> None:
    """Every name is marked, every number is from a range kept for fiction or plays a part, every mail goes nowhere."""
    people = sample_people(5000, 1, TODAY, COMPANIES)
    ranges = ("+120255501", "+447700900", "+3363998")
    assert all("示例" in one.name or "Sample" in one.name for one in people)
    for way in (way for one in people for way in one.addresses):
        reserved = way.value.startswith(ranges) or way.value == UNKNOWN_NUMBER
        assert way.value.endswith("@example.com") if way.channel == "email" else reserved


def test_phones_are_all_different() -> None:
    """No two people get the same number by accident, and none gets one that is magic or the foreman's."""
    numbers = [phone(number) for number in range(1, 5001)]
    assert len(set(numbers)) == 5000
    assert FOREMAN not in numbers
    assert all(magic(number).when is When.NEVER for number in numbers)


def test_countries_are_thirty_real_codes() -> None:
    """The people are in thirty different countries the program knows."""
    assert len(set(COUNTRIES)) == len(COUNTRIES) == 30
    assert set(COUNTRIES) <= codes()


def _values(person: NewPerson) -> list[str]:
    return [way.value for way in person.addresses]
