"""Who proved who they are sees and changes what is theirs, for minutes, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from core.errors import BadInput, NotAllowed, NotFound
from registry import scope
from registry.actors import RESIDENT, SYSTEM, Actor, proven_resident
from registry.enrol import Sealer
from registry.people import Channel, NewAddress, NewPosting
from registry.rights.correct import correct
from registry.rights.model import Correction, PersonFile
from registry.scope.rights import person_file
from registry.signup.ask import ask_by_name
from registry.signup.change import add_companion, add_stays, change_stays, end_stays, take_out
from registry.signup.leave import Left, leave_proven
from registry.signup.model import Confirmed, Given, Pending, Purpose, Refusal
from registry.signup.register import ask_again, code_to_read_out, to_telephone
from registry.signup.verify import Proven, pass_check
from registry.signup.visit import Visit, begin, end, visit_of
from registry.signup.ways import begin_address, stop_way, take_address
from registry.signup.wishes import agree_proven
from registry.tables import PostingStatus
from tests.registry.people import AUDITOR, OFFICER, Register, person
from tests.registry.test_signup import GIVEN, PHONE, answer, sign_up, words, wrong

NEW = NewAddress(Channel.SMS, "+33612000009")
TODAY = date(2026, 11, 22)
FLAT = replace(GIVEN, postings=(NewPosting("FR", city="里昂"),))


def visiting(here: Register, given: Given = FLAT) -> Visit:
    """Register somebody with a companion, and begin a visit."""
    done = answer(here, sign_up(here, given))
    assert isinstance(done, Confirmed)
    token = begin(here.connection, done.registrant_id, done.address_id, now=here.clock.now())
    return visit_of(here.connection, token, now=here.clock.now())


def sealer(here: Register) -> Sealer:
    """Return what a resident writes with."""
    return Sealer(here.keys, here.index_key, RESIDENT.name, here.clock.now())


def held(here: Register, one: int, actor: Actor = OFFICER) -> PersonFile:
    """Return what is held of a person."""
    return person_file(here.connection, actor, one, here.keys)


def places(here: Register, one: int) -> list[tuple[str, str, str]]:
    """Return country, city and state of each stay of a person."""
    return [(stay.country, stay.city, stay.status) for stay in held(here, one).postings]


def in_use(here: Register, one: int) -> list[str]:
    """Return the addresses of a person that are in use."""
    return [way.value for way in held(here, one).addresses if way.stopped_at is None]


def test_a_visit_lasts_fifteen_minutes_from_the_last_deed_and_an_hour_in_all(register: Register) -> None:
    """Looking does not prolong it, doing does; after an hour, after its end, and with another token there is none."""
    done = answer(register, sign_up(register))
    assert isinstance(done, Confirmed)
    token = begin(register.connection, done.registrant_id, done.address_id, now=register.clock.now())
    visit_of(register.connection, token, now=register.clock.now() + timedelta(minutes=14))
    with pytest.raises(NotAllowed):
        visit_of(register.connection, token, now=register.clock.now() + timedelta(minutes=15))
    for _ in range(5):
        register.clock.advance(timedelta(minutes=11))
        visit_of(register.connection, token, now=register.clock.now(), prolong=True)
    with pytest.raises(NotAllowed):
        visit_of(register.connection, token, now=register.clock.now() + timedelta(minutes=5))
    end(register.connection, visit_of(register.connection, token, now=register.clock.now()), now=register.clock.now())
    for one in (token, "", "another"):
        with pytest.raises(NotAllowed):
            visit_of(register.connection, one, now=register.clock.now())


def test_a_visitor_sees_themselves_and_their_companions_only(register: Register) -> None:
    """Strangers do not exist; whom a company registered under the same name and number may be seen, and not changed."""
    (stranger,) = register.enrol(person("史湘云", phones=("+33612000001",)))
    (posted,) = register.enrol(person("林黛玉", employer_id=register.employer(), phones=(PHONE,)))
    visit = visiting(register)
    assert (posted in visit.mine, len(visit.companions)) == (True, 1)
    assert {held(register, one, visit.actor).masked for one in (*visit.mine, *visit.companions)} == {False}
    for actor in (visit.actor, proven_resident(()), RESIDENT):
        with pytest.raises(NotFound):
            held(register, stranger, actor)
    (stay,) = held(register, posted).postings
    with pytest.raises(NotAllowed):
        end_stays(register.connection, visit.actor, [stay.posting_id], sealer=sealer(register))
    with pytest.raises(NotAllowed):
        correct(register.connection, visit.actor, posted, Correction(name="x"), sealer=sealer(register))


def test_an_address_that_was_only_written_down_makes_nobody_the_same_person(register: Register) -> None:
    """Whoever registers under another's name, with a number of their own and the other's mail, gets nothing of the other."""
    victim = visiting(register)
    theirs = (NewAddress(Channel.SMS, NEW.value), NewAddress(Channel.EMAIL, "lin@example.com"))
    forger = visiting(register, replace(FLAT, addresses=theirs, companions=()))
    assert not set(forger.mine + forger.companions) & set(victim.mine + victim.companions)
    done = leave_proven(register.connection, forger.address_id, now=register.clock.now(), companions=True)
    assert isinstance(done, Left)
    assert done.registrant_ids == forger.mine
    agree_proven(register.connection, forger.address_id, foreign=False, sealer=sealer(register))
    assert scope.addresses.agreeing(register.connection, SYSTEM, victim.mine) == frozenset(victim.mine)


def test_who_moves_later_is_warned_here_until_then(register: Register) -> None:
    """Another country from a later day on: the stay that has begun holds until that day, or its own end if that is sooner."""
    visit = visiting(register)
    (me,), (friend,) = visit.mine, visit.companions
    stays = [held(register, one).postings[0].posting_id for one in (me, friend)]
    later = NewPosting("IT", PostingStatus.PLANNED, TODAY + timedelta(days=40))
    change_stays(register.connection, visit.actor, stays, later, day=TODAY, sealer=sealer(register))
    for one in (me, friend):
        assert [place[0::2] for place in places(register, one)] == [("FR", "abroad"), ("IT", "planned")]
        assert held(register, one).postings[0].date_to == TODAY + timedelta(days=40)
    for day, found in ((20, {"FR"}), (39, {"FR", "IT"}), (41, {"IT"})):
        when = TODAY + timedelta(days=day)
        rows = [scope.people_in(SYSTEM, [country], when) for country in ("FR", "IT")]
        assert {row.country for query in rows for row in register.connection.execute(query)} == found


def test_a_stay_is_moved_put_right_and_ended(register: Register) -> None:
    """Another country is another stay; the same one keeps its row, also if an end is taken away; both need the visitor."""
    visit = visiting(register)
    (me,), (friend,) = visit.mine, visit.companions
    stays = [held(register, one).postings[0].posting_id for one in (me, friend)]
    wanted = NewPosting("FR", PostingStatus.ABROAD, None, date(2027, 1, 1), city="巴黎")
    assert change_stays(register.connection, visit.actor, stays[:1], wanted, day=TODAY, sealer=sealer(register)) == 1
    assert places(register, me) == [("FR", "巴黎", "abroad")]
    change_stays(
        register.connection, visit.actor, stays[:1], replace(wanted, date_to=None), day=TODAY, sealer=sealer(register)
    )
    assert held(register, me).postings[0].date_to is None
    change_stays(
        register.connection, visit.actor, stays, NewPosting("ZM", city="卢萨卡"), day=TODAY, sealer=sealer(register)
    )
    assert places(register, me) == [("FR", "巴黎", "returned"), ("ZM", "卢萨卡", "abroad")]
    assert places(register, friend) == [("FR", "里昂", "returned"), ("ZM", "卢萨卡", "abroad")]
    add_stays(register.connection, visit.actor, [me], NewPosting("AO"), sealer=sealer(register))
    end_stays(register.connection, visit.actor, [held(register, me).postings[1].posting_id], sealer=sealer(register))
    assert [state for _, _, state in places(register, me)] == ["returned", "returned", "abroad"]
    for gone in (stays[0], 0):
        with pytest.raises(NotFound):
            end_stays(register.connection, visit.actor, [gone], sealer=sealer(register))


def test_a_companion_joins_and_is_taken_out(register: Register) -> None:
    """One more has the same stays, addresses and consent, and is of the visit; taken out, their stays are over, nobody else's."""
    visit = visiting(register)
    (me,), (friend,) = visit.mine, visit.companions
    one = add_companion(register.connection, visit.actor, me, "雪雁", language="en", sealer=sealer(register))
    new = held(register, one)
    assert (new.name, new.language, places(register, one)) == ("雪雁", "en", places(register, me))
    assert (in_use(register, one), new.consents[-1].foreign) == (in_use(register, me), True)
    with pytest.raises(NotFound):
        take_out(register.connection, visit.actor, one, erase=False, sealer=sealer(register))  # of another visit yet
    everybody = proven_resident((me, friend, one))
    take_out(register.connection, everybody, one, erase=True, sealer=sealer(register))
    assert [places(register, who)[0][2] for who in (me, friend, one)] == ["abroad", "abroad", "returned"]
    assert held(register, one).requests[-1].result == "waiting"
    with pytest.raises(BadInput):
        add_companion(register.connection, everybody, me, " ", language="zh", sealer=sealer(register))
    full = proven_resident((me, *range(1000, 1021)))
    with pytest.raises(BadInput):
        add_companion(register.connection, full, me, "侍书", language="zh", sealer=sealer(register))


