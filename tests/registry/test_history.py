"""The history of the register: who changed what and when, by roster and by hand, and nobody else's eyes on it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import scope, store
from registry.actors import SYSTEM
from registry.employers import find_employer
from registry.history import Change, Values, between, from_json, to_json
from registry.roster.apply import import_roster
from registry.scope.history import history_of
from tests.registry.files import WUKONG, Row, changed, check
from tests.registry.people import NOBODY, OFFICER, Register, company

COLUMNS = st.fixed_dictionaries(
    {
        "confirmed_at": st.datetimes(timezones=st.just(UTC)) | st.none(), "date_to": st.dates() | st.none(),
        "name_sealed": st.binary(), "city": st.text(), "foreign": st.booleans(), "preference": st.integers(),
    }
)  # fmt: skip


@given(COLUMNS)
def test_columns_outlive_json(values: Values) -> None:
    """Times, dates, bytes, words and numbers come back from the history as they went in."""
    assert from_json(to_json(values)) == values
    assert from_json(to_json(None)) is None


def test_only_what_differs_is_kept() -> None:
    """A change holds the columns that differ; to confirm a stay anew is no other content."""
    then, now = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    before = {"city": "卢萨卡", "status": "abroad", "confirmed_at": then}
    change = between(1, "posting", 2, before, {"city": "恩多拉", "status": "abroad", "confirmed_at": now})
    assert change == Change(
        1, "posting", 2, {"city": "卢萨卡", "confirmed_at": then}, {"city": "恩多拉", "confirmed_at": now}
    )
    assert change.stands({"city": "恩多拉", "confirmed_at": then})
    assert not change.stands({"city": "基特韦", "confirmed_at": now})
    assert (change.only_confirms, between(1, "posting", 2, before, {"confirmed_at": now}).only_confirms) == (
        False,
        True,
    )


def test_each_change_with_who_and_when(register: Register) -> None:
    """A person's history names the rosters and who applied them, row by row, with what was before and after."""
    employer_id = register.employer()
    employer = find_employer(register.connection, SYSTEM, "OFFICE-1")

    def apply(row: Row) -> int:
        register.clock.advance(timedelta(days=1))
        return import_roster(
            register.connection, company(employer_id), employer, check(row),
            keys=register.keys, index_key=register.index_key, now=register.clock.now(),
        ).import_id  # fmt: skip

    first, second = apply(WUKONG), apply(changed(end="2027-01-31", abroad="+260977000111"))
    (known,) = scope.known_people(register.connection, SYSTEM, employer_id)
    joined, address, stay = history_of(register.connection, OFFICER, known.registrant_id)
    assert [(p.import_id, p.by) for p in (joined, address, stay)] == [
        (first, "xue.pan"),
        (second, "xue.pan"),
        (second, "xue.pan"),
    ]
    assert (stay.at, joined.at) == (register.clock.now(), register.clock.now() - timedelta(days=1))
    assert (joined.change.before, address.change.before) == (None, None)
    assert (stay.change.before or {})["date_to"] is None
    assert (stay.change.after or {})["date_to"] == date(2027, 1, 31)


def test_the_history_is_behind_the_door(register: Register) -> None:
    """Another company reads no history of a person, and of an erased one there is nothing to read."""
    own, other = register.employer(), register.employer("OFFICE-2")
    employer = find_employer(register.connection, SYSTEM, "OFFICE-1")
    import_roster(
        register.connection, SYSTEM, employer, check(WUKONG),
        keys=register.keys, index_key=register.index_key, now=register.clock.now(),
    )  # fmt: skip
    (one,) = [known.registrant_id for known in scope.known_people(register.connection, SYSTEM, own)]
    assert len(history_of(register.connection, company(own), one)) == 1
    for actor in (company(other), NOBODY):
        assert history_of(register.connection, actor, one) == []
    store.destroy_keys(register.connection, [one], by="x", at=register.clock.now())
    assert history_of(register.connection, OFFICER, one) == []


@pytest.mark.parametrize("word", ["孙悟空", "13800138000", "260977123456", "wukong@example.com"])
def test_no_name_and_no_number_is_in_the_history(register: Register, word: str) -> None:
    """The history holds no name, number or mail address in clear."""
    register.employer()
    employer = find_employer(register.connection, SYSTEM, "OFFICE-1")
    import_roster(
        register.connection, SYSTEM, employer, check(WUKONG),
        keys=register.keys, index_key=register.index_key, now=register.clock.now(),
    )  # fmt: skip
    (one,) = [known.registrant_id for known in scope.known_people(register.connection, SYSTEM, employer.employer_id)]
    assert word not in str(history_of(register.connection, OFFICER, one))
