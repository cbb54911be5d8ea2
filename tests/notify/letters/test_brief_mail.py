"""The morning brief by mail: once a day to each officer, also when nothing happened, and louder when nothing was read."""

from __future__ import annotations

from datetime import timedelta

from core.database import writing
from core.i18n import t
from notify import brief_mail, rundown
from notify.brief import brief
from notify.channels.base import InDoubt
from notify.duty import store as pages
from notify.mailings.once import Fate
from notify.night import NightStatus
from notify.safety.model import PERSON, Answer, Means, Said
from notify.safety.take import take_answer
from notify.summary import RunFacts
from sources.read import SourceReport, SourceStatus
from tests.notify.letters.desk import Desk, desk_of
from tests.notify.made import NIGHT

OFFICERS = ("a@office.example", "b@office.example")


def officers(desk: Desk) -> Desk:
    """Return the desk of an office whose officers get the brief."""
    return desk_of(desk.world, brief_to=OFFICERS, lang="zh-CN")


def work(desk: Desk) -> None:
    """Work a night in which one source was read and nothing came of it."""
    run = rundown.begin(desk.office, NIGHT)
    report = SourceReport("cn-mfa", SourceStatus.READ, 24, (), age=timedelta(0))
    rundown.close(desk.office, run, RunFacts(NIGHT, [report], (), (), NightStatus.COMPLETED))


def send(desk: Desk) -> list[Fate]:
    """Mail the brief of today."""
    summary, text = brief_mail.look(desk.office)
    return [one.fate for one in brief_mail.send_brief(desk.office, summary, text, by="system")]


def test_each_officer_gets_it_once_a_day(desk: Desk) -> None:
    """A second run sends nothing, tomorrow's comes tomorrow; nobody's address stands in the table."""
    own = officers(desk)
    work(own)
    assert send(own) == [Fate.SENT, Fate.SENT]
    assert send(own) == [Fate.THERE, Fate.THERE]
    own.later(days=1)
    assert send(own) == [Fate.SENT, Fate.SENT]
    assert [one.address for one in own.mail.sent] == [*OFFICERS, *OFFICERS]
    assert "<h1>晨报" in own.mail.sent[0].html
    assert all("@" not in reader for _, reader, _ in own.rows())


def test_it_tells_who_is_silent_and_who_needs_help(desk: Desk) -> None:
    """The alert in force that asks stands at the top, with what stands of the answers."""
    own = officers(desk)
    work(own)
    said = Said(Answer.HELP, Means.SMS, PERSON, "求助", own.office.clock.now())
    with writing(own.office.engine) as connection:
        take_answer(connection, own.world.alert_id, [own.world.people[0]], said, own.office.keys)
    summary, text = brief_mail.look(own.office)
    assert summary is not None
    assert summary["help"] == ["预警1：1人需要帮助，0人答复不明，6人中5人未答复，0人平安。"]
    assert text.index("他们平安吗？") < text.index("## 预警")
    send(own)
    assert own.mail.sent[0].subject.startswith("【示例市外办】晨报 2026-11-22：预警1条")


def test_it_tells_what_somebody_was_called_for(desk: Desk) -> None:
    """A page that is over, one that somebody knows of, one for which nobody could be called, and a sweep that nobody was called for yet."""
    own = officers(desk)
    work(own)
    now = own.office.clock.now()
    with writing(own.office.engine) as connection:
        for cause in ("over", "known", "open"):
            pages.open_page(connection, cause, t("{source} was never read.", source=cause), now)
        pages.settle(connection, "over", now)
        [known] = [one.id or 0 for one in pages.open_pages(connection) if one.cause == "known"]
        pages.acknowledge(connection, [known], by="lin.daiyu", now=now)
    _, text = brief_mail.look(own.office)
    watch = text[text.index("## 夜间值守") : text.index("## 预警")]
    for line in (
        "over 从未读取过。已于11-22",
        "known 从未读取过。尚未了结；11-22",
        "open 从未读取过。尚未了结，且【未能呼叫到任何人】。",
    ):
        assert line in watch
    own.later(days=1)
    work(own)
    summary, text = brief_mail.look(own.office)
    assert summary is not None
    assert not brief_mail.subject(summary, "2026-11-23", "", "zh").endswith("一夜平安")
    assert "发送巡检" in text[text.index("## 夜间值守") : text.index("## 预警")]


def test_a_letter_in_doubt_stands_in_the_next_brief(desk: Desk) -> None:
    """What may not have arrived is named, by number and never by address."""
    own = officers(desk)
    work(own)
    own.contact(0, "x@one.example")
    own.later(minutes=31)
    own.mail.answer = lambda _: InDoubt("line")
    own.roll_up()
    _, text = brief_mail.look(own.office)
    assert "存疑：送达汇总 1/1/wave 致 A-1（line）" in text
    assert "@" not in text


def test_a_night_that_did_not_run_is_said_first(desk: Desk) -> None:
    """A day and more after the last night the subject says so; before the first night too."""
    own = officers(desk)
    assert send(own) == [Fate.SENT, Fate.SENT]
    work(own)
    own.later(days=2)
    send(own)
    first, last = own.mail.sent[0], own.mail.sent[-1]
    assert first.subject == "【示例市外办】晨报 2026-11-22：昨夜未运行"
    assert last.subject == "【示例市外办】晨报 2026-11-24：昨夜未运行"
    assert "尚无完成的夜间任务。" in first.body
    assert "夜间运行在48小时之前" in last.body


def test_a_quiet_night_is_said_with_its_proof(desk: Desk) -> None:
    """Nothing new and nothing open: the brief is sent, and says what was read."""
    quiet = {"as_of": "2026-11-21T18:30:00Z", "status": "Completed", "alerts": [], "changes": [], "gaps": [],
             "sources": [{"id": "cn-mfa", "status": "read", "entries": 24, "changes": 0, "reason": None, "age": 0,
                          "first_time": False, "standing": 0, "notes": []}]}  # fmt: skip
    own = officers(desk)
    text = brief(quiet, "花果山市外办", "Asia/Shanghai", "zh")
    assert "**一夜平安：1个信息源全部读取成功，比对24条，无新变化，无待办事项。**" in text
    brief_mail.send_brief(own.office, quiet, text, by="system")
    assert own.mail.sent[0].subject == "【示例市外办】晨报 2026-11-22：一夜平安"
