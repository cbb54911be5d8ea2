"""Roll-ups: a company learns once who of its people was told, over which way, who was not and why, and nothing of others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.database import reading, writing
from core.tables import Audit, Mode, table
from notify.brief_now import letters
from notify.channels.base import Accepted, NotSent, Outgoing, Rejected, Result
from notify.mailings.once import Fate
from notify.rollup.model import Round
from notify.safety.model import PERSON, Answer, Means, Said
from notify.safety.take import take_answer
from notify.store.alerts import ALERTS, VERSIONS, close_alert
from notify.tables import AlertStatus
from tests.notify.letters.desk import Desk, desk_of

A, B = "an.quan@one.example", "hr@two.example"


def test_each_company_gets_one_mail_about_its_own_people(desk: Desk) -> None:
    """Counts, ways, reasons and the silent are those of the company, and the second run sends nothing."""
    desk.contact(0, A)
    desk.contact(1, B, language="en")
    assert desk.roll_up() == []  # people were asked whether they are safe, and get half an hour
    desk.later(minutes=31)
    [done] = desk.roll_up()
    assert (done.what, [one.fate for one in done.outcomes]) == (Round.WAVE, [Fate.SENT, Fate.SENT])
    assert desk.roll_up() == []
    chinese, english = desk.mail.sent
    assert (chinese.address, chinese.subject) == (A, "【示例市外办】预警送达情况：赞比亚（贵单位境外人员）")
    for line in ("涉及人员：4人", "- 已送达：1人", "- 短信：2人", "- 猪**：联系方式有误", "- 沙**：无可用联系方式", "- 尚未答复：4人",
                 "127.0.0.1:8430/company/alerts"):  # fmt: skip
        assert line in chinese.body
    assert "<h2>通知方式</h2>" in chinese.html
    assert english.address == B
    assert "People: 2" in english.body
    for name in ("林黛玉", "贾宝玉", "孙悟空", "猪八戒", "+260"):
        assert name not in chinese.body + chinese.html + english.body + english.html


@pytest.mark.parametrize(("naming", "shown"), [("none", "- 联系方式有误：1人"), ("full", "- 猪八戒：联系方式有误")])
def test_names_are_as_the_office_wants_them(desk: Desk, naming: str, shown: str) -> None:
    """Counts only, or whole names; a name that is read leaves a line in the audit."""
    other = desk_of(desk.world, rollup_names=naming)
    other.contact(0, A)
    other.later(minutes=31)
    other.roll_up()
    [mail] = other.mail.sent
    assert shown in mail.body
    assert ("猪" in mail.body) == (naming == "full")
    with reading(other.office.engine) as connection:
        looks = [row.action for row in connection.execute(table(Audit).select())]
    assert ("people.view" in looks) == (naming == "full")


def test_the_second_mail_comes_next_morning_if_something_changed(desk: Desk) -> None:
    """One company's person answered: it gets one more; the other company, of which nothing changed, does not; and no third."""
    desk.contact(0, A)
    desk.contact(1, B)
    desk.later(minutes=31)
    desk.roll_up()
    said = Said(Answer.HELP, Means.SMS, PERSON, "需要帮助", desk.office.clock.now())
    with writing(desk.office.engine) as connection:
        take_answer(connection, desk.world.alert_id, [desk.world.people[0]], said, desk.office.keys)
    assert desk.roll_up() == []
    desk.later(hours=5)
    [done] = desk.roll_up()
    assert (done.what, [one.reader for one in done.outcomes]) == (
        Round.MORNING,
        [f"employer/{desk.world.employers[0]}"],
    )
    last = desk.mail.sent[-1]
    assert last.subject == "【示例市外办】送达情况更新：赞比亚（贵单位境外人员）"
    assert "需要帮助：孙**" in last.body
    desk.world.hear(desk.world.notice_of(desk.world.people[2]), "undelivered", "30003")
    desk.later(days=1)
    [done] = desk.roll_up()
    assert [one.reader for one in done.outcomes] == [f"employer/{desk.world.employers[1]}"]
    desk.world.hear(desk.world.notice_of(desk.world.people[4]), "delivered")
    desk.later(days=1)
    assert [one.outcomes for one in desk.roll_up()] == [()]


def test_the_end_of_an_alert_is_told_once(desk: Desk) -> None:
    """An officer closes it after the wave: each company is told so."""
    desk.contact(0, A)
    desk.later(minutes=31)
    desk.roll_up()
    desk.later(hours=1)
    with writing(desk.office.engine) as connection:
        close_alert(connection, desk.world.alert_id, desk.office.clock.now())
    desk.roll_up()
    desk.later(hours=24)
    assert desk.roll_up() == []
    assert [one.subject[7:11] for one in desk.mail.sent] == ["预警送达", "预警结束"]
    assert "该预警已于2026-11-22 04:06（北京时间）结束。" in desk.mail.sent[1].body


def test_a_drill_in_a_live_office_is_told_to_no_company(desk: Desk) -> None:
    """Whatever the alert says: it is no warning."""
    desk.contact(0, A)
    with writing(desk.office.engine) as connection:
        connection.execute(update(ALERTS).values(mode=Mode.DRILL))
    desk.later(minutes=31)
    assert desk.roll_up() == []


