"""The digest: to those who chose it, about their countries, each change once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from core.database import reading, writing
from core.errors import BadInput, NotAllowed, NotFound
from notify.channels.base import Accepted, NotSent
from notify.digest.choose import Who, choose
from notify.digest.send import edition_of, send_digests
from notify.digest.store import READERS, standing
from notify.digest.tables import Rhythm
from notify.mailings.once import Fate
from notify.policy import Action
from registry.actors import SYSTEM, Actor, proven_resident
from registry.people import Channel, GivenConsent, NewAddress, NewPerson, NewPosting
from registry.tables import Ground, Role
from sources.model import Grade
from sources.store import CHANGES
from tests.notify.letters.desk import Desk
from tests.notify.made import advisory
from tests.notify.proof.world import read_source


def tell(desk: Desk, title: str, country: str) -> int:
    """Let the ministry give general advice, which the policy routes to the digest now."""
    said = advisory(native_id=title, title=title, countries=(country,), level_national=Grade.UNSTATED, level_words="")
    number, _ = read_source(desk.world, said)
    with writing(desk.office.engine) as connection:
        values = {"outcome": Action.DIGEST, "decided_at": desk.office.clock.now()}
        connection.execute(update(CHANGES).where(CHANGES.c.id == number).values(values))
    return number


def subscribe(desk: Desk, rhythm: Rhythm | None, who: Who, actor: Actor = SYSTEM) -> None:
    """Write a choice, and let a minute go by."""
    with writing(desk.office.engine) as connection:
        choose(connection, actor, who, rhythm, desk.office.clock.now())
    desk.later(minutes=1)


def fates(desk: Desk) -> list[tuple[str, Fate]]:
    """Send what is due; return to whom, and what came of it."""
    return [(one.reader, one.fate) for one in send_digests(desk.office, by="system")]


def company(desk: Desk) -> Who:
    """Return company A."""
    return Who(employer_id=desk.world.employers[0])


def test_a_company_reads_of_its_countries_each_thing_once(desk: Desk) -> None:
    """Zambia, where its people are; not Japan, and nothing from before it chose; tomorrow only what is new."""
    desk.contact(0, "a@one.example")
    tell(desk, "赞比亚从前的提示", "ZM")
    desk.later(minutes=1)
    subscribe(desk, Rhythm.DAILY, company(desk))
    reader = company(desk).reader
    assert fates(desk) == []
    tell(desk, "提醒赴赞比亚中国公民注意防范疟疾", "ZM")
    tell(desk, "提醒赴日本中国公民注意交通安全", "JP")
    assert fates(desk) == [(reader, Fate.SENT)]
    tell(desk, "提醒赴赞比亚中国公民注意防范诈骗", "ZM")
    assert fates(desk) == []  # today's has left
    desk.later(days=1)
    assert fates(desk) == [(reader, Fate.SENT)]
    desk.later(days=1)
    assert fates(desk) == []
    first, second = desk.mail.sent
    assert first.subject == "【示例市外办】境外安全提示摘要 2026-11-22：新增1条"
    assert ("疟疾" in first.body, "诈骗" in second.body) == (True, True)
    for other in ("日本", "从前"):
        assert other not in first.body + second.body
    assert "疟疾" not in second.body


def test_a_mail_that_did_not_leave_loses_nothing(desk: Desk) -> None:
    """The relay is down all day: the next day's mail tells it."""
    desk.contact(0, "a@one.example")
    subscribe(desk, Rhythm.DAILY, company(desk))
    tell(desk, "提醒赴赞比亚中国公民注意防范疟疾", "ZM")
    desk.mail.answer = lambda _: NotSent("connect")
    assert [fate for _, fate in fates(desk)] == [Fate.FAILED]
    desk.mail.answer = lambda _: Accepted("m", "accepted")
    desk.later(days=1)
    assert [fate for _, fate in fates(desk)] == [Fate.SENT]
    assert "疟疾" in desk.mail.sent[0].body
    desk.later(days=1)
    assert fates(desk) == []


