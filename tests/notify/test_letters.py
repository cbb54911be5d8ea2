"""Letters to companies: the question of the month and its reminders go out once each, and what cannot go out is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from core.audit import record
from core.clock import FixedClock
from core.database import ensure_instance, writing
from core.keys import MasterKeys
from core.settings import Settings
from core.tables import table
from notify.channels.base import Accepted, InDoubt, NotSent
from notify.channels.recorder import Recorder
from notify.letters import Letters, send_letters
from notify.office import Office
from notify.service import SENDING
from registry.actors import SYSTEM
from registry.asking import rounds
from registry.asking.tables import ConfirmationRound
from registry.contacts import add_contact
from registry.employers import add_employer
from registry.liaisons import Duty, NewLiaison

LIAISON = NewLiaison(Duty.LIAISON, "沙悟净", "+8613800138000")
SECURITY = NewLiaison(Duty.SECURITY, "白龙马", mail="horse@one.example")
ENGLISH = NewLiaison(Duty.HR, "Nezha", mail="hr@two.example", language="en")


class Desk:
    """An office with a mail channel that remembers what it sent."""

    def __init__(self, engine: Engine, clock: FixedClock, keys: MasterKeys, home: Path) -> None:
        self.engine, self.clock, self.keys = engine, clock, keys
        self.mail = Recorder("email")
        settings = Settings(home=home, office_name="花果山市外办", office_phone="0000-12345678")
        self.office = Office(settings, engine, clock, keys, {"email": self.mail})

    def company(self, code: str, *contacts: NewLiaison) -> int:
        """Write a company that was asked for its list of the month."""
        now = self.clock.now()
        with writing(self.engine) as connection:
            own = add_employer(connection, SYSTEM, code=code, name=f"{code}公司", now=now)
            for one in contacts:
                add_contact(connection, SYSTEM, own, one, keys=self.keys, now=now)
            row = {"employer_id": own, "month": "2026-11", "asked_at": now, "reminders": 0, "answer": ""}
            connection.execute(insert(table(ConfirmationRound)).values(row))
        return own

    def send(self) -> Letters:
        """Send what is due."""
        return send_letters(self.office, by="system")

    def later(self, days: int) -> None:
        """Let days go by, and reminders be counted."""
        self.clock.advance(timedelta(days=days))
        with writing(self.engine) as connection:
            rounds.remind(connection, self.clock.now())


@pytest.fixture
def desk(engine: Engine, clock: FixedClock, keys: MasterKeys, tmp_path: Path) -> Desk:
    """Give an office without companies."""
    ensure_instance(engine, keys, clock.now())
    return Desk(engine, clock, keys, tmp_path)


def test_each_company_gets_its_letter_once_in_its_language(desk: Desk) -> None:
    """The first contact with a mail address is written to; a company without one is named; a second run sends nothing."""
    one, two, three = (
        desk.company("CO-A", LIAISON, SECURITY),
        desk.company("CO-B", ENGLISH),
        desk.company("CO-C", LIAISON),
    )
    assert desk.send() == Letters((one, two), (), (three,))
    assert desk.send() == Letters((), (), (three,))
    chinese, english = desk.mail.sent
    assert (chinese.address, english.address) == ("horse@one.example", "hr@two.example")
    assert chinese.subject == "请核对2026-11境外人员名单"
    assert "花果山市外办每月请各派出单位核对境外人员名单。" in chinese.body
    assert "0000-12345678" in chinese.body
    assert english.subject == "List of people abroad for 2026-11: please confirm"


def test_two_reminders_follow_and_no_third(desk: Desk) -> None:
    """A week and a fortnight later the letter says which reminder it is; a silent company is then an officer's to call."""
    desk.company("CO-A", SECURITY)
    for days in (0, 7, 7, 7, 7):
        desk.later(days)
        desk.send()
    assert [one.subject for one in desk.mail.sent] == [
        "请核对2026-11境外人员名单",
        "第1次提醒：请核对2026-11境外人员名单",
        "第2次提醒：请核对2026-11境外人员名单",
    ]


def test_a_company_that_answered_is_left_alone(desk: Desk) -> None:
    """Nothing is sent to whoever has said that nothing changed."""
    own = desk.company("CO-A", SECURITY)
    with writing(desk.engine) as connection:
        rounds.confirm_unchanged(connection, SYSTEM, own, desk.clock.now())
    assert desk.send() == Letters((), (), ())


def test_a_letter_that_certainly_did_not_go_out_is_tried_again(desk: Desk) -> None:
    """The relay was down: the company is named with the reason, and gets its letter at the next run."""
    own = desk.company("CO-A", SECURITY)
    desk.mail.answer = lambda _: NotSent("connect")
    assert desk.send() == Letters((), ((own, "connect"),), ())
    desk.mail.answer = lambda _: Accepted("m1", "accepted")
    assert desk.send() == Letters((own,), (), ())
    assert len(desk.mail.sent) == 1


def test_a_letter_in_doubt_is_not_sent_again(desk: Desk) -> None:
    """It may be there, and the reminder follows in a week; so is one whose run died before it knew."""
    own = desk.company("CO-A", SECURITY)
    desk.mail.answer = lambda _: InDoubt("timeout")
    assert desk.send().sent == (own,)
    desk.mail.answer = lambda _: Accepted("m1", "accepted")
    other = desk.company("CO-B", SECURITY)
    with writing(desk.engine) as connection:
        subject = f"confirmation_round/{other}-2026-11-0"
        record(connection, actor="system", action=SENDING, subject=subject, now=datetime(2026, 11, 1, tzinfo=UTC),
               detail="email begun")  # fmt: skip
    assert desk.send() == Letters((), (), ())
    assert desk.mail.sent == []