def test_what_was_taken_back_is_told_to_no_company(desk: Desk) -> None:
    """An alert that an officer cancelled asks no company to call its people."""
    desk.contact(0, A)
    with writing(desk.office.engine) as connection:
        connection.execute(update(VERSIONS).values(status=AlertStatus.CANCELED))
    desk.later(minutes=31)
    assert (desk.roll_up(), desk.mail.sent) == ([], [])


def test_what_is_refused_goes_to_the_next_contact(desk: Desk) -> None:
    """The first mailbox is gone: the next run writes to the second contact, and the company without any is named."""

    def answer(mail: Outgoing) -> Result:
        """Refuse one address."""
        return Rejected("550", address_bad=True) if mail.address == A else Accepted("m1", "accepted")

    desk.contact(0, A, "second@one.example")
    desk.mail.answer = answer
    desk.later(minutes=31)
    [first] = desk.roll_up()
    assert [one.fate for one in first.outcomes] == [Fate.FAILED, Fate.WITHOUT]
    [second] = desk.roll_up()
    assert [one.fate for one in second.outcomes] == [Fate.SENT, Fate.WITHOUT]
    assert [one.address for one in desk.mail.sent] == ["second@one.example"]
    assert desk.roll_up() == []


def test_a_relay_that_is_down_gets_it_later(desk: Desk) -> None:
    """It is tried again, less and less often, until the relay is back; the letter leaves once."""
    desk.contact(0, A)
    desk.mail.answer = lambda _: NotSent("connect")
    desk.later(minutes=31)
    fates = []
    for _ in range(6):
        fates += [one.outcomes[0].fate for one in desk.roll_up()]
        desk.later(minutes=1)
    assert fates == [Fate.FAILED, Fate.FAILED, Fate.WAITING, Fate.WAITING, Fate.FAILED, Fate.WAITING]
    desk.mail.answer = lambda _: Accepted("m1", "accepted")
    desk.later(minutes=60)
    assert desk.roll_up()[0].outcomes[0].fate is Fate.SENT
    assert len(desk.mail.sent) == 1


def test_a_rehearsal_sends_and_writes_nothing(desk: Desk) -> None:
    """It names who would get one."""
    desk.contact(0, A)
    desk.later(minutes=31)
    [done] = desk.roll_up(dry_run=True)
    assert [one.fate for one in done.outcomes] == [Fate.WAITING, Fate.WAITING]
    assert (desk.rows(), desk.mail.sent) == ([], [])
    desk.later(minutes=1)
    assert desk.roll_up()[0].outcomes[0].fate is Fate.SENT


def test_a_wave_of_long_ago_is_not_told(desk: Desk) -> None:
    """An office that begins with roll-ups writes to nobody about alerts of last week."""
    desk.contact(0, A)
    desk.world.clock.advance(timedelta(days=4))
    assert desk.roll_up() == []


def test_a_relay_that_is_down_opens_no_names_again(desk: Desk) -> None:
    """Between two tries nothing is written, no contact and no name is looked at: hours of sweeps leave no flood in the audit."""
    desk.contact(0, A)
    desk.mail.answer = lambda _: NotSent("connect")
    desk.later(minutes=31)
    for _ in range(2):
        desk.roll_up()
        desk.later(minutes=1)
    before = audited(desk)
    assert next(one.fate for one in desk.roll_up()[0].outcomes) is Fate.WAITING
    assert audited(desk) - before <= 1, "the company without a mail address alone is looked at"


def test_who_never_got_the_first_gets_the_morning_one(desk: Desk) -> None:
    """The relay was down until all tries were used up: the next morning it is tried once more, though nothing changed."""
    desk.contact(0, A)
    desk.mail.answer = lambda _: NotSent("connect")
    desk.later(minutes=31)
    for _ in range(30):
        desk.roll_up()
        desk.later(minutes=61)
    desk.mail.sent.clear()
    desk.mail.answer = lambda _: Accepted("m1", "accepted")
    for _ in range(3):
        desk.later(hours=24)
        desk.roll_up()
    assert [one.address for one in desk.mail.sent] == [A]


def test_a_company_without_a_mail_address_is_in_the_brief_until_it_has_one(desk: Desk) -> None:
    """It is named by its code for an officer to call; with an address, it gets its first letter the next morning."""
    desk.later(minutes=31)
    desk.roll_up()
    with reading(desk.office.engine) as connection:
        [line] = letters(connection, desk.office.clock.now(), "zh")
    assert line == f"无邮箱，请致电：送达汇总 {desk.world.alert_id}/1/wave，单位 A-1、B-1（2）"
    desk.contact(0, A)
    desk.later(hours=30)
    desk.roll_up()
    assert [one.address for one in desk.mail.sent] == [A]
    with reading(desk.office.engine) as connection:
        assert "单位 B-1（1）" in letters(connection, desk.office.clock.now(), "zh")[0]


def audited(desk: Desk) -> int:
    """Count the lines of the audit."""
    with reading(desk.office.engine) as connection:
        return len(connection.execute(table(Audit).select()).all())