def test_a_new_address_is_used_after_its_code(register: Register) -> None:
    """Written down it is out of use; a wrong code changes nothing, the right one does, for a companion too; the last one stays."""
    visit = visiting(register)
    (me,), (friend,) = visit.mine, visit.companions

    def ask() -> Pending:
        return begin_address(register.connection, visit.actor, me, NEW, sealer=sealer(register))

    pending = ask()
    assert NEW.value not in in_use(register, me)
    args = {"also": [friend], "sealer": sealer(register)}
    no = take_address(register.connection, visit.actor, pending.ticket, wrong(pending), **args)  # type: ignore[arg-type]
    assert words(no) == "The code is wrong."
    pending = ask()
    assert pending.code is not None
    done = take_address(register.connection, visit.actor, pending.ticket, pending.code.digits, **args)  # type: ignore[arg-type]
    assert isinstance(done, Proven)
    assert NEW.value in in_use(register, me)
    assert NEW.value in in_use(register, friend)
    with pytest.raises(BadInput):
        ask()
    ways = {way.value: way.address_id for way in held(register, me).addresses}
    for value in (PHONE, "lin@example.com"):
        stop_way(register.connection, visit.actor, me, ways[value], sealer=sealer(register))
    assert in_use(register, me) == [NEW.value]
    with pytest.raises(BadInput):
        stop_way(register.connection, visit.actor, me, ways[NEW.value], sealer=sealer(register))
    with pytest.raises(NotFound):
        stop_way(register.connection, visit.actor, friend, ways[NEW.value], sealer=sealer(register))
    with pytest.raises(NotFound):
        begin_address(register.connection, proven_resident((friend,)), me, NEW, sealer=sealer(register))


