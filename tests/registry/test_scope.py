"""The one door to people's data: who is found, and who may look."""

from __future__ import annotations

import ast
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, update

from core.errors import NotAllowed
from core.keys import KeyGone, MasterKeys
from core.tables import Audit, table
from registry import scope
from registry.actors import SYSTEM, Actor
from registry.people import CountryCount
from registry.tables import Address, Consent, Ground, PersonKey, Posting, PostingStatus, Registrant, Role
from tests.registry.people import AUDITOR, DAY, NOBODY, OFFICER, Register, company, person, stay

ROOT = Path(__file__).resolve().parents[2]
ABROAD, PLANNED = PostingStatus.ABROAD, PostingStatus.PLANNED
RETURNED, DOUBTFUL = PostingStatus.RETURNED, PostingStatus.DOUBTFUL


def days(count: int) -> date:
    """Return the day so many days from the day of the test."""
    return DAY + timedelta(days=count)


def found(register: Register, *countries: str, actor: Actor = SYSTEM, **wishes: bool) -> list[tuple[int, str, int]]:
    """Return who is in these countries: person, country, planned."""
    rows = register.connection.execute(scope.people_in(actor, countries, DAY, **wishes)).all()
    return sorted((row.registrant_id, row.country, row.planned) for row in rows)


def erase(register: Register, registrant: int) -> None:
    """Destroy the key of a person."""
    keys = table(PersonKey)
    register.connection.execute(update(keys).where(keys.c.registrant_id == registrant).values(wrapped=None))


CASES = [
    # status, from, to, told by rule (None: not), told when the doubtful are included
    (ABROAD, None, None, 0, 0),
    (ABROAD, days(0), days(0), 0, 0),
    (ABROAD, days(-9), days(-1), None, 0),
    (ABROAD, days(1), None, 1, 1),
    (ABROAD, days(15), None, None, None),
    (PLANNED, days(1), None, 1, 1),
    (PLANNED, days(14), days(20), 1, 1),
    (PLANNED, days(15), None, None, None),
    (PLANNED, days(0), None, 0, 0),
    (PLANNED, days(-1), days(5), 0, 0),
    (PLANNED, days(-5), days(-1), None, 0),
    (PLANNED, None, None, None, 1),
    (DOUBTFUL, None, None, None, 0),
    (DOUBTFUL, days(-3), days(-2), None, 0),
    (DOUBTFUL, days(5), None, None, 0),
    (DOUBTFUL, days(400), None, None, 0),
    (RETURNED, None, None, None, None),
    (RETURNED, days(-1), days(1), None, None),
]


@pytest.mark.parametrize(("status", "start", "end", "by_rule", "with_doubtful"), CASES)
def test_who_is_told(
    register: Register,
    status: PostingStatus,
    start: date | None,
    end: date | None,
    by_rule: int | None,
    with_doubtful: int | None,
) -> None:
    """Present, leaving soon, doubtful, overdue and returned are told apart by status and dates together."""
    (one,) = register.enrol(person("孙悟空", stay("ZM", status, start, end)))
    assert found(register, "ZM") == ([] if by_rule is None else [(one, "ZM", by_rule)])
    wide = [] if with_doubtful is None else [(one, "ZM", with_doubtful)]
    assert found(register, "ZM", include_doubtful=True) == wide
    assert found(register, "AO", include_doubtful=True) == []
    assert found(register, include_doubtful=True) == []


def test_one_row_per_person_and_the_surest_stay_wins(register: Register) -> None:
    """Several matching stays give one row: present before planned before doubtful, then the smallest id."""
    one, two, three = register.enrol(
        person("孙悟空", stay("AO", PLANNED, days(3)), stay("ZM")),
        person("猪八戒", stay("ZM"), stay("AO")),
        person("沙悟净", stay("AO", DOUBTFUL), stay("ZM", PLANNED, days(2))),
    )
    assert found(register, "ZM", "AO") == [(one, "ZM", 0), (two, "ZM", 0), (three, "ZM", 1)]
    assert found(register, "AO", include_doubtful=True) == [(one, "AO", 1), (two, "AO", 0), (three, "AO", 0)]


