"""The JSON of a night of fiction, in both languages: what a brief is written from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.i18n import Language, t
from notify.proof import GapFound
from notify.summary import gap_json, source_json, told_change
from notify.words import reason_words, state_words, status_words
from sources.model import AdvisoryChange, ChangeKind, Grade, Quarantined
from sources.read import SourceReport, SourceStatus
from tests.notify.made import advisory, change

REPORTS = (
    SourceReport("cn-mfa", SourceStatus.READ, 24, (), age=timedelta(0)),
    SourceReport("us-state", SourceStatus.READ, 211, first_time=True, standing=31,
                 quarantined=(Quarantined("Atlantis", t("no known place: {name}", name="Atlantis")),)),
    SourceReport("de-aa", SourceStatus.BROKEN, age=timedelta(hours=49),
                 reason=t("{source}: {url} gave the unexpected answer {status}.", source="de-aa",
                          url="https://three.example", status=503)),
)  # fmt: skip
KENYA = advisory(
    title="提醒中国公民谨慎前往肯尼亚", level_national=3, level_words="谨慎前往", countries=("KE",),
    summary="内罗毕局势趋于平稳。请避开\n[集会](https://x.example)。",
)  # fmt: skip
CHANGES: tuple[AdvisoryChange, ...] = (
    change(ChangeKind.NEW, advisory()),
    change(ChangeKind.LOWERED, KENYA, advisory(countries=("KE",)), confirmed=False),
    change(ChangeKind.NEW, advisory(countries=(), level_national=Grade.UNSTATED)),
    change(ChangeKind.WITHDRAWN, None, advisory(countries=("MW", "ZW"), level_national=2), held=True),
)  # fmt: skip
SENT = {
    "id": 1, "version": 1, "kind": "first", "level": 4, "level_words": "暂勿前往", "countries": ["ZM"], "status": "sending",
    "title_zh": "提醒中国公民暂勿前往赞比亚", "title_en": '"提醒中国公民暂勿前往赞比亚" (do not travel for now)',
    "url": "https://one.example/t1.html", "rule": "home-4", "people": 31, "doubtful_people": 2,
    "notices": {"accepted": 28, "planned": 2, "failed": 1, "provider_accepted": 3, "provider_delivered": 24,
                "provider_undelivered": 1},
}  # fmt: skip
DRAFTED = {
    "id": 2, "version": 1, "kind": "first", "level": None, "level_words": "", "countries": [], "status": "draft",
    "title_zh": "提醒赴有关国家中国公民注意安全", "title_en": '"提醒赴有关国家中国公民注意安全" (safety notice)', "url": "",
    "rule": "home-unplaced", "people": 0, "doubtful_people": 0, "notices": {},
}  # fmt: skip
GAPS = (
    GapFound("unreachable", "alert/1", t("Alert {alert}: {count} people have no address that can be used: {people}.",
                                         alert=1, count=1, people="17")),
    GapFound("delivery-failed", "alert/1", t("Alert {alert}: {count} notices are {state} ({reason}).", alert=1, count=1,
                                             state=state_words("failed"), reason=reason_words("bad-address"))),
    GapFound("alert-waiting", "alert/2", t("Alert {alert} waits: {status}. {title}", alert=2, status=status_words("draft"),
                                           title="提醒赴有关国家中国公民注意安全")),
)  # fmt: skip


def _night(language: Language) -> dict[str, Any]:
    return {
        "as_of": "2026-11-21T18:30:00Z", "status": "Partial", "dry_run": False,
        "sources": [source_json(report, language) for report in REPORTS],
        "changes": [told_change(one, language) for one in CHANGES],
        "alerts": [SENT, DRAFTED], "notices": {}, "gaps": [gap_json(gap, language) for gap in GAPS],
    }  # fmt: skip


NIGHT_JSON = {"zh": _night("zh"), "en": _night("en")}
