"""A week of fiction: what a bulletin is written from, worked out by hand."""

from __future__ import annotations

from datetime import date

from core.i18n import Language
from notify.bulletin.model import Facts, Graded, Item, Numbers
from notify.bulletin.week import week_named
from notify.model import OfficeName
from notify.texts.helplines import Certainty, Directory, Helpline, Kind
from sources.model import ChangeKind, Grade

WEEK = week_named("2026-W47", "Asia/Shanghai")
OFFICE = OfficeName("花果山市外办", "Huaguoshan Foreign Affairs Office", "+86-518-5550100")
BOOK = Directory({
    "ZM": (
        Helpline("ZM", Kind.POLICE, "", "999", "2025-06", Certainty.OFFICIAL),
        Helpline("ZM", Kind.AMBULANCE, "", "991", "2021", Certainty.SECONDARY),
        Helpline("ZM", Kind.EMBASSY, "卢萨卡", "+260-211-555-010", "2026-01", Certainty.OFFICIAL),
    ),
    "KE": (Helpline("KE", Kind.POLICE, "", "112", "2025-06", Certainty.BELIEVED),),
})  # fmt: skip


def home(language: Language) -> tuple[Item, ...]:
    """Return what home authorities said: titles as they are, the publisher in the reader's language."""
    ministry = "中国外交部" if language == "zh" else "Ministry of Foreign Affairs of China"
    return (
        Item(ChangeKind.NEW, ("ZM",), "提醒中国公民暂勿前往赞比亚", "近日，赞比亚铜带省发生多起武装袭击事件。"
             "外交部和中国驻赞比亚使馆提醒中国公民暂勿前往赞比亚。", ministry, "https://one.example/t1.html", date(2026, 11, 18), None, 4),
        Item(ChangeKind.LOWERED, ("KE",), "提醒中国公民谨慎前往肯尼亚", "内罗毕局势趋于平稳。", ministry, "https://one.example/t(2) x.html",
             date(2026, 11, 19), 4, 3),
        Item(ChangeKind.EXPIRED, ("JP",), "提醒赴日本中国公民注意防范台风", "台风将至。", ministry, "",
             date(2026, 11, 14), Grade.UNSTATED, None),
        Item(ChangeKind.NEW, (), "提醒海外中国公民 [警惕](https://evil.example) <b>诈骗</b>", "", ministry, "https://one.example/t3.html",
             date(2026, 11, 17), None, Grade.UNSTATED),
    )  # fmt: skip


def facts(language: Language) -> Facts:
    """Return the week."""
    zh = language == "zh"
    us, quakes = ("美国国务院", "美国地质调查局") if zh else ("US Department of State", "US Geological Survey")
    return Facts(
        WEEK, OFFICE, 12, date(2026, 11, 20),
        (Graded(4, "暂勿前往", ("AF", "ZM")), Graded(3, "谨慎前往", ("KE",))), home(language),
        (Item(ChangeKind.RAISED, ("ML",), "Mali Travel Advisory", "Level 4: Do Not Travel", us, "https://two.example/mali",
              date(2026, 11, 16), 3, 4),),
        (Item(ChangeKind.NEW, ("TR",), "M 6.9 - 30 km E of Fictionville, Turkey", "PAGER ORANGE.", quakes, "https://three.example/q1",
              date(2026, 11, 15), None, Grade.UNSTATED),),
        Numbers(2, 34), BOOK, ("德国外交部",) if zh else ("Federal Foreign Office of Germany",),
    )  # fmt: skip


def empty() -> Facts:
    """Return a week in which nothing happened."""
    return Facts(WEEK, OFFICE, 1, date(2026, 11, 20))
