"""Undo of a roster: the state before comes back, and a killed import leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from core.clock import FixedClock
from core.database import reading, writing
from core.errors import BadInput, NotAllowed, NotFound
from core.keys import MasterKeys
from core.tables import table
from registry import scope, store
from registry.actors import SYSTEM, Actor
from registry.asking import questions, rounds
from registry.asking.rules import Answer, month_of
from registry.asking.tables import ConfirmationRound, Question
from registry.employers import EmployerView, find_employer
from registry.roster.apply import import_roster
from registry.roster.notices import Kept, Notices, Settled, TakenBack, Warned
from registry.roster.undo import Undone, imports_of, undo_import
from registry.tables import Address, Consent, Posting, RegisterChange, Registrant, Role, RosterImport
from tests.registry.files import HEADER, WUKONG, Row, changed, check
from tests.registry.people import DAY, OFFICER, Register, company
from tests.registry.roster_process import CREW

ROOT = Path(__file__).resolve().parents[2]
BAJIE = changed(name="猪八戒", abroad="+260977765432", home="13900139000", mail="")
SHASENG = changed(name="沙悟净", abroad="+260977111222", home="", mail="")
WIDE = (*HEADER, "通知语言", "同意境外传输")
SECOND = (
    (*changed(city="恩多拉", end="2027-01-31", abroad="+260977000111"), "English", "是"),
    (*changed(BAJIE, country="安哥拉"), "", ""),
    (*changed(name="白龙马", abroad="+260977333444", home="", mail=""), "", ""),
)


def nothing_in_use(connection: Any, *, postings: Sequence[int], addresses: Sequence[int]) -> Kept:
    """No notice names any of these rows."""
    return Kept()


def all_in_use(connection: Any, *, postings: Sequence[int], addresses: Sequence[int]) -> Kept:
    """A notice names every one of these rows."""
    return Kept(frozenset(postings), frozenset(addresses))


@pytest.fixture
def employer(register: Register) -> EmployerView:
    """Give an employer."""
    register.employer()
    return find_employer(register.connection, SYSTEM, "OFFICE-1")


def apply(
    register: Register, employer: EmployerView, *rows: Row,
    header: Row = HEADER, full: bool = False, actor: Actor = OFFICER,
) -> int:  # fmt: skip
    """Import these rows a day later than what came before; return the number of the import."""
    register.clock.advance(timedelta(days=1))
    return import_roster(
        register.connection, actor, employer, check(*rows, header=header),
        keys=register.keys, index_key=register.index_key, now=register.clock.now(), full=full,
    ).import_id  # fmt: skip


def nobody_told(connection: Any, taken: TakenBack, now: datetime) -> Warned:
    """Nobody was told anything."""
    return Warned()


def everybody_told(connection: Any, taken: TakenBack, now: datetime) -> Warned:
    """Alert 7 still concerns everybody."""
    return Warned(frozenset(taken.people), (7,) if taken.people else ())


def undo(
    register: Register, number: int, actor: Actor = OFFICER, in_use: Any = nothing_in_use, told: Any = nobody_told,
    confirm: str = "", forgotten: list[int] | None = None,
) -> Undone:  # fmt: skip
    """Undo an import a day later; whose notices are made to forget them is added to `forgotten`."""
    register.clock.advance(timedelta(days=1))
    gone = [] if forgotten is None else forgotten

    def settle(connection: Any, taken: TakenBack, now: datetime) -> Settled:
        """Remember whose notices were to be settled."""
        gone.extend(taken.people)
        return Settled(called_off=len(taken.people))

    notices = Notices(in_use, told, settle)
    return undo_import(register.connection, actor, number, notices=notices, now=register.clock.now(), confirm=confirm)


def state(register: Register, employer: EmployerView, *, times: bool = True) -> Any:
    """Return what the register says, by content: people, stays, ways to reach them, consent, questions, who is told."""
    connection = register.connection
    known = scope.known_people(connection, SYSTEM, employer.employer_id)
    people = sorted(
        (
            one.name_index, one.language, one.foreign, tuple(sorted(one.addresses)),
            tuple(sorted((p.country, p.status, p.city, p.site, str(p.date_from), str(p.date_to),
                          str(p.confirmed_at) if times else "") for p in one.postings)),
        )
        for one in known
    )  # fmt: skip
    usable = sorted((row.channel, row.value_index) for row in connection.execute(scope.usable_addresses(SYSTEM)))
    told = connection.execute(scope.people_in(SYSTEM, ["ZM", "AO"], DAY, include_doubtful=True)).all()
    asked = [(q.kind, q.country) for q in questions.list_open(connection, OFFICER, register.clock.now())]
    rounds_open = [one.month for one in rounds.list_open(connection, OFFICER, register.clock.now())]
    return (
        people, usable, sorted((row.country, row.language, row.doubtful) for row in told),
        scope.count_by_country(connection, SYSTEM, DAY), asked, rounds_open,
    )  # fmt: skip


def test_apply_undo_apply_is_the_same_state(register: Register, employer: EmployerView) -> None:
    """Undo restores the state before, confirmations too; applying again gives the state of the first applying."""
    apply(register, employer, WUKONG, BAJIE, SHASENG)
    before = state(register, employer)
    number = apply(register, employer, *SECOND, header=WIDE, full=True)
    after = state(register, employer, times=False)
    assert after != state(register, employer)
    done = undo(register, number)
    assert (done.erased, done.taken_back, done.kept) == (1, 3, 0)
    assert state(register, employer) == before
    again = apply(register, employer, *SECOND, header=WIDE, full=True)
    assert state(register, employer, times=False) == after
    undo(register, again)
    assert state(register, employer) == before


def test_undo_goes_back_step_by_step(register: Register, employer: EmployerView) -> None:
    """Two rosters are undone newest first, down to the empty register; a roster that stands above refuses."""
    empty = state(register, employer)
    first = apply(register, employer, WUKONG, BAJIE)
    middle = state(register, employer)
    second = apply(register, employer, *SECOND, header=WIDE)
    with pytest.raises(BadInput, match=f"Undo import {second} first"):
        undo(register, first)
    undo(register, second)
    assert state(register, employer) == middle
    with pytest.raises(BadInput, match="undone already"):
        undo(register, second)
    undo(register, first)
    assert state(register, employer) == empty
    assert imports_of(register.connection, OFFICER, employer.employer_id) == ()


def test_what_was_changed_since_is_not_undone(register: Register, employer: EmployerView) -> None:
    """If somebody answered for a person since, nothing is undone, and the person is named by number."""
    apply(register, employer, WUKONG, BAJIE)
    number = apply(register, employer, *SECOND, header=WIDE)
    one = scope.known_people(register.connection, SYSTEM, employer.employer_id)[0]
    posting = one.postings[0].posting_id
    register.connection.execute(table(Posting).update().where(table(Posting).c.id == posting).values(city="卢安沙"))
    untouched = state(register, employer)
    with pytest.raises(BadInput, match=rf"number {one.registrant_id}\b"):
        undo(register, number)
    assert state(register, employer) == untouched


def test_a_joined_person_of_whom_somebody_told_since_is_not_erased(register: Register, employer: EmployerView) -> None:
    """A new person whose stay was ended by an answer since refuses the undo of the roster that brought them."""
    number = apply(register, employer, changed(end="2026-11-22"))
    register.clock.advance(timedelta(days=1))
    assert questions.ask_ended(register.connection, register.clock.now().date(), register.clock.now()) == 1
    (asked,) = questions.list_open(register.connection, OFFICER, register.clock.now())
    questions.answer(register.connection, OFFICER, asked.question_id, Answer.RETURNED, register.clock.now())
    with pytest.raises(BadInput, match=rf"number {asked.registrant_id}\b"):
        undo(register, number)


def test_a_confirmation_since_stands(register: Register, employer: EmployerView) -> None:
    """无变化 said after the roster is no reason to refuse, and outlives the undo."""
    apply(register, employer, WUKONG, BAJIE)
    number = apply(register, employer, WUKONG)
    register.clock.advance(timedelta(days=1))
    said = register.clock.now()
    rounds.confirm_unchanged(register.connection, OFFICER, employer.employer_id, said)
    undo(register, number)
    known = scope.known_people(register.connection, SYSTEM, employer.employer_id)
    assert {view.confirmed_at for one in known for view in one.postings} == {said}


def test_rows_that_notices_name_are_ended_and_come_back(register: Register, employer: EmployerView) -> None:
    """A stay and an address that a notice names are ended and stopped, not deleted; told again, they are in use again."""
    apply(register, employer, BAJIE)
    before = state(register, employer)
    more = changed(BAJIE, country="安哥拉", abroad="+260977999888")
    number = apply(register, employer, more)
    after = state(register, employer, times=False)
    done = undo(register, number, in_use=all_in_use)
    assert (done.taken_back, done.kept) == (0, 2)
    assert (state(register, employer)[1:], state(register, employer) == before) == (before[1:], False)
    again = apply(register, employer, more)
    assert state(register, employer, times=False)[1:] == after[1:]
    undo(register, again)
    assert state(register, employer)[1:] == before[1:]


def test_a_provider_that_stopped_a_number_is_believed_after_the_undo(
    register: Register, employer: EmployerView
) -> None:
    """An address a provider called dead keeps that reason when its roster is undone."""
    apply(register, employer, BAJIE)
    number = apply(register, employer, changed(BAJIE, abroad="+260977999888"))
    newest = register.connection.execute(select(func.max(table(Address).c.id))).scalar_one()
    store.stop_addresses(register.connection, [newest], reason="provider: no such address", now=register.clock.now())
    undo(register, number, in_use=all_in_use)
    row = register.connection.execute(select(table(Address)).where(table(Address).c.id == newest)).one()
    assert row.stop_reason == "provider: no such address"


def test_questions_and_rounds_of_a_roster_are_undone_with_it(register: Register, employer: EmployerView) -> None:
    """What a roster asked is no longer asked, and what it had answered is open again."""
    apply(register, employer, WUKONG, BAJIE)
    apply(register, employer, WUKONG, full=True)
    register.clock.advance(timedelta(days=30))
    rounds.ask_round(register.connection, month_of(register.clock.now(), "Asia/Shanghai"), register.clock.now())
    before = state(register, employer)
    assert (before[4], before[5]) == ([("absent", "ZM")], ["2026-12"])
    number = apply(register, employer, BAJIE, SHASENG, full=True)
    after = state(register, employer)
    assert (after[4], after[5]) == ([("absent", "ZM")], [])
    undo(register, number)
    assert state(register, employer) == before


def test_who_may_undo(register: Register, employer: EmployerView) -> None:
    """A company undoes its own roster; another one does not learn that it exists; an auditor may not."""
    number = apply(register, employer, WUKONG)
    other = register.employer("OFFICE-2")
    for actor in (company(other), Actor("jia.zheng", Role.AUDITOR, 902)):
        with pytest.raises(NotFound):
            undo(register, number, actor)
        with pytest.raises(NotAllowed):
            imports_of(register.connection, actor, employer.employer_id)
    with pytest.raises(NotFound):
        undo(register, number + 1)
    with pytest.raises(NotAllowed, match="The office imported"):
        undo(register, number, company(employer.employer_id))
    undo(register, number)
    own = company(employer.employer_id)
    number = apply(register, employer, WUKONG, actor=own)
    with pytest.raises(NotAllowed, match="were sent notices"):
        undo(register, number, own, told=everybody_told, confirm="OFFICE-1")
    assert undo(register, number, own).erased == 1


def test_people_under_warning_are_not_erased_by_an_undo(register: Register, employer: EmployerView) -> None:
    """Where an alert still concerns somebody the roster brought, it is named, and only the code of the company goes on; the
    notices forget the number then.
    """
    number = apply(register, employer, WUKONG)
    before = state(register, employer)
    for typed in ("", "yes", "OFFICE-2"):
        with pytest.raises(BadInput, match=r"alert 7.*OFFICE-1"):
            undo(register, number, told=everybody_told, confirm=typed)
    assert state(register, employer) == before
    forgotten: list[int] = []
    (one,) = scope.known_people(register.connection, SYSTEM, employer.employer_id)
    assert undo(register, number, told=everybody_told, confirm="office-1", forgotten=forgotten).erased == 1
    assert forgotten == [one.registrant_id]


def test_two_at_once_enrol_nobody_twice(engine: Engine, keys: MasterKeys, index_key: bytes, clock: FixedClock) -> None:
    """One file applied by two contacts in the same moment: the second one waits, and finds everybody there."""
    with writing(engine) as connection:
        Register(connection, keys, index_key, clock).employer()
    run = [sys.executable, "-m", "tests.registry.roster_process", engine.url.render_as_string(hide_password=False)]
    both = [subprocess.Popen([*run, "never"], cwd=ROOT) for _ in range(2)]
    assert [one.wait(120) for one in both] == [0, 0]
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(table(Registrant))).scalar_one() == CREW
        assert connection.execute(select(func.count()).select_from(table(RosterImport))).scalar_one() == 2


def test_an_import_killed_in_the_middle_leaves_nothing(
    engine: Engine, keys: MasterKeys, index_key: bytes, clock: FixedClock
) -> None:
    """A process killed with SIGKILL after every row was written, and before the commit, leaves the register as it was;
    the same import then goes through whole.
    """
    with writing(engine) as connection:
        register = Register(connection, keys, index_key, clock)
        register.employer()
    url = engine.url.render_as_string(hide_password=False)
    run = [sys.executable, "-m", "tests.registry.roster_process", url]
    for at in ("people", "changes", "end"):
        killed = subprocess.run([*run, at], cwd=ROOT, check=False, capture_output=True, text=True, timeout=120)
        assert killed.returncode == -9, killed.stderr
        with reading(engine) as connection:
            for model in (
                Registrant,
                Posting,
                Address,
                Consent,
                RosterImport,
                RegisterChange,
                Question,
                ConfirmationRound,
            ):
                assert connection.execute(select(func.count()).select_from(table(model))).scalar_one() == 0
    whole = subprocess.run([*run, "never"], cwd=ROOT, check=False, capture_output=True, text=True, timeout=120)
    assert whole.returncode == 0, whole.stderr
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(table(Registrant))).scalar_one() == CREW
