"""The queries behind roll-ups, bulletin, digest and brief, on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from core.clock import FixedClock
from core.database import reading, writing
from core.keys import MasterKeys
from notify import brief_now
from notify.bulletin import release as releasing
from notify.bulletin.draft import draft
from notify.bulletin.week import week_at
from notify.channels.base import Outgoing, Rejected, Result
from notify.channels.recorder import Recorder
from notify.digest.choose import Who, choose
from notify.digest.send import send_digests
from notify.digest.tables import Rhythm
from notify.mailings.once import Fate
from notify.rollup.send import send_rollups
from registry.actors import SYSTEM, Actor
from registry.contacts import add_contact
from registry.employers import add_employer
from registry.enrol import enrol, index_key
from registry.liaisons import Duty, NewLiaison
from registry.people import NewAddress, NewPerson, NewPosting
from registry.tables import Role
from tests.notify.sending.house import COUNTRY, House, Scripted, house, numbers
from tests.registry.people import CONSENT

OFFICER = Actor("lin.daiyu", Role.OFFICER, 1)


def refuse(notice: Outgoing) -> Result:
    """Refuse a number."""
    return Rejected("21211", address_bad=True)


def company(home: House) -> int:
    """Write a company with a contact and three people, one of them without an address."""
    office = home.office
    with writing(office.engine) as connection:
        own = add_employer(connection, SYSTEM, code="CO-A", name="花果山一公司", now=office.clock.now())
        add_contact(connection, SYSTEM, own, NewLiaison(Duty.SECURITY, "白龙马", mail="a@one.example"), keys=office.keys,
                    now=office.clock.now())  # fmt: skip
        one, two = numbers(2)
        people = [
            NewPerson(name, CONSENT, own, "zh", (NewPosting(COUNTRY),), addresses)
            for name, addresses in (
                ("孙悟空", (NewAddress("sms", one),)),
                ("猪八戒", (NewAddress("sms", two),)),
                ("沙悟净", ()),
            )
        ]
        secret = index_key(connection, office.keys)
        enrol(connection, SYSTEM, people, keys=office.keys, index_key=secret, now=office.clock.now())
    return own


def test_a_day_of_letters(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> None:
    """Everything refused, a roll-up that says so, a bulletin released and mailed, and nothing twice."""
    mail = Recorder("email")
    home = house(engine, tmp_path, clock, keys).with_channels(Scripted(answer=refuse), mail)
    office, own = home.office, company(home)
    home.release()
    home.run()
    clock.advance(timedelta(minutes=31))
    [done] = send_rollups(office, by="system")
    assert [(one.reader, one.fate) for one in done.outcomes] == [(f"employer/{own}", Fate.SENT)]
    assert send_rollups(office, by="system") == []
    for line in ("涉及人员：3人", "孙**：联系方式有误", "沙**：无可用联系方式"):
        assert line in mail.sent[0].body
    week = week_at(clock.now(), office.settings.zone)
    releasing.release(office, OFFICER, week, draft(office, week, "zh"), "zh")
    fates = [[one.fate for one in releasing.send(office, week, by="lin.daiyu")] for _ in range(2)]
    assert fates == [[Fate.SENT], [Fate.THERE]]
    with writing(engine) as connection:
        choose(connection, SYSTEM, Who(employer_id=own), Rhythm.DAILY, clock.now())
    assert send_digests(office, by="system") == []
    with reading(engine) as connection:
        beside = brief_now.beside(connection, office, [], "zh")
    assert [beside[name] for name in ("help", "levels", "silences", "letters")] == [[], [], [], []]
    assert "发送巡检从未运行" in beside["watch"][0]
    assert "无人值班" in beside["duty"][0]


def test_a_run_that_has_no_time_left_goes_on_with_the_next(
    engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys
) -> None:
    """Nothing is begun after its time; the round stays open, and the next run sends what is left."""
    mail = Recorder("email")
    home = house(engine, tmp_path, clock, keys).with_channels(Scripted(), mail)
    company(home)
    home.release()
    clock.advance(timedelta(minutes=31))
    [late] = send_rollups(home.office, by="system", within=timedelta(seconds=-1))
    assert ([one.fate for one in late.outcomes], mail.sent) == ([Fate.WAITING], [])
    [done] = send_rollups(home.office, by="system", within=timedelta(seconds=15))
    assert [one.fate for one in done.outcomes] == [Fate.SENT]
