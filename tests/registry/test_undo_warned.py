"""A roster is undone while warnings to its people are under way: nobody still registered loses one, nobody erased gets one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from core.clock import FixedClock
from core.database import reading, writing
from core.errors import BadInput, NotAllowed
from core.keys import MasterKeys
from core.tables import table
from notify import alerts, ledger, proof, receipts
from notify.channels.base import InDoubt, Outgoing, Result
from notify.channels.recorder import Recorder
from notify.grounds import Transfer
from notify.manual import ManualAlert, draft_manual
from notify.receipts import Word
from notify.store import alerts as alert_store
from notify.store.outbox import LINKS, RECIPIENTS
from notify.store.references import NOTICES
from notify.tables import VersionKind
from registry.actors import SYSTEM, Actor
from registry.employers import EmployerView, add_employer, find_employer
from registry.enrol import enrol, index_key
from registry.people import Channel, GivenConsent, NewAddress, NewPerson, NewPosting
from registry.roster.apply import ImportResult, import_roster
from registry.roster.notices import Settled
from registry.roster.undo import Undone, undo_import
from registry.tables import Ground, Posting
from tests.notify.sending.house import DELIVERIES, House, Scripted, house
from tests.registry.files import Row, check
from tests.registry.people import OFFICER, company

HEAD = ("姓名", "国家", "境外联系电话", "国内手机号", "邮箱")
N1, N2, N3, N4, HOME = "+260977000001", "+260977000002", "+260977000003", "+260977000004", "+8613800138005"
WUKONG_ROW = ("孙悟空", "赞比亚", N1, "", "")
BAJIE = ("猪八戒", "赞比亚", N2, "", "")
LONGMA = ("白龙马", "赞比亚", N4, "", "")


@dataclass
class Undoing:
    """An office with a company, a channel that keeps what it sends, and short words for what happens."""

    house: House
    channel: Recorder
    employer: EmployerView

    def apply(self, *rows: Row, header: Row = HEAD) -> ImportResult:
        """Apply a roster a minute later."""
        office = self.house.office
        self.pass_by(1)
        with writing(office.engine) as connection:
            return import_roster(
                connection, OFFICER, self.employer, check(*rows, header=header), keys=office.keys,
                index_key=index_key(connection, office.keys), now=office.clock.now(),
            )  # fmt: skip

    def undo(self, done: ImportResult, *, confirm: str = "", actor: Actor = OFFICER) -> Undone:
        """Undo a roster a minute later, with what the real room of the notices knows and does."""
        self.pass_by(1)
        with writing(self.house.office.engine) as connection:
            now = self.house.office.clock.now()
            return undo_import(connection, actor, done.import_id, notices=NOTICES, now=now, confirm=confirm)

    def resident(self, name: str, number: str) -> int:
        """Let somebody register alone, in Zambia."""
        office = self.house.office
        new = NewPerson(name, GivenConsent(Ground.CONSENT, "test/1"), postings=(NewPosting("ZM"),),
                        addresses=(NewAddress(Channel.SMS, number),))  # fmt: skip
        with writing(office.engine) as connection:
            secret = index_key(connection, office.keys)
            return enrol(connection, SYSTEM, [new], keys=office.keys, index_key=secret, now=office.clock.now())[0]

    def warn(self, level: int = 3, *, follows: int | None = None, kind: VersionKind = VersionKind.FIRST) -> int:
        """Release an alert for Zambia, or the next version of one; return its version."""
        office = self.house.office
        manual = ManualAlert.model_validate(
            {"countries": ["ZM"], "level": level, "title_zh": "示例：请留意安全", "channels": ["sms"]}
        )
        draft = draft_manual(manual, office.name, office.clock.now())
        if follows is not None:
            draft = replace(draft, follows=follows, kind=kind)
        with writing(office.engine) as connection:
            version = alerts.open_alert(connection, draft, office.acting(SYSTEM))
            assert version is not None
            alerts.release_by_rule(connection, version, office.acting(SYSTEM))
        return version

    def pass_by(self, minutes: float) -> None:
        """Let time go by."""
        clock = self.house.office.clock
        assert isinstance(clock, FixedClock)
        clock.advance(timedelta(minutes=minutes))

    def sent(self) -> list[str]:
        """Return the numbers that got a notice, in order of the alphabet."""
        return sorted(one.address for one in self.channel.sent)

    def notice(self, version: int, person: int) -> tuple[str, str]:
        """Return state and reason of the one notice a person's record of a version points to."""
        query = (
            select(DELIVERIES.c.state, DELIVERIES.c.reason)
            .join(LINKS, LINKS.c.delivery_id == DELIVERIES.c.id)
            .join(RECIPIENTS, RECIPIENTS.c.id == LINKS.c.recipient_id)
            .where(RECIPIENTS.c.version_id == version, RECIPIENTS.c.registrant_id == person)
        )
        with reading(self.house.office.engine) as connection:
            state, reason = connection.execute(query).one()
        return state, reason

    def gaps(self) -> list[tuple[str, str]]:
        """Return what is not accounted for: kind, and the sentence in English."""
        with reading(self.house.office.engine) as connection:
            return [(one.kind, one.message.render("en")) for one in proof.gaps(connection)]

    def proven(self) -> bool:
        """Seal everything and tell whether the chain holds."""
        with writing(self.house.office.engine) as connection:
            proof.seal(connection, self.house.office.clock.now())
            return proof.verify(connection) == []