def test_columns_and_use_inside_an_insert(register: Register) -> None:
    """The columns are those agreed, and the select works inside INSERT … SELECT."""
    register.enrol(person("孙悟空"), person("猪八戒"))
    chosen = scope.people_in(SYSTEM, ["ZM"], DAY)
    names = ["registrant_id", "posting_id", "employer_id", "country", "language", "zone", "planned", "doubtful"]
    assert [column.name for column in chosen.selected_columns] == names
    row = register.connection.execute(chosen).first()
    assert row is not None
    assert (row.employer_id, row.language, row.zone) == (None, "zh", "Africa/Lusaka")
    consents = table(Consent)
    inner = chosen.subquery()
    values = select(
        inner.c.registrant_id,
        inner.c.country,
        inner.c.zone,
        func.current_timestamp(),
        inner.c.language,
        consents.c.foreign,
    ).join(consents, consents.c.registrant_id == inner.c.registrant_id)
    columns = ["registrant_id", "ground", "text_version", "given_at", "recorded_by", "foreign"]
    register.connection.execute(insert(consents).from_select(columns, values))
    assert register.connection.execute(select(func.count()).select_from(consents)).scalar_one() == 4


def test_a_string_is_no_list_of_countries(register: Register) -> None:
    """One string instead of a list would quietly find nobody: it is refused."""
    with pytest.raises(TypeError):
        scope.people_in(SYSTEM, "ZM", DAY)


def test_a_company_sees_its_own_people_only(register: Register) -> None:
    """Every question gives a company its own people, and somebody without a role nobody at all."""
    connection, keys = register.connection, register.keys
    own, other = register.employer("OFFICE-1"), register.employer("OFFICE-2")
    mine, theirs, resident = register.enrol(
        person("孙悟空", employer_id=own), person("孙悟空", employer_id=other), person("孙悟空")
    )
    everything = [mine, theirs, resident]
    nowhere = Actor("x", Role.COMPANY, 9, None)
    for actor, expected in [
        (company(own), [mine]), (company(other), [theirs]), (OFFICER, everything), (SYSTEM, everything), (NOBODY, []),
        (nowhere, []),
    ]:  # fmt: skip
        assert [row[0] for row in found(register, "ZM", actor=actor)] == expected
        addresses = connection.execute(scope.usable_addresses(actor)).all()
        assert sorted(row.registrant_id for row in addresses) == expected
        assert sorted(row.registrant_id for row in connection.execute(scope.standing_consents(actor))) == expected
        assert list(scope.find_exact(connection, actor, register.index_key, name="孙悟空")) == expected
        assert list(scope.find_exact(connection, actor, register.index_key, phone="+8613800138000")) == expected
        views = scope.list_people(connection, actor, keys, now=register.clock.now())
        assert [view.registrant_id for view in views] == expected
        counted = sum(row.abroad for row in scope.count_by_country(connection, actor, DAY))
        assert counted == len(expected)
        known = scope.known_people(connection, actor, other)
        assert [one.registrant_id for one in known] == [one for one in expected if one == theirs]
        if actor.sees_plain:
            ids = list(connection.execute(select(table(Address).c.id)).scalars())
            assert len(scope.open_addresses(connection, actor, ids, keys)) == len(expected)


