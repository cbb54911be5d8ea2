"""The bulletin of an office: drafted from what is kept, released once, mailed to each company once, sealed."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from docx import Document
from sqlalchemy import update

from core.database import reading, writing
from core.errors import BadInput, NotAllowed, NotFound
from notify import proof
from notify.bulletin import release as releasing
from notify.bulletin import store
from notify.bulletin.choose import grades, items
from notify.bulletin.correct import correct
from notify.bulletin.draft import draft
from notify.bulletin.store import BULLETINS
from notify.bulletin.week import week_at
from notify.channels.base import Accepted, NotSent
from notify.mailings.once import Fate
from notify.mailings.store import MAILINGS
from registry.actors import Actor
from registry.tables import Role
from sources import store as source_store
from sources.change import Comparison, Entry
from sources.model import Advisory, Authority, Card, ChangeKind, Grade
from sources.publishers import cn_mfa, us_state, usgs
from sources.store import CHANGES, StoredChange
from tests.notify.letters.desk import Desk
from tests.notify.made import NIGHT, advisory, change
from tests.notify.proof.world import read_source

OFFICER, COMPANY = Actor("lin.daiyu", Role.OFFICER, 1), Actor("xue.pan", Role.COMPANY, 3, 1)
WEEK = week_at(NIGHT, "Asia/Shanghai")
TEXT = f"# 境外安全周报\n\n{WEEK.year}年第{WEEK.number}期\n\n本周平安。\n"
CARDS = {one.CARD.id: one.CARD for one in (cn_mfa, us_state, usgs)}


def stored(
    number: int, kind: ChangeKind, after: Advisory | None, before: Advisory | None = None, **more: Any
) -> StoredChange:
    """Return a change as it is kept."""
    return StoredChange(number, change(kind, after, before, **more), NIGHT, None, None)


def chosen(authority: Authority, *changes: StoredChange) -> list[tuple[str, ChangeKind]]:
    """Return what stands in the section of an authority: titles and kinds."""
    return [(one.title, one.kind) for one in items(changes, CARDS, authority, "zh", "Asia/Shanghai")]


def test_each_entry_stands_once_with_its_newest_change() -> None:
    """New, then reworded, then a moved date: the rewording is told; what is unconfirmed or held is not; a touch alone is none."""
    one, other = advisory(title="甲"), advisory(title="乙", native_id="2")
    found = chosen(
        Authority.HOME, stored(1, ChangeKind.NEW, one), stored(2, ChangeKind.REWORDED, replace(one, title="甲改"), one),
        stored(3, ChangeKind.TOUCHED, one, one), stored(4, ChangeKind.TOUCHED, other, other),
        stored(5, ChangeKind.LOWERED, advisory(native_id="3"), other, confirmed=False),
        stored(6, ChangeKind.NEW, advisory(native_id="4"), held=True),
    )  # fmt: skip
    assert found == [("甲改", ChangeKind.REWORDED)]


def test_a_copy_of_a_notice_stands_once() -> None:
    """The ministry's notice on an embassy's site is no second one."""
    cards: dict[str, Card] = {**CARDS, "cn-embassy": replace(cn_mfa.CARD, id="cn-embassy")}
    copy = advisory(source="cn-embassy", native_id="x")
    changes = [stored(1, ChangeKind.NEW, advisory()), stored(2, ChangeKind.NEW, copy)]
    assert len(items(changes, cards, Authority.HOME, "zh", "Asia/Shanghai")) == 1


@pytest.mark.parametrize(
    ("kind", "before", "after", "told"),
    [
        (ChangeKind.RAISED, 2, 3, True), (ChangeKind.LOWERED, 3, 2, True), (ChangeKind.NEW, None, 3, True),
        (ChangeKind.NEW, None, 2, False), (ChangeKind.REWORDED, 3, 3, False), (ChangeKind.NEW, None, Grade.UNSTATED, False),
    ],
)  # fmt: skip
def test_other_governments_are_told_of_when_they_move(kind: ChangeKind, before: Any, after: Any, told: bool) -> None:
    """Rises and falls, and new entries from level 3; their new wordings are for the brief."""
    old = None if before is None else advisory(source="us-state", level_national=before)
    assert bool(chosen(Authority.PEER, stored(1, kind, advisory(source="us-state", level_national=after), old))) is told


@pytest.mark.parametrize(("tier", "told"), [(3, True), (2, True), (1, False), (None, False)])
def test_events_are_told_of_from_tier_2(tier: int | None, told: bool) -> None:
    """Smaller ones concern nobody."""
    assert bool(chosen(Authority.HAZARD, stored(1, ChangeKind.NEW, advisory(source="usgs", tier=tier)))) is told


def test_the_newest_grade_of_a_country_stands() -> None:
    """In the words of the publisher; what ran out, and what states none, is left out; the highest grade is first."""
    day = datetime(2026, 11, 1, tzinfo=UTC)
    found = grades(
        [
            advisory(countries=("KE",), level_national=3, level_words="谨慎前往", published_at=day),
            advisory(
                countries=("KE", "UG"), level_national=2, level_words="注意安全", published_at=day + timedelta(days=1)
            ),
            advisory(countries=("ML",), expires_at=day),
            advisory(countries=("JP",), level_national=Grade.UNSTATED, level_words=""),
            advisory(),
        ],
        NIGHT,
    )
    assert [(one.level, one.words, one.countries) for one in found] == [
        (4, "暂勿前往", ("ZM",)),
        (2, "注意安全", ("KE", "UG")),
    ]


def test_a_draft_tells_what_is_kept_of_the_week(desk: Desk) -> None:
    """The notice and what the office did are in the week's draft; what an officer dismissed is not; the week after is empty."""
    read_source(desk.world, advisory(native_id="9", title="提醒中国公民谨慎前往马拉维", countries=("MW",)))
    number, _ = read_source(desk.world, advisory(native_id="8", title="提醒中国公民注意安全", countries=("UG",)))
    with writing(desk.office.engine) as connection:
        connection.execute(update(CHANGES).where(CHANGES.c.id == number).values(outcome="dismissed"))
    text = draft(desk.office, WEEK, "zh")
    assert "**▲ 马拉维**。提醒中国公民谨慎前往马拉维。" in text
    assert "收录我国机构安全提醒2条，涉及2个国家和地区" in text
    assert "我办发出预警1次，通知6人次" in text
    assert "乌干达" not in text
    later = week_at(NIGHT + timedelta(days=9), "Asia/Shanghai")
    assert "收录我国机构安全提醒0条" in draft(desk.office, later, "zh")