def test_another_code_takes_the_place_of_the_first_and_counts(register: Register) -> None:
    """The first ticket is good for nothing then, the new one enrols; more than three an hour there are not, however asked for."""
    first = sign_up(register)

    def again(pending: Pending) -> Pending | Refusal:
        return ask_again(
            register.connection, pending.ticket, keys=register.keys, index_key=register.index_key, now=register.clock.now()
        )  # fmt: skip

    second = again(first)
    assert isinstance(second, Pending)
    assert "Too many wrong codes" in words(answer(register, first))
    assert "Too many wrong codes" in words(again(first))
    third = again(second)
    assert isinstance(third, Pending)
    with pytest.raises(BadInput):
        again(third)
    assert isinstance(answer(register, third), Confirmed)


def test_an_officer_finds_whom_to_telephone(register: Register) -> None:
    """Only those who refused providers abroad are listed, until they are registered or their time is over; to the office alone."""
    sign_up(register)
    phone_only = replace(
        FLAT, foreign=False, by_phone=True, addresses=(NewAddress(Channel.SMS, "+33612000002"),), companions=()
    )
    pending = sign_up(register, phone_only)

    def listed(actor: Actor = OFFICER) -> list[str]:
        found = to_telephone(
            register.connection, actor, keys=register.keys, index_key=register.index_key, now=register.clock.now()
        )  # fmt: skip
        return [one.ticket for one in found]

    (ticket,) = listed()
    code = code_to_read_out(
        register.connection, OFFICER, ticket, keys=register.keys, index_key=register.index_key, now=register.clock.now()
    )  # fmt: skip
    assert not isinstance(code, Refusal)
    assert code.address == "+33612000002"
    for nobody in (AUDITOR, RESIDENT):
        with pytest.raises(NotAllowed):
            listed(nobody)
    register.clock.advance(timedelta(hours=24))
    assert listed() == []
    assert pending.code is None


@contextmanager
def counted(here: Register) -> Iterator[list[str]]:
    """Give the statements that are made meanwhile."""
    made: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        made.append(statement)

    event.listen(here.connection.engine, "before_cursor_execute", note)
    yield made
    event.remove(here.connection.engine, "before_cursor_execute", note)


def test_known_and_unknown_cannot_be_told_apart(register: Register) -> None:
    """Asked, refused, tried out and run out: the same words and the same statements, whether somebody is there or not."""
    answer(register, sign_up(register))
    register.clock.advance(timedelta(hours=2))
    told: list[list[str]] = []
    made: list[list[str]] = []
    for name in ("林黛玉", "史湘云"):
        with counted(register) as statements:
            tickets = [
                ask_by_name(
                    register.connection, Purpose.VISIT, name=name, channel="sms", value=PHONE, keys=register.keys,
                    index_key=register.index_key, now=register.clock.now(),
                )
                for _ in range(5)
            ]  # fmt: skip
            sent = [one for one in tickets if one.code is not None]
            assert len(sent) == (3 if name == "林黛玉" else 0)
            assert {len(one.ticket) for one in tickets} == {len(tickets[0].ticket)}
            late = register.clock.now() + timedelta(hours=24)
            digits = "x" if not sent or sent[0].code is None else wrong(sent[0])
            told.append([
                words(pass_check(register.connection, one.ticket, digits, index_key=register.index_key, now=at, kind=Purpose.VISIT))
                for one in tickets for at in (*[register.clock.now()] * 6, late)
            ])  # fmt: skip
        made.append(statements)
    assert told[0] == told[1]
    assert made[0] == made[1]
