"""The ministry's list of notices (cn-mfa) for the demo. Pure.

The first night has twelve notices. On the second there are three more: one that says do not go, one of general advice,
and one that names no place, which therefore nobody may be sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cli.demo_feeds.story import SAMPLE_ZH, Page
from sources.publishers.cn_mfa import CARD

BEIJING = ZoneInfo("Asia/Shanghai")
DO_NOT_GO_TITLE = "提醒中国公民暂勿前往马里"
ADVICE_TITLE = "提醒在意大利中国公民注意防范盗抢"
UNPLACED_TITLE = "提醒赴有关国家中国公民注意安全"

STANDING = (
    (6, "提醒中国公民暂勿前往海地"),
    (11, "提醒中国公民谨慎前往缅甸"),
    (17, "提醒在肯尼亚中国公民加强安全防范"),
    (24, "提醒中国公民近期谨慎前往秘鲁"),
    (30, "提醒在泰国中国公民注意交通安全"),
    (38, "提醒中国公民暂勿前往南苏丹"),
    (45, "提醒在南非中国公民注意防范抢劫"),
    (52, "提醒海外中国公民注意防范电信诈骗"),
    (60, "提醒在阿联酋中国公民遵守当地法律"),
    (71, "提醒赴印度尼西亚游客注意涉水安全"),
    (83, "提醒在巴西中国公民注意防范登革热"),
    (97, "提醒中国公民谨慎前往巴基斯坦"),
)
"""Days before the first night, and the title."""


@dataclass(frozen=True)
class _Notice:
    number: int
    day: datetime
    title: str
    paragraphs: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Return the path of the detail page, as the list links to it."""
        return f"{self.day:%Y%m}/t{self.day:%Y%m%d}_{90000000 + self.number}.html"


def pages(night: datetime, later: bool) -> list[Page]:
    """Return the list as it stands at `night`; on the later night with the new notices and a page for each."""
    fresh = _fresh(night) if later else []
    first = night - timedelta(days=1) if later else night
    standing = [
        _Notice(number, (first - timedelta(days=days)).astimezone(BEIJING), title)
        for number, (days, title) in enumerate(STANDING, start=1)
    ]
    found = [Page(CARD.id, CARD.url, "cn-mfa.html", _list([*fresh, *standing]).encode())]
    found += [Page(CARD.id, CARD.url + one.path, f"cn-mfa-{one.number}.html", _detail(one).encode()) for one in fresh]
    return found


def _fresh(night: datetime) -> list[_Notice]:
    day = (night - timedelta(days=1)).astimezone(BEIJING).replace(hour=21, minute=30)
    until = day + timedelta(days=60)
    leave = (
        "近日马里安全形势急剧恶化，多地发生袭击事件。",
        f"外交部和中国驻马里使馆提醒中国公民暂勿前往马里，已在当地的中国公民和机构请尽快撤离或转移至安全地区。"
        f"如因不听劝阻造成伤害，可能影响获得协助的时效。（本提醒有效期至{until.year}年{until.month}月{until.day}日）",
    )
    advice = ("近期意大利部分城市针对游客的盗抢案件有所上升，请在车站、景区看管好随身财物和证件。",)
    unplaced = ("近期个别国家社会治安状况复杂，请出行前了解目的地安全形势。",)
    return [
        _Notice(13, day, DO_NOT_GO_TITLE, leave),
        _Notice(14, day, ADVICE_TITLE, advice),
        _Notice(15, day, UNPLACED_TITLE, unplaced),
    ]


def _list(notices: list[_Notice]) -> str:
    lines = "".join(
        f'<li><img src="../images2026/icon-1.png" class="icon" /><a href="./{one.path}">{one.title}</a>'
        f"<span>{one.day:%Y-%m-%d}</span></li>\n"
        for one in notices
    )
    return (
        '<html><head><meta charset="utf-8"><title>安全提醒 - 中国领事服务网</title></head><body>\n'
        f'<div class="content-area"><ul class="news-list">\n{lines}</ul>\n'
        '<div class="pagination"><script type="text/javascript">\n'
        "var currentPage = 0;\nvar countPage = 1;\n</script></div>\n</div></body></html>\n"
    )


def _detail(one: _Notice) -> str:
    hotline = ("外交部全球领事保护与服务应急热线（24小时）：", "+86-10-12308")
    text = "".join(f"<p>{words}</p>\n" for words in (*one.paragraphs, SAMPLE_ZH, *hotline))
    return (
        '<html><head><meta charset="utf-8"></head><body>\n<section class="banner"><h1>中国领事服务网</h1></section>\n'
        f'<h1 class="article-title">{one.title}</h1>\n'
        f'<div class="article-meta"><span>发布时间：{one.day:%Y-%m-%d %H:%M}</span></div>\n'
        f'<div class="article-content"><div class="view_default TRS_UEDITOR">\n{text}</div></div>\n</body></html>\n'
    )