def test_a_release_is_kept_sealed_and_mailed_once(desk: Desk) -> None:
    """With the page and the Word file; run again, nobody gets it twice, and the company that could not be reached gets it then."""
    desk.contact(0, "a@one.example")
    desk.contact(1, "b@two.example")
    desk.mail.answer = lambda mail: NotSent("connect") if mail.address == "b@two.example" else Accepted("m", "accepted")
    kept = releasing.release(desk.office, OFFICER, WEEK, TEXT, "zh")
    assert [one.fate for one in releasing.send(desk.office, WEEK, by="lin.daiyu")] == [Fate.SENT, Fate.FAILED]
    desk.mail.answer = lambda _: Accepted("m", "accepted")
    desk.later(minutes=2)
    assert releasing.release(desk.office, OFFICER, WEEK, TEXT, "zh") == kept
    assert [one.fate for one in releasing.send(desk.office, WEEK, by="lin.daiyu")] == [Fate.THERE, Fate.SENT]
    first, second = desk.mail.sent
    assert (first.address, second.address) == ("a@one.example", "b@two.example")
    assert first.subject == f"【示例市外办】境外安全周报 {WEEK.name}"
    assert ("本周平安。" in first.body, "class=red" in first.html) == (True, True)
    [file] = first.attachments
    assert Document(io.BytesIO(file.body)).paragraphs[0].text == "境外安全周报"
    desk.world.seal()
    with writing(desk.office.engine) as connection:
        assert proof.verify(connection) == []
        connection.execute(update(BULLETINS).values(markdown="# 别的"))
        assert [one.table for one in proof.verify(connection)] == ["bulletin"]


def test_a_week_has_one_bulletin(desk: Desk) -> None:
    """Another text for the same week is refused, and says who released the first."""
    releasing.release(desk.office, OFFICER, WEEK, TEXT, "zh")
    with pytest.raises(BadInput, match=r"lin\.daiyu"):
        releasing.release(desk.office, OFFICER, WEEK, TEXT + "\n又及。\n", "zh")


