"""Advisories, changes and drafts of fiction, for the tests of policy, drafting and composing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from core.i18n import t
from notify.model import AlertDraft, OfficeName
from notify.tables import VersionKind
from sources.model import Advisory, AdvisoryChange, ChangeKind, Contact

NIGHT = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
"""02:30 of 22 November in Beijing."""

OFFICE = OfficeName("花果山市外办", "Huaguoshan Foreign Affairs Office", "0518-5550100")
EMBASSY = Contact("驻赞比亚使馆领事保护与协助电话", "+260-211-555-010")
HOTLINE = Contact("外交部全球领事保护与服务应急热线(24小时)", "+86-10-12308")
BODY = (
    "近日，赞比亚铜带省发生多起武装袭击事件。\n"
    "外交部和中国驻赞比亚使馆提醒中国公民暂勿前往赞比亚，已在当地的中国公民和机构请尽快撤离或转移至安全地区。"
)


def advisory(**values: object) -> Advisory:
    """Make a notice of the ministry: do not travel to Zambia, and leave."""
    plain = Advisory(
        "cn-mfa", "2026-11-21/one", "提醒中国公民暂勿前往赞比亚", "https://one.example/t1.html", "zh", BODY, ("ZM",),
        level_national=4, level_words="暂勿前往", published_at=datetime(2026, 11, 21, 13, 30, tzinfo=UTC),
        contacts=(EMBASSY, HOTLINE),
    )  # fmt: skip
    return replace(plain, **values)  # type: ignore[arg-type]


def change(
    kind: ChangeKind = ChangeKind.NEW,
    after: Advisory | None = None,
    before: Advisory | None = None,
    *,
    confirmed: bool = True,
    held: bool = False,
) -> AdvisoryChange:
    """Make a change; without an `after`, only `before` is left of the entry."""
    one = after or before
    assert one is not None
    return AdvisoryChange(kind, confirmed, one.source, one.native_id, t("Level raised from {before} to {after}.",
                          before=3, after=4), before, after, held)  # fmt: skip


def draft(**values: object) -> AlertDraft:
    """Make a draft of the ministry's notice for Zambia, as the policy would send it."""
    plain = AlertDraft(
        kind=VersionKind.FIRST, level=4, level_words="暂勿前往", title_zh="提醒中国公民暂勿前往赞比亚",
        title_en='"提醒中国公民暂勿前往赞比亚" (do not travel for now)', body_zh=BODY, body_en=BODY,
        origin_zh="中国外交部", origin_en="Ministry of Foreign Affairs of China", url="https://one.example/t1.html",
        countries=("ZM",), regions=(), hazard="conflict", as_of=NIGHT, rule="home-4", channels=("sms", "email"),
        every_channel=True, quiet=False, validity_minutes=1440, contacts=(EMBASSY, HOTLINE), ask_safe=True,
        include_doubtful=True, source_id="cn-mfa", native_id="2026-11-21/one",
        issued_at=datetime(2026, 11, 21, 13, 30, tzinfo=UTC),
    )  # fmt: skip
    return replace(plain, **values)  # type: ignore[arg-type]