@pytest.fixture
def office(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> Undoing:
    """Give an office with a company of nobody, at ten in the morning of Zambia."""
    clock.advance(timedelta(hours=8))
    channel = Scripted()
    opened = house(engine, tmp_path, clock, keys, dispatch_concurrency=2).with_channels(channel)
    with writing(engine) as connection:
        add_employer(connection, SYSTEM, code="OFFICE-1", name="花果山工程有限公司", now=clock.now())
        employer = find_employer(connection, SYSTEM, "OFFICE-1")
    return Undoing(opened, channel, employer)


def test_what_waits_for_somebody_erased_is_called_off(office: Undoing) -> None:
    """Before: who and how much is said, and only the typed code goes on. After: the notices that waited are cancelled, no call
    is made, nothing is a gap, the chain holds, and the later all-clear looks for nobody.
    """
    done = office.apply(WUKONG_ROW, BAJIE)
    version = office.warn()
    with pytest.raises(BadInput, match=r"alert 1\b.*2 people.*not sent yet: 2.*OFFICE-1"):
        office.undo(done)
    undone = office.undo(done, confirm="office-1")
    assert (undone.erased, undone.notices) == (2, Settled(called_off=2))
    assert [office.notice(version, one) for one in done.joined_ids] == [("canceled", "undone")] * 2
    office.house.run()
    assert office.sent() == []
    assert office.gaps() == []
    office.warn(follows=1, kind=VersionKind.ALL_CLEAR)
    office.house.run()
    assert (office.sent(), office.gaps(), office.proven()) == ([], [], True)


def test_who_is_registered_by_another_way_is_still_told(office: Undoing) -> None:
    """One number, one notice, two registrations: the one of the roster is erased at night, and the notice goes to the other in
    the morning, once.
    """
    office.pass_by(16 * 60)
    done = office.apply(BAJIE)
    other = office.resident("猪八戒", N2)
    version = office.warn()
    assert office.notice(version, other) == ("planned", "quiet")
    office.undo(done, confirm="OFFICE-1")
    office.pass_by(8 * 60)
    office.house.run()
    office.house.run()
    assert office.sent() == [N2]
    assert office.notice(version, other)[0] == "accepted"
    assert (office.gaps(), office.proven()) == ([], True)


def test_a_number_taken_back_gets_nothing_and_the_person_does(office: Undoing) -> None:
    """A notice that waits for a number the roster brought goes to the number that was known before; who has none is named."""
    before = office.apply(
        ("沙悟净", "赞比亚", "", HOME, "wujing@example.com"), ("唐僧", "赞比亚", "", "", "tang@example.com")
    )
    done = office.apply(
        ("沙悟净", "赞比亚", N3, "", "wujing@example.com"), ("唐僧", "赞比亚", N4, "", "tang@example.com")
    )
    wujing, tang = before.joined_ids
    version = office.warn()
    with pytest.raises(NotAllowed):
        office.undo(done, actor=company(office.employer.employer_id))
    with pytest.raises(BadInput, match="OFFICE-1"):
        office.undo(done)
    undone = office.undo(done, confirm="OFFICE-1")
    assert (undone.erased, undone.notices) == (0, Settled(2, 1, (tang,)))
    office.house.run()
    assert office.sent() == [HOME]
    assert office.notice(version, wujing)[0] == "accepted"
    [(kind, words)] = office.gaps()
    assert (kind, words.endswith(f": {tang}.")) == ("unreachable", True)


def test_a_wrong_number_of_several_is_put_right_for_each(office: Undoing) -> None:
    """A roster gave two people one number, and the notice went out to it: after the undo each gets theirs, at their own number
    of before, once; who has that number rightly got it already.
    """
    before = office.apply(WUKONG_ROW, LONGMA, BAJIE)
    wrong = office.apply(("孙悟空", "赞比亚", N2, N1, ""), ("白龙马", "赞比亚", N2, N4, ""))
    assert wrong.joined_ids == ()
    version = office.warn()
    office.house.run()
    assert office.sent() == [N2]
    undone = office.undo(wrong, confirm="OFFICE-1")
    assert (undone.erased, undone.notices) == (0, Settled(redirected=2))
    for _ in range(2):
        office.house.run()
    assert office.sent() == [N1, N2, N4]
    assert office.notice(version, before.joined_ids[2])[0] == "accepted"
    assert (office.gaps(), office.proven()) == ([], True)


def test_a_new_number_is_preferred_to_the_old_one(office: Undoing) -> None:
    """Whom the company lists with another number is told at that one, if a notice goes to one address only."""
    office.apply(("沙悟净", "赞比亚", N3, "", "wujing@example.com"))
    office.apply(("沙悟净", "赞比亚", N4, "", "wujing@example.com"))
    office.warn()
    office.house.run()
    assert office.sent() == [N4]


def _doubt(notice: Outgoing) -> Result:
    return InDoubt("timeout")


@pytest.mark.parametrize("arrives", [True, False])
def test_what_may_have_left_stays_in_doubt_and_is_not_sent_again(office: Undoing, arrives: bool) -> None:
    """A notice in flight to somebody erased: the provider cannot be asked about a number we no longer have, so it is neither
    believed to be absent nor sent again, but named for a person; a late receipt still settles it.
    """
    done = office.apply(WUKONG_ROW)
    version = office.warn()
    office.channel.answer = _doubt
    office.house.drain()
    office.channel.answer = Recorder().answer
    [one] = done.joined_ids
    assert office.notice(version, one)[0] == "unknown"
    with pytest.raises(BadInput, match=r"under way: 1"):
        office.undo(done)
    office.undo(done, confirm="OFFICE-1")
    office.pass_by(60)
    office.house.run()
    assert (office.sent(), office.notice(version, one)) == ([], ("unresolved", "no-address"))
    assert [kind for kind, _ in office.gaps()] == ["delivery-unresolved"]
    if arrives:
        [row] = office.house.rows()
        assert row.id is not None
        word = Word(row.id, "recorder", "REC9", "delivered", "", {"To": N1}, "callback")
        with writing(office.house.office.engine) as connection:
            receipts.accept(connection, word, office.house.office.keys, office.house.office.clock.now())
        office.house.run()
        assert (office.notice(version, one)[0], office.gaps(), office.sent()) == ("accepted", [], [])
    assert office.proven()


def test_a_shared_notice_in_doubt_is_asked_about_and_sent_once(office: Undoing) -> None:
    """In doubt at the undo, and shared with somebody who stays: the provider is asked by their address, and is believed."""
    done = office.apply(BAJIE)
    other = office.resident("猪八戒", N2)
    version = office.warn()
    office.channel.answer = _doubt
    office.house.drain()
    office.channel.answer = Recorder().answer
    office.undo(done, confirm="OFFICE-1")
    office.pass_by(60)
    for _ in range(3):
        office.house.run()
    assert (office.sent(), office.notice(version, other)[0]) == ([N2], "accepted")


def test_what_was_sent_stays_proven_and_the_ledger_says_erased(office: Undoing) -> None:
    """Accepted notices stay accepted after the undo, and the ledger says since when nobody stands behind them."""
    done = office.apply(WUKONG_ROW)
    office.warn()
    office.house.run()
    undone = office.undo(done, confirm="OFFICE-1")
    assert undone.notices == Settled()
    with writing(office.house.office.engine) as connection:
        [row] = ledger.rows(connection, office.house.office.acting(OFFICER))
    assert (row["state"], bool(row["erased_at"])) == ("accepted", True)
    assert (office.gaps(), office.proven()) == ([], True)


def test_applied_again_they_are_told_again(office: Undoing) -> None:
    """Whoever comes back with the same roster is new: named as not told, and the alert, planned again, reaches them, although a
    notice to their number was called off; whose number got it for somebody else is not told twice.
    """
    done = office.apply(WUKONG_ROW, BAJIE, LONGMA)
    office.resident("猪八戒", N2)
    elsewhere = office.resident("沙悟净", N4)  # the same number, of somebody who is not told
    with writing(office.house.office.engine) as connection:
        stays = table(Posting)
        connection.execute(update(stays).where(stays.c.registrant_id == elsewhere).values(country="AO"))
    version = office.warn()
    office.undo(done, confirm="OFFICE-1")
    office.house.run()
    assert office.sent() == [N2]
    again = office.apply(WUKONG_ROW, BAJIE, LONGMA)
    assert [kind for kind, _ in office.gaps()] == ["not-planned"]
    with writing(office.house.office.engine) as connection:
        stored, now = alert_store.version(connection, version), office.house.office.clock.now()
        alerts.plan(connection, stored, now, now, transfer=Transfer())
    office.house.run()
    assert office.sent() == [N1, N2, N4]
    assert [office.notice(version, one)[0] for one in again.joined_ids] == ["accepted"] * 3
    assert (office.gaps(), office.proven()) == ([], True)


def test_who_is_put_back_into_the_place_is_named(office: Undoing) -> None:
    """A full list had taken somebody out of the country before the warning: after the undo they are named as not told."""
    before = office.apply(WUKONG_ROW, LONGMA)
    done = office.apply(("孙悟空", "赞比亚", N1, "", "", "已回国"), header=(*HEAD, "目前状态"))
    office.warn()
    office.house.run()
    assert (office.sent(), office.gaps()) == ([N4], [])
    office.undo(done)
    [(kind, words)] = office.gaps()
    assert (kind, words.endswith(f": {before.joined_ids[0]}.")) == ("not-planned", True)