def test_a_correction_is_marked_and_goes_to_whoever_got_the_first(desk: Desk) -> None:
    """A second edition has 更正 in its title and says what was wrong; it is sealed beside the first, and mailed once to the company that
    the first was for, not to one that came later. The same again changes nothing; an unchanged text and a missing note are refused."""
    desk.contact(0, "a@one.example")
    releasing.release(desk.office, OFFICER, WEEK, TEXT, "zh")
    with pytest.raises(BadInput, match="nothing is corrected"):
        correct(desk.office, OFFICER, WEEK, TEXT, "无")
    with pytest.raises(BadInput, match="--note"):
        correct(desk.office, OFFICER, WEEK, TEXT + "\n改。\n", "  ")
    releasing.send(desk.office, WEEK, by="lin.daiyu")
    with writing(desk.office.engine) as connection:
        connection.execute(
            MAILINGS.delete().where(MAILINGS.c.reader == f"employer/{desk.world.employers[1]}")
        )  # as if it came later
    desk.contact(1, "b@two.example")
    mended = TEXT.replace("本周平安。", "本周有一起地震。")
    second = correct(desk.office, OFFICER, WEEK, mended, "漏列一起地震")
    assert (second.week, second.title) == (WEEK.name, "境外安全周报（更正）")
    assert second.markdown.splitlines()[2] == "**更正（第2版）**：漏列一起地震"
    assert [one.fate for one in releasing.send(desk.office, WEEK, by="lin.daiyu")] == [Fate.SENT]
    assert [one.fate for one in releasing.send(desk.office, WEEK, by="lin.daiyu")] == [Fate.THERE]
    first, last = desk.mail.sent
    assert (first.address, last.address) == ("a@one.example", "a@one.example")
    assert (last.subject, "本周有一起地震。" in last.body) == (f"【示例市外办】境外安全周报（更正） {WEEK.name}", True)
    assert correct(desk.office, OFFICER, WEEK, mended, "漏列一起地震") == second
    third = correct(desk.office, OFFICER, WEEK, second.markdown + "\n震级为6.1级。\n", "补充震级")
    assert (third.markdown.count("更正（第"), third.title) == (1, "境外安全周报（更正）")
    with reading(desk.office.engine) as connection:
        assert [one.title for one in store.every(connection)] == ["境外安全周报（更正）"]
        assert (store.count(connection), len(store.editions(connection, WEEK.name))) == (1, 3)
    desk.world.seal()
    with reading(desk.office.engine) as connection:
        assert proof.verify(connection) == []


def say(desk: Desk, at: datetime, after: Advisory, before: Advisory | None = None) -> None:
    """Let the ministry say something in a night."""
    kind = ChangeKind.NEW if before is None else ChangeKind.RAISED
    result = Comparison([change(kind, after, before)], {after.native_id: Entry(after, at)})
    with writing(desk.office.engine) as connection:
        source_store.save_comparison(connection, source_store.entries(connection, after.source), result, None, at)


def test_grades_are_those_of_the_end_of_the_week(desk: Desk) -> None:
    """What was raised or came after the week closed leaves its draft as it was: the grade of then, and no later country."""
    end = WEEK.ends
    three = advisory(
        native_id="9", title="提醒中国公民谨慎前往马拉维", countries=("MW",), level_words="谨慎前往", level_national=3
    )
    four = replace(three, title="提醒中国公民暂勿前往马拉维", level_words="暂勿前往", level_national=4)
    say(desk, end - timedelta(days=1), three)

    def standing(at: datetime) -> list[tuple[int, tuple[str, ...]]]:
        with reading(desk.office.engine) as connection:
            return [(one.level, one.countries) for one in grades(store.standing(connection, ["cn-mfa"], at), at)]

    assert standing(end) == [(3, ("MW",))]
    say(desk, end + timedelta(days=1), four, three)
    say(desk, end + timedelta(days=1), advisory(native_id="8", countries=("UG",)))
    assert standing(end) == [(3, ("MW",))]
    assert standing(end + timedelta(days=2)) == [(4, ("MW", "UG"))]
    desk.world.clock.moment = end + timedelta(days=3)
    assert "谨慎前往" in draft(desk.office, WEEK, "zh").partition("## 二")[0]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "begin with its title"),
        ("本周平安。", "begin with its title"),
        ("# 境外安全周报\n\n本周平安。\n\n第三段。", "does not name the week"),
        (TEXT.replace(f"第{WEEK.number}期", "第12期"), "does not name the week"),
        (TEXT + "\n【待补充】\n", "not finished"),
        (TEXT + "x" * 200_000, "longer than"),
    ],
)
def test_what_is_no_bulletin_is_refused(desk: Desk, text: str, fault: str) -> None:
    """An empty file, the wrong week, an unfinished text: refused with the reason, nothing is kept."""
    with pytest.raises(BadInput, match=fault):
        releasing.release(desk.office, OFFICER, WEEK, text, "zh")
    with pytest.raises(NotFound), reading(desk.office.engine):
        releasing.released(desk.office, WEEK)


def test_only_the_office_releases(desk: Desk) -> None:
    """A company's user may not."""
    with pytest.raises(NotAllowed):
        releasing.release(desk.office, COMPANY, WEEK, TEXT, "zh")
