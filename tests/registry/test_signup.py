"""Self-registration: nothing is in the register before the address answers, and what is given twice or late is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core.errors import BadInput, NotAllowed, NotFound
from core.keys import KeyGone
from core.tables import Audit, table
from registry import scope
from registry.actors import RESIDENT, SYSTEM
from registry.people import Channel, NewAddress, NewContact, NewPosting
from registry.scope.rights import person_file
from registry.signup.ask import ask_by_name
from registry.signup.leave import Left, Staying, leave
from registry.signup.model import Companion, Confirmed, Given, Pending, Purpose, Refusal, from_json, to_json
from registry.signup.register import confirm, expire, register
from registry.signup.tables import AddressCheck, Registration
from registry.signup.texts import consent_text, current, versions
from registry.signup.verify import Proven, ask_code, pass_check, stop_address
from registry.store import destroy_keys
from registry.tables import Address, RegisterChange, Registrant
from tests.registry.people import AUDITOR, OFFICER, Register, company, person

PHONE = "+8613800138000"
GIVEN = Given(
    name="林黛玉", addresses=(NewAddress(Channel.SMS, PHONE, 1), NewAddress(Channel.EMAIL, "lin@example.com", 2)),
    postings=(NewPosting("FR", city="里昂", project="示例大学", kind="student"),), text_version=current(), foreign=True,
    contacts=(NewContact("贾敏", "母亲", "+8613900139000"),), companions=(Companion("紫鹃"),),
)  # fmt: skip


def sign_up(here: Register, given: Given = GIVEN) -> Pending:
    """Register somebody."""
    return register(here.connection, given, keys=here.keys, index_key=here.index_key, now=here.clock.now())


def answer(here: Register, pending: Pending, code: str | None = None) -> Confirmed | Refusal:
    """Give a code; without one the right one."""
    assert pending.code is not None
    said = pending.code.digits if code is None else code
    return confirm(
        here.connection, pending.ticket, said, keys=here.keys, index_key=here.index_key, now=here.clock.now()
    )


def wrong(pending: Pending) -> str:
    """Return a code that is not the right one."""
    assert pending.code is not None
    return f"{(int(pending.code.digits) + 1) % 10**6:06d}"


def words(refusal: object) -> str:
    """Return why a code was refused."""
    assert isinstance(refusal, Refusal), refusal
    return str(refusal.message)


def people(here: Register) -> int:
    """Return how many people are in the register."""
    return int(here.connection.execute(select(func.count()).select_from(table(Registrant))).scalar_one())


def waiting(here: Register) -> list[bytes | None]:
    """Return the wrapped keys of all registrations."""
    rows = table(Registration)
    return list(here.connection.execute(select(rows.c.wrapped).order_by(rows.c.id)).scalars())


def test_nothing_is_in_the_register_before_the_code_comes_back(register: Register) -> None:
    """What was given lies sealed; the right code enrols the person and the companion, with consent, contact and proof."""
    pending = sign_up(register)
    assert people(register) == 0
    row = register.connection.execute(select(table(Registration))).one()
    assert b"\xe6\x9e\x97" not in row.payload
    assert pending.code is not None
    assert (pending.code.address, pending.code.channel, pending.code.foreign) == (PHONE, "sms", True)
    assert pending.code.digits not in repr(pending)
    assert PHONE not in repr(pending)
    done = answer(register, pending)
    assert isinstance(done, Confirmed)
    me = person_file(register.connection, OFFICER, done.registrant_id, register.keys)
    assert (me.name, me.employer_id, me.created_by) == ("林黛玉", None, RESIDENT.name)
    assert [(a.value, a.verified_at is not None) for a in me.addresses] == [(PHONE, True), ("lin@example.com", False)]
    assert [(c.name, c.relation, c.phone) for c in me.contacts] == [("贾敏", "母亲", "+8613900139000")]
    assert [(c.ground, c.text_version, c.foreign) for c in me.consents] == [("consent", f"consent/{current()}", True)]
    assert [(p.country, p.city, p.project, p.kind) for p in me.postings] == [("FR", "里昂", "示例大学", "student")]
    both = scope.list_people(register.connection, OFFICER, register.keys, now=register.clock.now())
    assert [(one.name, one.companion_of) for one in both] == [("林黛玉", None), ("紫鹃", done.registrant_id)]
    assert both[1].addresses[0].value == PHONE
    assert waiting(register) == [None]


def test_a_code_is_good_once(register: Register) -> None:
    """A second confirmation of the same registration enrols nobody and says that it is done."""
    pending = sign_up(register)
    answer(register, pending)
    assert "confirmed already" in words(answer(register, pending))
    assert people(register) == 2


def test_a_late_code_is_refused_and_what_was_given_is_gone(register: Register) -> None:
    """After 24 hours the code is refused; expiry destroys the key, and the rest cannot be opened or found any more."""
    pending = sign_up(register)
    register.clock.advance(timedelta(hours=24))
    assert "run out" in words(answer(register, pending))
    assert expire(register.connection, register.clock.now()) == 1
    assert expire(register.connection, register.clock.now()) == 0
    row = register.connection.execute(select(table(Registration))).one()
    assert (row.wrapped, row.payload, row.code_hash, row.address_index) == (None, b"", b"", b"")
    assert "run out" in words(answer(register, pending))
    assert people(register) == 0


def test_five_wrong_codes_end_a_registration(register: Register) -> None:
    """Each wrong code is counted; after the fifth the right one does no good, and the key is destroyed."""
    pending = sign_up(register)
    said = [words(answer(register, pending, wrong(pending))) for _ in range(5)]
    assert said[0].endswith("4.")
    assert said[4].endswith("0.")
    assert "Too many wrong codes" in words(answer(register, pending))
    assert (waiting(register), people(register)) == ([None], 0)


def test_three_codes_an_hour_and_no_word_on_who_is_registered(register: Register) -> None:
    """The fourth code within the hour is refused, in the same words for a known and an unknown address."""
    register.enrol(person("林黛玉", phones=(PHONE,)))
    refusals = []
    for phone in (PHONE, "+8613800138001"):
        given = replace(GIVEN, addresses=(NewAddress(Channel.SMS, phone),))
        for _ in range(3):
            sign_up(register, given)
        with pytest.raises(BadInput) as refused:
            sign_up(register, given)
        refusals.append(str(refused.value))
    assert refusals[0] == refusals[1]
    register.clock.advance(timedelta(hours=1))
    sign_up(register)


def test_foreign_and_forged_tickets_open_nothing(register: Register) -> None:
    """A ticket that was changed, cut or made for something else is none of ours, and two of them have nothing in common."""
    one, two = sign_up(register), sign_up(register)
    assert one.ticket[:12] != two.ticket[:12]
    other = "B" if one.ticket[0] == "A" else "A"
    for forged in ("", "1", one.ticket[:-2], other + one.ticket[1:], "凭据"):
        with pytest.raises(NotFound):
            answer(register, replace(one, ticket=forged))
    assert one.code is not None
    with pytest.raises(NotFound):
        pass_check(
            register.connection, one.ticket, one.code.digits, index_key=register.index_key, now=register.clock.now()
        )


@pytest.mark.parametrize(
    "bad",
    [
        {"name": " "}, {"addresses": ()}, {"postings": ()}, {"text_version": "2001-01"}, {"postings": (NewPosting("XX"),)},
        {"addresses": (NewAddress(Channel.SMS, "138"),)}, {"companions": tuple(Companion(f"人{n}") for n in range(21))},
        {"contacts": (NewContact("贾敏", "", "138"),)}, {"companions": (Companion(""),)}, {"proof": 2},
    ],
)  # fmt: skip
def test_what_could_not_be_enrolled_is_refused_at_once(register: Register, bad: dict[str, object]) -> None:
    """No code is sent for a registration that would fail when it comes back."""
    with pytest.raises(BadInput):
        sign_up(register, replace(GIVEN, **bad))  # type: ignore[arg-type]
    assert waiting(register) == []


def test_what_was_given_survives_being_written_down() -> None:
    """JSON brings back exactly what was given."""
    assert from_json(to_json(GIVEN)) == GIVEN


def test_the_text_of_consent_is_there_in_both_languages() -> None:
    """Every version says in Chinese and English who asks, for what, what goes abroad, and how to leave."""
    for version in versions():
        assert all(
            word in consent_text(version, "zh", "示例市外办")
            for word in ("示例市外办", "境外服务商", "退出", "个人信息保护法")
        )
        english = consent_text(version, "en", "Sample Office")
        assert all(word in english for word in ("Sample Office", "Providers abroad", "leave", version))
    with pytest.raises(NotFound):
        consent_text("1999-01", "zh", "")


def address_of(here: Register, registrant: int) -> int:
    """Return the id of the first address of a person."""
    rows = table(Address)
    query = select(rows.c.id).where(rows.c.registrant_id == registrant).order_by(rows.c.id)
    return int(here.connection.execute(query.limit(1)).scalar_one())


def ask(here: Register, address: int, by: object = OFFICER) -> Pending:
    """Ask for a code to an address."""
    return ask_code(
        here.connection, by, address, keys=here.keys, index_key=here.index_key, now=here.clock.now()  # type: ignore[arg-type]
    )  # fmt: skip


def prove(here: Register, pending: Pending, code: str | None = None) -> Proven | Refusal:
    """Give the code back."""
    assert pending.code is not None
    said = pending.code.digits if code is None else code
    return pass_check(here.connection, pending.ticket, said, index_key=here.index_key, now=here.clock.now())


def test_an_address_is_proven_by_its_code(register: Register) -> None:
    """The right code marks the address as verified, once, with history; wrong and late codes do not."""
    (one,) = register.enrol(person())
    address = address_of(register, one)
    pending = ask(register, address)
    assert "wrong" in words(prove(register, pending, wrong(pending)))
    assert prove(register, pending) == Proven(one, address)
    assert "used already" in words(prove(register, pending))
    view = scope.list_people(register.connection, OFFICER, register.keys, now=register.clock.now())[0]
    assert view.addresses[0].verified_at is not None
    change = register.connection.execute(select(table(RegisterChange))).one()
    assert (change.table_name, change.row_id, change.by) == ("address", address, "code/verify")
    late = ask(register, address)
    register.clock.advance(timedelta(hours=24))
    assert "run out" in words(prove(register, late))


def test_an_address_check_has_limits(register: Register) -> None:
    """Five tries a code, three codes an hour for one number, whoever of its people they are for."""
    one, two = register.enrol(person("孙悟空"), person("猪八戒"))
    pending = ask(register, address_of(register, one))
    for _ in range(5):
        words(prove(register, pending, wrong(pending)))
    assert "Too many" in words(prove(register, pending))
    ask(register, address_of(register, two))
    ask(register, address_of(register, two))
    with pytest.raises(BadInput):
        ask(register, address_of(register, one))


def test_only_those_who_may_write_ask_for_codes_and_stop_addresses(register: Register) -> None:
    """A company proves and stops addresses of its own people; others do not exist for it; auditors change nothing."""
    own, other = register.employer("OFFICE-1"), register.employer("OFFICE-2")
    mine, theirs = register.enrol(person("孙悟空", employer_id=own), person("猪八戒", employer_id=other))
    now = register.clock.now()
    assert ask(register, address_of(register, mine), company(own)).code is not None
    for actor, error in ((company(own), NotFound), (AUDITOR, NotAllowed), (RESIDENT, NotFound)):
        with pytest.raises(error):
            ask(register, address_of(register, theirs), actor)
        with pytest.raises(error):
            stop_address(register.connection, actor, address_of(register, theirs), "号码已换", now=now)
    stop_address(register.connection, company(own), address_of(register, mine), "号码已换", now=now)
    rows = table(Address)
    stopped = register.connection.execute(select(rows).where(rows.c.id == address_of(register, mine))).one()
    assert (stopped.stopped_at, stopped.stop_reason) == (now, "号码已换")
    for reason in (" ", "x" * 201, "again"):
        with pytest.raises(BadInput):
            stop_address(register.connection, OFFICER, address_of(register, mine), reason, now=now)
    with pytest.raises(BadInput):
        ask(register, address_of(register, mine))


def go(here: Register, name: str = "林黛玉", value: str = PHONE, purpose: Purpose = Purpose.LEAVE) -> Pending:
    """Ask to leave, or for something else."""
    return ask_by_name(
        here.connection, purpose, name=name, channel="sms", value=value, keys=here.keys, index_key=here.index_key,
        now=here.clock.now(),
    )  # fmt: skip


def gone(here: Register, pending: Pending, code: str | None = None, **wishes: bool) -> Left | Refusal:
    """Give the code back and leave."""
    said = code or (pending.code.digits if pending.code is not None else "000000")
    return leave(here.connection, pending.ticket, said, index_key=here.index_key, now=here.clock.now(), **wishes)


def standing(here: Register, *people: int) -> set[int]:
    """Return who of these is still told."""
    rows = here.connection.execute(scope.people_in(SYSTEM, ["FR"], here.clock.now().date())).all()
    return {row.registrant_id for row in rows} & set(people)


def test_a_resident_leaves_and_companions_stay_unless_they_go_too(register: Register) -> None:
    """The code ends the person's stays; those registered along are warned on, unless it is said that they leave as well."""
    done = answer(register, sign_up(register))
    assert isinstance(done, Confirmed)
    me, (friend,) = done.registrant_id, done.companions
    assert gone(register, go(register)) == Left((me,), 1, False, (Staying(friend, only=True, stopped=False),))
    assert standing(register, me, friend) == {friend}
    pending = go(register)
    assert gone(register, pending, companions=True, erase=True) == Left((me, friend), 1, True)
    assert standing(register, me, friend) == set()
    assert "used already" in words(gone(register, pending))