def test_a_resident_reads_it_at_their_own_mail(desk: Desk) -> None:
    """Weekly, once a week; who has chosen to end it gets no more; a resident may choose for themselves only."""
    consent = GivenConsent(Ground.CONSENT, "test/1", foreign=False)
    new = NewPerson(
        "诸葛静姝", consent, None, "zh", (NewPosting("ZM"),), (NewAddress(Channel.EMAIL, "z@three.example"),)
    )
    [person] = desk.world.enrol([new])
    who = Who(registrant_id=person)
    subscribe(desk, Rhythm.WEEKLY, who, proven_resident([person]))
    with pytest.raises(NotAllowed):
        subscribe(desk, Rhythm.WEEKLY, who, proven_resident([person + 1]))
    tell(desk, "提醒赴赞比亚中国公民注意防范疟疾", "ZM")
    assert fates(desk) == [(f"registrant/{person}", Fate.SENT)]
    desk.later(days=1)  # Monday: another week
    tell(desk, "提醒赴赞比亚中国公民注意防范诈骗", "ZM")
    assert fates(desk) == [(f"registrant/{person}", Fate.SENT)]
    desk.later(days=3)
    tell(desk, "提醒赴赞比亚中国公民遵守法律", "ZM")
    assert fates(desk) == []
    subscribe(desk, None, who)
    desk.later(days=7)
    assert fates(desk) == []
    assert [one.address for one in desk.mail.sent] == ["z@three.example"] * 2


def test_choosing_again_changes_the_rhythm_of_one_row(desk: Desk) -> None:
    """Daily after weekly is one choice; ended and chosen anew is a second."""
    for rhythm in (Rhythm.WEEKLY, Rhythm.DAILY, None, Rhythm.WEEKLY):
        subscribe(desk, rhythm, company(desk))
    with reading(desk.office.engine) as connection:
        rows = [
            (row.rhythm, row.ended_at is None) for row in connection.execute(select(READERS).order_by(READERS.c.id))
        ]
        assert rows == [("daily", False), ("weekly", True)]
        assert len(standing(connection)) == 1


def test_who_reads_must_be_one_and_be_there(desk: Desk) -> None:
    """Neither nobody nor both; no person who is not registered; no company of somebody else."""
    with writing(desk.office.engine) as connection:
        now = desk.office.clock.now()
        with pytest.raises(BadInput):
            choose(connection, SYSTEM, Who(), Rhythm.DAILY, now)
        with pytest.raises(NotFound):
            choose(connection, SYSTEM, Who(registrant_id=999), Rhythm.DAILY, now)
        with pytest.raises(NotAllowed):
            choose(connection, Actor("x", Role.COMPANY, 9, desk.world.employers[1]), company(desk), Rhythm.DAILY, now)


def test_a_reader_without_mail_is_named(desk: Desk) -> None:
    """The office sees whom it cannot write to, and what is to be told waits for an address."""
    subscribe(desk, Rhythm.DAILY, company(desk))
    tell(desk, "提醒赴赞比亚中国公民注意防范疟疾", "ZM")
    assert [fate for _, fate in fates(desk)] == [Fate.WITHOUT]
    desk.contact(0, "a@one.example")
    assert [fate for _, fate in fates(desk)] == [Fate.SENT]


@pytest.mark.parametrize(
    ("rhythm", "day", "edition"),
    [
        ("daily", date(2026, 11, 22), "2026-11-22"),
        ("weekly", date(2026, 11, 22), "2026-W47"),
        ("weekly", date(2026, 11, 23), "2026-W48"),
        ("weekly", date(2027, 1, 1), "2026-W53"),
    ],
)
def test_editions(rhythm: str, day: date, edition: str) -> None:
    """A day, or an ISO week, also over New Year."""
    assert edition_of(rhythm, day) == edition
