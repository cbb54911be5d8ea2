"""The rounds: who is silent is asked again, then their company, then their contact at home, then an officer telephones."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from core.audit import record
from core.clock import FixedClock
from core.database import reading, set_mode, writing
from core.errors import NotAllowed
from core.keys import MasterKeys
from core.tables import Audit, Mode, table
from notify import alerts
from notify.chain import Next, follow
from notify.channels.base import Accepted, NotSent, Outgoing, Result
from notify.channels.recorder import Recorder
from notify.duty.store import open_pages
from notify.safety.model import PERSON, Answer, Means, Said
from notify.safety.phone_list import phone_list
from notify.safety.rounds.run import run
from notify.safety.rounds.send import TRIES
from notify.safety.rounds.tables import SafeCall, SafeStep
from notify.safety.take import take_answer
from notify.service import SENDING
from notify.tables import Alert, AlertVersion, Delivery, VersionKind
from registry.actors import SYSTEM, Actor
from registry.tables import Registrant, Role
from tests.notify.asked.scene import (
    HOME_NUMBER,
    MAILS,
    PHONES,
    add_company,
    ask,
    asking_house,
    enrol_all,
    person,
    recorders,
    send,
    states,
)
from tests.notify.sending.house import House

WAIT = timedelta(minutes=30)
COMPANY_MAIL, COMPANY_PHONE = "contact@company.invalid", "+8613900139009"
STEPS, CALLS = table(SafeStep), table(SafeCall)


@pytest.fixture
def home(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """An office that has asked three people over their first way: one has another way, a company and a contact at home; one a
    company only; one nothing but their number."""
    made = asking_house(engine, tmp_path, clock, keys, recorders("sms", "email"), office_phone="0518-5550100")
    company = add_company(made, mail=COMPANY_MAIL, phone=COMPANY_PHONE)
    enrol_all(made, [
        person("甲示例", ("sms", PHONES[0]), ("email", MAILS[0]), employer=company, home=HOME_NUMBER),
        person("乙示例", ("sms", PHONES[1]), employer=company),
        person("丙示例", ("sms", PHONES[2])),
    ])  # fmt: skip
    ask(made, channels=("sms", "email"), every=False)
    send(made)
    for one in channels(made).values():
        one.sent.clear()
    return made


def channels(home: House) -> dict[str, Recorder]:
    """Return the channels of the office."""
    assert home.office.channels is not None
    return home.office.channels  # type: ignore[return-value]


def out(home: House) -> list[tuple[str, str, str]]:
    """Send what is ready, and return all that went out since the last look: channel, address, text."""
    send(home)
    found = [(name, one.address, one.body) for name, channel in channels(home).items() for one in channel.sent]
    for one in channels(home).values():
        one.sent.clear()
    return sorted(found)


def to(home: House) -> list[tuple[str, str]]:
    """Return channel and address of all that went out since the last look."""
    return [(channel, address) for channel, address, _ in out(home)]


def say(home: House, person_id: int, answer: Answer = Answer.SAFE, number: str = "SM") -> None:
    """Let somebody answer."""
    with writing(home.office.engine) as connection:
        said = Said(answer, Means.SMS, PERSON, "1", home.office.clock.now(), f"{number}{person_id}")
        take_answer(connection, 1, [person_id], said, home.office.keys)


def follow_up(home: House, kind: VersionKind) -> None:
    """Release the next version of the alert, and send it."""
    acting = home.office.acting(SYSTEM)
    with writing(home.office.engine) as connection:
        version = follow(connection, 1, Next(kind, title_zh="示例：余震不断，请尽快离开"), acting)
        alerts.release_by_rule(connection, version, acting)
    send(home)
    for one in channels(home).values():
        one.sent.clear()


def steps(home: House) -> dict[int, list[str]]:
    """Return the steps taken for each person, in order."""
    with reading(home.office.engine) as connection:
        found: dict[int, list[str]] = {}
        for row in connection.execute(select(STEPS).order_by(STEPS.c.id)):
            found.setdefault(row.registrant_id, []).append(row.step)
        return found


def test_a_reminder_is_in_the_language_of_its_reader(home: House, clock: FixedClock) -> None:
    """Whoever reads another language than Chinese is asked again in English."""
    people = table(Registrant)
    with writing(home.office.engine) as connection:
        connection.execute(people.update().where(people.c.id == 2).values(language="fr"))
    clock.advance(WAIT)
    run(home.office)
    words = {address: body for _, address, body in out(home)}
    assert "Are you safe?" in words[PHONES[1]]
    assert "请报平安" in words[PHONES[2]]


def test_step_by_step(home: House, clock: FixedClock) -> None:
    """After each silence comes the next step, once: other channels or a reminder; one message to the company by mail and SMS;
    the contact at home; then an officer is wanted, with a list. A second run does nothing."""
    assert (run(home.office).planned.again, to(home)) == (0, []), "nobody is silent for long enough"
    clock.advance(WAIT)
    assert run(home.office).planned.again == 3
    assert run(home.office).planned.again == 0
    assert to(home) == [("email", MAILS[0]), ("sms", PHONES[1]), ("sms", PHONES[2])]
    clock.advance(WAIT)
    assert run(home.office).planned.company == 2
    found = out(home)
    assert [(channel, address) for channel, address, _ in found] == [("email", COMPANY_MAIL), ("sms", COMPANY_PHONE)]
    assert "甲示例" in found[0][2]
    assert "乙示例" in found[0][2]
    assert "/company/alerts/1/safety" in found[0][2]
    assert "示例" not in found[1][2].replace("示例市外办", "").replace("示例：请尽快离开", ""), "no names in an SMS"
    assert "2人" in found[1][2]
    run(home.office)
    assert steps(home)[3] == ["again", "company", "home"], "whoever has no company waits for none"
    clock.advance(WAIT)
    run(home.office)
    ((channel, address, words),) = out(home)
    assert (channel, address) == ("sms", HOME_NUMBER)
    assert "甲示例" in words
    assert "+86-518-5550100" in words
    clock.advance(WAIT)
    run(home.office)
    assert (run(home.office).planned.phone, to(home)) == (0, [])
    assert steps(home) == {one: ["again", "company", "home", "phone"] for one in (1, 2, 3)}
    with reading(home.office.engine) as connection:
        assert [one.cause for one in open_pages(connection)] == ["silent/1"]


def test_who_answers_is_left_alone(home: House, clock: FixedClock) -> None:
    """Whoever is safe, or has called for help, has no further step; a message that waits about them is not sent any more."""
    say(home, 1)
    clock.advance(WAIT)
    run(home.office)
    assert to(home) == [("sms", PHONES[1]), ("sms", PHONES[2])]
    say(home, 2, Answer.HELP)
    say(home, 3)
    clock.advance(WAIT)
    run(home.office)
    assert to(home) == []


def test_an_unclear_answer_ends_no_round(home: House, clock: FixedClock) -> None:
    """Who wrote 收到 is asked once more, their company is told, and at last an officer; but not their contact at home, who would
    read that nobody has heard of them. Once everybody is known to be safe the page is over."""
    for one in (1, 2):
        say(home, one, Answer.UNCLEAR)
    say(home, 3)
    found = []
    for _ in range(4):
        clock.advance(WAIT)
        run(home.office)
        found.append(to(home))
    assert found == [
        [("email", MAILS[0]), ("sms", PHONES[1])], [("email", COMPANY_MAIL), ("sms", COMPANY_PHONE)], [], [],
    ]  # fmt: skip
    assert steps(home) == {one: ["again", "company", "home", "phone"] for one in (1, 2)}
    with reading(home.office.engine) as connection:
        assert [one.cause for one in open_pages(connection)] == ["silent/1"]
    say(home, 1, number="SM9")
    say(home, 2, number="SM9")
    run(home.office)
    with reading(home.office.engine) as connection:
        assert open_pages(connection) == []


def test_an_update_that_asks_again_begins_anew(home: House, clock: FixedClock) -> None:
    """Whoever said safe before an update asked again counts as not heard of, on the board and for the rounds, until they answer once
    more; whoever needs help still does; a correction asks nobody anew."""
    say(home, 1)
    say(home, 2)
    say(home, 3, Answer.HELP)
    clock.advance(WAIT)
    assert run(home.office).planned.again == 0
    follow_up(home, VersionKind.CORRECTION)
    assert states(home, 1) == {1: "safe", 2: "safe", 3: "help"}
    follow_up(home, VersionKind.UPDATE)
    assert states(home, 1) == {1: "silent", 2: "silent", 3: "help"}
    clock.advance(timedelta(minutes=1))
    say(home, 1, number="SM8")
    say(home, 2, Answer.UNCLEAR, number="SM8")
    assert states(home, 1) == {1: "safe", 2: "unclear", 3: "help"}
    clock.advance(WAIT)
    assert run(home.office).planned.again == 1
    assert run(home.office).planned.again == 0
    follow_up(home, VersionKind.UPDATE)
    clock.advance(WAIT)
    assert run(home.office).planned.again == 2
    with reading(home.office.engine) as connection:
        lines = {
            one.registrant_id: one.tried for one in phone_list(connection, 1, SYSTEM, home.office.keys, clock.now())
        }
    assert [one.step for one in lines[2]] == ["again", "again"]


def test_one_message_for_a_crew(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> None:
    """Three behind one number are asked once more by one message; and those of a company who were asked some minutes apart are in
    one mail and one SMS to it."""
    made = asking_house(engine, tmp_path, clock, keys, recorders("sms", "email"))
    company = add_company(made, mail=COMPANY_MAIL, phone=COMPANY_PHONE)
    crew = [person(f"示例{i}", ("sms", PHONES[0]), employer=company) for i in "一二三"]
    enrol_all(made, [*crew, person("示例四", ("sms", PHONES[1]), employer=company)])
    ask(made)
    send(made)
    rows = table(Delivery)
    with writing(engine) as connection:  # one of the two notices left some minutes later
        late = rows.update().where(rows.c.id == max(one.id or 0 for one in made.rows()))
        connection.execute(late.values(accepted_at=clock.now() + timedelta(minutes=5)))
    for one in channels(made).values():
        one.sent.clear()
    sent = []
    for _ in range(8):
        clock.advance(timedelta(minutes=10))
        run(made.office)
        sent += out(made)
    assert sorted((channel, address) for channel, address, _ in sent) == [
        ("email", COMPANY_MAIL), ("sms", COMPANY_PHONE), ("sms", PHONES[0]), ("sms", PHONES[1]),
    ]  # fmt: skip
    words = {address: text for _, address, text in sent}
    assert "有人求助请回2" in words[PHONES[0]]
    assert "平安请回1" in words[PHONES[1]]
    assert "4人" in words[COMPANY_PHONE]


@pytest.mark.parametrize("stop", ["paused", "cancelled", "closed", "over", "restored"])
def test_nothing_while_it_is_stopped(home: House, clock: FixedClock, stop: str) -> None:
    """Of an alert that is paused, cancelled, closed or over, or of a database that was restored, no round goes on."""
    clock.advance(WAIT)
    versions, rows = table(AlertVersion), table(Alert)
    with writing(home.office.engine) as connection:
        if stop == "paused":
            connection.execute(versions.update().values(paused_at=clock.now()))
        elif stop == "cancelled":
            connection.execute(versions.update().values(status="canceled"))
        elif stop == "closed":
            connection.execute(rows.update().values(closed_at=clock.now()))
        elif stop == "over":
            connection.execute(rows.update().values(in_force_until=clock.now()))
        else:
            set_mode(connection, Mode.DRILL)
    assert run(home.office).alerts == 0
    assert steps(home) == {}
    assert to(home) == []


def test_a_drill_reaches_the_allow_list_only(
    engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys
) -> None:
    """In a drill every message of the rounds is marked, and only addresses of the allow-list get one; the page says so too."""
    allowed = {PHONES[0], COMPANY_MAIL}
    made = asking_house(engine, tmp_path, clock, keys, recorders("sms", "email"), drill_allow=frozenset(allowed))
    with writing(engine) as connection:
        set_mode(connection, Mode.DRILL)
    company = add_company(made, mail=COMPANY_MAIL, phone=COMPANY_PHONE)
    people = [("sms", PHONES[0])], [("sms", PHONES[1])]
    enrol_all(made, [person(f"示例{i}", *ways, employer=company, home=HOME_NUMBER) for i, ways in enumerate(people)])
    ask(made)
    send(made)
    for one in channels(made).values():
        one.sent.clear()
    for _ in range(4):
        clock.advance(WAIT)
        run(made.office)
    found = out(made)
    assert {address for _, address, _ in found} == allowed
    assert all("演练" in words for _, _, words in found)
    with reading(engine) as connection:
        assert [one.cause for one in open_pages(connection)] == ["silent/1"]


def test_what_failed_is_tried_again_and_a_doubt_is_not(home: House, clock: FixedClock) -> None:
    """A message that certainly did not go out is tried at the next runs, and given up at last; one whose run died in the call may
    have gone out, and is not sent again."""
    down = [True]

    def answer(notice: Outgoing) -> Result:
        """Refuse while the line is down."""
        return NotSent("connect") if down[0] else Accepted(f"X{notice.address}")

    channels(home)["sms"].answer = answer
    clock.advance(WAIT)
    assert run(home.office).told.failed == 2
    with writing(home.office.engine) as connection:  # as if the second one's process had died in its call
        numbers = list(connection.execute(select(CALLS.c.id).order_by(CALLS.c.id)).scalars())
        record(
            connection,
            actor="rounds",
            action=SENDING,
            subject=f"safe_call/{numbers[1]}",
            now=clock.now(),
            detail="sms begun",
        )
    down[0] = False
    assert run(home.office).told.sent == 2
    with reading(home.office.engine) as connection:
        assert list(connection.execute(select(CALLS.c.outcome).order_by(CALLS.c.id)).scalars()) == ["accepted", "doubt"]
    assert len([one for one in to(home) if one[0] == "sms"]) == 1


def test_it_is_given_up_at_last(home: House, clock: FixedClock) -> None:
    """After so many runs a message that fails is given up, and the list says so."""
    channels(home)["sms"].answer = lambda notice: NotSent("connect")
    clock.advance(WAIT)
    for _ in range(TRIES + 2):
        run(home.office)
    with writing(home.office.engine) as connection:
        rows = connection.execute(select(CALLS.c.outcome, CALLS.c.tries)).all()
        assert {tuple(row) for row in rows} == {("failed", TRIES)}
        found = phone_list(connection, 1, SYSTEM, home.office.keys, clock.now())
    assert [(one.step, one.outcome) for one in found[1].tried] == [("again", "failed")]


def test_the_list_to_telephone_from(home: House, clock: FixedClock) -> None:
    """Whoever needs help is first, then the silent by how long they wait, then the unclear; with numbers, contact and what was
    tried. The look is in the audit, and nobody but the office has one."""
    clock.advance(WAIT)
    say(home, 3, Answer.HELP)
    say(home, 2, Answer.UNCLEAR)
    run(home.office)
    with writing(home.office.engine) as connection:
        found = phone_list(connection, 1, SYSTEM, home.office.keys, clock.now())
        looks = (
            connection.execute(select(table(Audit).c.detail).where(table(Audit).c.action == "safe.phone"))
            .scalars()
            .all()
        )
    assert [(one.registrant_id, one.state.value, one.name) for one in found] == [
        (3, "help", "丙示例"), (1, "silent", "甲示例"), (2, "unclear", "乙示例"),
    ]  # fmt: skip
    assert found[1].numbers == (PHONES[0],)
    assert found[1].home == (("示例家人", "父亲", HOME_NUMBER),)
    assert [one.step for one in found[1].tried] == ["again"]
    assert looks == ["3,1,2"] or sorted(looks[0].split(",")) == ["1", "2", "3"]
    company = Actor("company", Role.COMPANY, employer_id=1)
    with writing(home.office.engine) as connection, pytest.raises(NotAllowed):
        phone_list(connection, 1, company, home.office.keys, clock.now())