def test_leaving_tells_nobody_who_is_registered(register: Register) -> None:
    """An unknown name gets a ticket like any other, and every code for it is wrong; a code to verify does not let leave."""
    done = answer(register, sign_up(register))
    assert isinstance(done, Confirmed)
    known, unknown = go(register), go(register, name="史湘云")
    assert (known.code is None, unknown.code is None) == (False, True)
    assert (len(known.ticket), known.expires_at) == (len(unknown.ticket), unknown.expires_at)
    assert words(gone(register, known, wrong(known))) == words(gone(register, unknown)) == "The code is wrong."
    other = ask(register, address_of(register, done.registrant_id))
    with pytest.raises(NotFound):
        gone(register, other)
    assert go(register).code is not None
    assert go(register).code is None  # a fourth code within the hour: not sent, and not said
    assert standing(register, done.registrant_id) == {done.registrant_id}


def test_whom_a_company_registered_cannot_leave_by_themselves(register: Register) -> None:
    """The company answers for its own people: the resident is sent to its contact, and stays registered."""
    employer = register.employer()
    (one,) = register.enrol(person("林黛玉", NewPosting("FR"), employer_id=employer, phones=(PHONE,)))
    assert "Your company registered you" in words(gone(register, go(register)))
    assert standing(register, one) == {one}