def test_the_erased_are_nowhere(register: Register) -> None:
    """After the key is destroyed no question finds the person, and nothing opens any more."""
    connection, keys = register.connection, register.keys
    gone, here = register.enrol(person("孙悟空"), person("猪八戒", phones=("+8613900139000",)))
    ids = list(connection.execute(select(table(Address).c.id)).scalars())
    erase(register, gone)
    assert [row[0] for row in found(register, "ZM")] == [here]
    assert list(scope.open_addresses(connection, SYSTEM, ids, keys).values()) == ["+8613900139000"]
    assert [row.registrant_id for row in connection.execute(scope.usable_addresses(SYSTEM))] == [here]
    assert scope.find_exact(connection, SYSTEM, register.index_key, name="孙悟空") == ()
    views = scope.list_people(connection, SYSTEM, keys, now=register.clock.now())
    assert [view.registrant_id for view in views] == [here]
    assert scope.person_key(connection, gone) is None
    assert set(scope.person_keys(connection, [gone, here])) == {here}
    assert scope.count_by_country(connection, SYSTEM, DAY) == (CountryCount("ZM", 1, 0, 0),)


def test_addresses_open_in_bulk_and_lost_ones_are_absent(register: Register) -> None:
    """More addresses than one query holds all open; unknown ids and a changed byte are absent; stopped ones are not
    usable.
    """
    connection, keys, addresses = register.connection, register.keys, table(Address)
    count = scope.CHUNK + 5
    register.enrol(*(person(f"猴{n}", phones=(f"+86138{n:08}",)) for n in range(count)))
    rows = connection.execute(scope.usable_addresses(SYSTEM)).all()
    ids = [row.address_id for row in rows]
    assert {row.channel for row in rows} == {"sms"}
    opened = scope.open_addresses(connection, SYSTEM, [*ids, 10**9], keys)
    assert sorted(opened.values()) == [f"+86138{n:08}" for n in range(count)]
    connection.execute(update(addresses).where(addresses.c.id == ids[0]).values(value_sealed=bytes(40)))
    assert set(scope.open_addresses(connection, SYSTEM, ids, keys)) == set(ids[1:])
    now = register.clock.now()
    connection.execute(update(addresses).where(addresses.c.id == ids[1]).values(stopped_at=now, stop_reason="x"))
    assert len(connection.execute(scope.usable_addresses(SYSTEM)).all()) == count - 1


def test_a_missing_master_key_is_no_lost_address(register: Register) -> None:
    """Without the master key nothing counts as lost: the work stops. Auditors open nothing."""
    register.enrol(person())
    ids = list(register.connection.execute(select(table(Address).c.id)).scalars())
    with pytest.raises(KeyGone):
        scope.open_addresses(register.connection, SYSTEM, ids, MasterKeys({"other": bytes(32)}, "other"))
    with pytest.raises(NotAllowed):
        scope.open_addresses(register.connection, AUDITOR, ids, register.keys)


def test_lists_page_filter_mask_and_leave_a_line(register: Register) -> None:
    """Pages follow each other, filters hold, auditors get masks, and each look is in the audit with ids and no
    names.
    """
    connection, keys, now = register.connection, register.keys, register.clock.now()
    own = register.employer()
    one, two, three = register.enrol(
        person(
            "孙悟空", stay("ZM"), stay("AO", RETURNED), employer_id=own, phones=("+8613800138000", "+8613900139000")
        ),
        person("猪八戒", stay("AO")),
        person("沙悟净", stay("ZM", DOUBTFUL)),
    )

    def page(actor: Actor = OFFICER, **wishes: object) -> list[int]:
        return [v.registrant_id for v in scope.list_people(connection, actor, keys, now=now, **wishes)]  # type: ignore[arg-type]

    assert page(limit=2) == [one, two]
    assert page(limit=2, after=two) == [three]
    assert page(country="ZM") == [one, three]
    assert page(country="AO") == [two]
    assert page(employer=own) == [one]
    assert page(country="FR") == []
    plain = scope.list_people(connection, OFFICER, keys, now=now, limit=1)[0]
    assert (plain.name, plain.masked, [a.value for a in plain.addresses]) == (
        "孙悟空", False, ["+8613800138000", "+8613900139000"],
    )  # fmt: skip
    assert [(p.country, p.status) for p in plain.postings] == [("ZM", ABROAD), ("AO", RETURNED)]
    masked = scope.list_people(connection, AUDITOR, keys, now=now, limit=1)[0]
    assert (masked.name, masked.masked, masked.addresses[0].value) == ("孙**", True, "+86*********00")
    lines = connection.execute(select(table(Audit)).where(table(Audit).c.action == "people.view")).all()
    assert (lines[-1].actor, lines[-1].detail) == (AUDITOR.name, str(one))
    assert not any("孙" in line.detail for line in lines)


