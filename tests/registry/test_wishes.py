"""What residents say by code after they are registered: consent, still there, by telephone, and what erasing takes along."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.errors import BadInput, NotAllowed, NotFound
from core.tables import Audit, table
from registry import scope
from registry.actors import RESIDENT, SYSTEM
from registry.enrol import Sealer
from registry.people import Channel, NewAddress, NewPosting
from registry.rights.still import confirm_stays
from registry.scope.rights import person_file
from registry.signup.leave import Left, Staying
from registry.signup.model import Code, Companion, Confirmed, Pending, Purpose, Refusal
from registry.signup.register import code_to_read_out
from registry.signup.texts import current
from registry.signup.wishes import Agreed, StillThere, agree, still_there
from registry.tables import Posting, PostingStatus
from tests.registry.people import AUDITOR, OFFICER, Register, person
from tests.registry.test_signup import GIVEN, PHONE, answer, go, gone, sign_up, standing, words


def used(here: Register, one: int) -> list[str]:
    """Return the addresses at which a person is reached."""
    found = person_file(here.connection, OFFICER, one, here.keys)
    return [way.value for way in found.addresses if way.stopped_at is None]


def test_whoever_is_erased_takes_their_number_from_companions(register: Register) -> None:
    """Companions who stay are listed; the number of whoever is erased is stopped there, unless they keep it by their own word."""
    two = (Companion("紫鹃"), Companion("雪雁", addresses=(NewAddress(Channel.SMS, "+33612000001"),)))
    done = answer(register, sign_up(register, replace(GIVEN, companions=two)))
    assert isinstance(done, Confirmed)
    me, (friend, apart) = done.registrant_id, done.companions
    kept = gone(register, go(register), erase=True, keep_number=True)
    assert kept == Left((me,), 1, True, (Staying(friend, only=True, stopped=False),))
    assert used(register, friend) == [PHONE, "lin@example.com"]
    assert gone(register, go(register), erase=True) == Left((me,), 0, True, (Staying(friend, only=True, stopped=True),))
    assert (used(register, friend), used(register, apart)) == ([], ["+33612000001"])
    assert standing(register, friend, apart) == {friend, apart}


def wish(here: Register, pending: Pending, *, foreign: bool, version: str = "") -> Agreed | Refusal:
    """Give or withdraw the consent to providers abroad."""
    digits = pending.code.digits if pending.code is not None else "000000"
    sealer = Sealer(here.keys, here.index_key, RESIDENT.name, here.clock.now())
    return agree(here.connection, pending.ticket, digits, foreign=foreign, text_version=version, sealer=sealer)


def test_consent_is_withdrawn_and_given_again_by_code(register: Register) -> None:
    """Who proves an address takes consent back wherever they stand, on the same ground, for companions too; giving needs the text."""
    done = answer(register, sign_up(register))
    assert isinstance(done, Confirmed)
    me, (friend,) = done.registrant_id, done.companions
    employed = person("林黛玉", employer_id=register.employer(), phones=(PHONE,))
    (posted,) = register.enrol(replace(employed, consent=replace(employed.consent, foreign=True)))
    all_three = (me, friend, posted)
    assert scope.addresses.agreeing(register.connection, SYSTEM, all_three) == frozenset(all_three)
    assert wish(register, go(register, purpose=Purpose.CONSENT), foreign=False) == Agreed(all_three, False, 3)
    assert scope.addresses.agreeing(register.connection, SYSTEM, all_three) == frozenset()
    last = person_file(register.connection, OFFICER, posted, register.keys).consents[-1]
    assert (last.ground, last.text_version, last.foreign) == ("employment", "withdrawal/1", False)
    pending = go(register, purpose=Purpose.CONSENT)
    with pytest.raises(BadInput):
        wish(register, pending, foreign=True)
    assert wish(register, pending, foreign=True, version=current()) == Agreed(all_three, True, 3)
    assert scope.addresses.agreeing(register.connection, SYSTEM, all_three) == frozenset(all_three)
    unknown = go(register, name="史湘云", purpose=Purpose.CONSENT)
    assert words(wish(register, unknown, foreign=False)) == "The code is wrong."


def test_a_code_is_good_for_its_purpose_only(register: Register) -> None:
    """A code to say that one is still there neither ends a registration nor changes a consent, and says what it is for."""
    answer(register, sign_up(register))
    pending = go(register, purpose=Purpose.STILL_THERE)
    assert pending.code is not None
    assert pending.code.purpose is Purpose.STILL_THERE
    with pytest.raises(NotFound):
        gone(register, pending)
    with pytest.raises(NotFound):
        wish(register, pending, foreign=False)


def test_who_is_still_there_says_so_by_code(register: Register) -> None:
    """The stays of the person are confirmed now, a doubtful one is so no more, and an end that has passed did not hold."""
    past = register.clock.now().date() - timedelta(days=3)
    done = answer(register, sign_up(register, replace(GIVEN, postings=(NewPosting("FR", date_to=past),))))
    assert isinstance(done, Confirmed)
    me, stays = done.registrant_id, table(Posting)
    register.connection.execute(
        update(stays).where(stays.c.registrant_id == me).values(status=PostingStatus.DOUBTFUL)
    )  # fmt: skip
    register.clock.advance(timedelta(days=100))
    pending = go(register, purpose=Purpose.STILL_THERE)
    assert pending.code is not None
    now = register.clock.now()
    said = still_there(register.connection, pending.ticket, pending.code.digits, index_key=register.index_key, now=now)
    assert said == StillThere((me,), 1)
    (mine,) = register.connection.execute(select(stays).where(stays.c.registrant_id == me)).all()
    assert (mine.status, mine.date_to, mine.confirmed_at) == ("abroad", None, now)


def test_who_moved_on_as_said_is_not_put_back(register: Register) -> None:
    """To be still there confirms the stay that began; the one that ended on its first day is over, and not taken up again."""
    moved = register.clock.now().date() + timedelta(days=20)
    plans = (NewPosting("FR", date_to=moved), NewPosting("IT", PostingStatus.PLANNED, moved))
    done = answer(register, sign_up(register, replace(GIVEN, postings=plans)))
    assert isinstance(done, Confirmed)
    register.clock.advance(timedelta(days=30))
    assert confirm_stays(register.connection, (done.registrant_id,), by="x", now=register.clock.now()) == 1
    stays = table(Posting)
    query = select(stays.c.country, stays.c.status, stays.c.date_to).where(stays.c.registrant_id == done.registrant_id)
    found = {(one.country, one.status, one.date_to) for one in register.connection.execute(query)}
    assert found == {("FR", "returned", moved), ("IT", "planned", None)}


def read_out(here: Register, pending: Pending, by: object = OFFICER) -> Code | Refusal:
    """Let an officer see the code."""
    return code_to_read_out(
        here.connection, by, pending.ticket, keys=here.keys, index_key=here.index_key, now=here.clock.now()  # type: ignore[arg-type]
    )  # fmt: skip


def test_who_refuses_providers_abroad_is_registered_by_telephone(register: Register) -> None:
    """Nothing is sent; an officer, who is on record, reads the code out, and the person is enrolled without that consent."""
    phone_only = replace(GIVEN, addresses=(NewAddress(Channel.SMS, PHONE),), foreign=False, by_phone=True)
    pending = sign_up(register, phone_only)
    assert pending.code is None
    with pytest.raises(NotAllowed):
        read_out(register, pending, AUDITOR)
    first, code = read_out(register, pending), read_out(register, pending)
    assert isinstance(first, Code)
    assert isinstance(code, Code)
    assert code.address == PHONE
    if first.digits != code.digits:
        assert "wrong" in words(answer(register, replace(pending, code=first)))
    done = answer(register, replace(pending, code=code))
    assert isinstance(done, Confirmed)
    me = person_file(register.connection, OFFICER, done.registrant_id, register.keys)
    assert ([one.foreign for one in me.consents], me.addresses[0].verified_at is not None) == ([False], True)
    audit = table(Audit)
    query = select(audit.c.actor).where(audit.c.action == "resident.by-phone")
    assert register.connection.execute(query).scalars().all() == [OFFICER.name] * 2
    assert "confirmed already" in words(read_out(register, pending))


def test_no_officer_sees_a_code_that_was_sent(register: Register) -> None:
    """What goes to an address must come back from there; and the telephone is for phones without that consent only."""
    assert "was sent to the address" in words(read_out(register, sign_up(register)))
    for bad in (replace(GIVEN, by_phone=True), replace(GIVEN, by_phone=True, foreign=False, proof=1)):
        with pytest.raises(BadInput):
            sign_up(register, bad)