def test_the_erased_have_no_code(register: Register) -> None:
    """After erasure no code is made for an address, and one that is on its way is wrong."""
    done = answer(register, sign_up(register))
    assert isinstance(done, Confirmed)
    pending = go(register)
    destroy_keys(register.connection, [done.registrant_id], by="x", at=register.clock.now())
    assert go(register).code is None
    assert "wrong" in words(gone(register, pending))


def test_neither_codes_nor_names_are_kept_in_clear(register: Register) -> None:
    """Codes are kept as hashes only, and the audit carries numbers of rows, never names, numbers or codes."""
    pending = sign_up(register)
    done = answer(register, pending)
    assert isinstance(done, Confirmed)
    check = ask(register, address_of(register, done.registrant_id))
    assert pending.code is not None
    assert check.code is not None
    kept = register.connection.execute(select(table(AddressCheck).c.code_hash)).scalars().all()
    assert check.code.digits.encode() not in b"".join(kept)
    audit = table(Audit)
    rows = register.connection.execute(select(audit.c.actor, audit.c.action, audit.c.object, audit.c.detail)).all()
    lines = "\n".join(" ".join(row) for row in rows)
    assert "resident.confirm" in lines
    for secret in ("林", "紫鹃", PHONE[3:], "lin@", pending.code.digits, check.code.digits):
        assert secret not in lines


def test_a_damaged_registration_is_no_person(register: Register) -> None:
    """A changed byte in what was given stops the confirmation; nobody half-registered comes of it."""
    pending = sign_up(register)
    register.connection.execute(update(table(Registration)).values(payload=bytes(64)))
    with pytest.raises(KeyGone):
        answer(register, pending)
    assert people(register) == 0