def test_counts_by_country(register: Register) -> None:
    """Each person counts once per country, in the surest column; somebody with two countries counts in both."""
    register.enrol(
        person("孙悟空", stay("ZM"), stay("ZM", PLANNED, days(3)), stay("AO", PLANNED, days(3))),
        person("猪八戒", stay("ZM", ABROAD, None, days(-1))),
        person("沙悟净", stay("ZM", RETURNED), stay("AO", DOUBTFUL)),
        person("唐三藏", stay("FR", PLANNED, days(99))),
    )
    assert scope.count_by_country(register.connection, OFFICER, DAY) == (
        CountryCount("AO", 0, 1, 1), CountryCount("ZM", 1, 0, 1),
    )  # fmt: skip


def test_the_newest_consent_stands(register: Register) -> None:
    """A later consent replaces an earlier one, and a withdrawn one leaves none."""
    connection, consents, now = register.connection, table(Consent), register.clock.now()
    (one,) = register.enrol(person())
    values = {"registrant_id": one, "ground": Ground.CONSENT, "text_version": "2", "given_at": now, "recorded_by": "x"}
    connection.execute(insert(consents).values({**values, "foreign": True}))
    standing = connection.execute(scope.standing_consents(SYSTEM)).all()
    assert [(row.registrant_id, row.ground, row.foreign) for row in standing] == [(one, "consent", True)]
    newest = connection.execute(select(func.max(consents.c.id))).scalar_one()
    connection.execute(update(consents).where(consents.c.id == newest).values(withdrawn_at=now))
    assert connection.execute(scope.standing_consents(SYSTEM)).all() == []


def test_ids_are_never_handed_out_twice(register: Register) -> None:
    """Ids taken for new rows are free, also after explicit ones were written."""
    for _ in range(3):
        register.enrol(person("孙悟空"), person("猪八戒"))
    people = register.connection.execute(select(table(Registrant).c.id)).scalars().all()
    assert len(set(people)) == 6
    free = list(scope.free_ids(register.connection, "registrant", 2))
    assert not set(free) & set(people)
    register.connection.execute(delete(table(Posting)))
    assert found(register, "ZM") == []


def test_no_other_module_asks_about_people() -> None:
    """Only the scope asks about people; the store writes, the tables describe, and nobody else names these tables."""
    guarded = {"Registrant", "PersonKey", "Posting", "Address", "Consent", "HomeContact", "RegisterChange"}
    tables = "registrant|person_key|posting|address|consent|home_contact|register_change"
    sql = re.compile(rf"\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:{tables})\b")
    allowed = {"registry/store.py", "registry/tables.py"}
    rooms = ("cli", "console", "flows", "notify", "registry", "sources", "core")
    files = [file for room in rooms for file in (ROOT / room).rglob("*.py")]
    offenders = []
    for file in files:
        name = file.relative_to(ROOT).as_posix()
        if name in allowed or name.startswith(("core/migrations/", "registry/scope/")):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "registry.tables":
                offenders += [(name, alias.name) for alias in node.names if alias.name in guarded | {"*"}]
            if isinstance(node, ast.ImportFrom) and node.module == "registry":
                offenders += [(name, alias.name) for alias in node.names if alias.name == "tables"]
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and sql.search(node.value):
                offenders.append((name, node.value))
    assert offenders == []
    store = ast.parse((ROOT / "registry/store.py").read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(store) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert "select" not in imported
