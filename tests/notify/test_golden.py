"""The texts as people read them, word for word, in `golden/`.

After a change that is meant, write them anew with `LINGBAO_GOLDEN=write`, and read them as whoever gets them at 3 a.m.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.i18n import Language
from notify.brief import brief
from notify.compose import compose
from notify.decide import decide
from notify.drafting import Origin, draft_from
from notify.manual import ManualAlert, draft_manual
from notify.model import AlertDraft, NoticeText
from notify.policy import load_policy
from notify.tables import VersionKind
from sources.model import Advisory, AdvisoryChange, Card, ChangeKind, Contact
from sources.publishers import cn_mfa, us_state
from tests.notify.made import BODY, EMBASSY, HOTLINE, NIGHT, OFFICE, advisory, change
from tests.notify.night_of_fiction import NIGHT_JSON

GOLDEN = Path(__file__).parent / "golden"
MFA = advisory()
CALMER = advisory(
    title="提醒中国公民谨慎前往赞比亚", level_national=3, level_words="谨慎前往", contacts=(), url="https://one.example/t2.html",
    summary="赞比亚铜带省局势趋于平稳，请已在当地的中国公民继续注意安全。",
)  # fmt: skip
JOINT = advisory(
    title="提醒中国公民暂勿前往赞比亚和马拉维边境地区", countries=("MW", "ZM"), level_national=2, level_regional_max=4,
    summary=f"{BODY}\n驻赞比亚使馆领事保护与协助电话：\n{EMBASSY.number}\n外交部全球领事保护与服务应急热线（24小时）：\n+86-10-12308",
    contacts=(EMBASSY, Contact("驻马拉维使馆领事保护与协助电话", "+265-1-555-020"), HOTLINE),
)  # fmt: skip
ADVICE = advisory(
    title="提醒在赞比亚中国公民注意防范蚊媒传染病", level_national=2, level_words="提醒", acute=True, contacts=(),
    summary="近期赞比亚疟疾病例增多，请做好防护。",
)  # fmt: skip
WIDE = (
    "AE",
    "AZ",
    "BH",
    "CY",
    "DJ",
    "EG",
    "ER",
    "ET",
    "GE",
    "IL",
    "IQ",
    "IR",
    "JO",
    "KW",
    "LB",
    "OM",
    "PK",
    "QA",
    "SA",
    "SY",
    "YE",
)
PEER = Advisory(
    "us-state", "ZM", "Zambia - Level 4: Do Not Travel", "https://two.example/zm", "en",
    "Do not travel to Zambia due to unrest. Leave as soon as it is safe.", ("ZM",), level_national=4,
    level_words="Level 4: Do Not Travel", published_at=NIGHT,
)  # fmt: skip
LEVEL_3 = replace(
    PEER, level_national=3, title="Zambia - Level 3: Reconsider Travel", level_words="Level 3: Reconsider Travel"
)


def of(one: AdvisoryChange, card: Card = cn_mfa.CARD, follows: int | None = None) -> AlertDraft:
    """Draft what the default policy makes of a change."""
    policy = load_policy(None)
    decision = decide(one, card.authority, policy)
    return draft_from(Origin(one, 1, 1, NIGHT, follows), decision, card, ("sms", "email"), policy.digest)


def office_own() -> AlertDraft:
    """Draft an officer's own alert."""
    return draft_manual(
        ManualAlert(
            countries=["赞比亚"], level=3, title_zh="赞比亚铜带省部分路段因暴雨中断", body_zh="请绕行，暂缓非必要出行。",
            title_en="Roads in Copperbelt Province of Zambia cut by heavy rain", body_en="Please take another road.",
        ),
        OFFICE, NIGHT,
    )  # fmt: skip


DRAFTS: dict[str, AlertDraft] = {
    "first": of(change(ChangeKind.NEW, MFA)),
    "joint": of(change(ChangeKind.NEW, JOINT)),
    "advice": of(change(ChangeKind.NEW, ADVICE)),
    "peer": of(change(ChangeKind.RAISED, PEER, LEVEL_3), us_state.CARD),
    "update": of(change(ChangeKind.RAISED, MFA, CALMER), follows=1),
    "lowered": of(change(ChangeKind.LOWERED, CALMER, MFA), follows=1),
    "withdrawn": of(change(ChangeKind.WITHDRAWN, None, LEVEL_3), us_state.CARD, follows=1),
    "expired": of(change(ChangeKind.EXPIRED, None, MFA), follows=1),
    "own": office_own(),
    "correction": replace(office_own(), kind=VersionKind.CORRECTION, follows=1, title_zh="中断路段在西北省，不在铜带省",
                          title_en="The roads that are cut are in North-Western Province, not in Copperbelt"),
    "all-clear": replace(office_own(), kind=VersionKind.ALL_CLEAR, follows=1, title_zh="赞比亚铜带省道路已恢复通行", body_zh="",
                         title_en="Roads in Copperbelt Province of Zambia are open again", body_en=""),
}  # fmt: skip
LONG = (
    "22日凌晨，铜带省基特韦市发生武装冲突，机场和主要道路已关闭。请在当地的人员立即停止外出，关好门窗，远离窗户。"
    "请清点人数，由各单位联络员在今日12时前报本办。请备足三天的饮用水、食品和常用药。手机保持开机并充足电。"
    "请勿在网上发布所在位置。撤离路线和集合地点将另行通知，请勿自行上路。如遇紧急情况请先拨打当地报警电话，再与使馆联系。"
    "护照和贵重物品请随身携带。请转告身边同事。"
)
DRAFTS["briefing"] = replace(DRAFTS["own"], title_zh="赞比亚铜带省发生武装冲突，请立即停止外出", body_zh=LONG, body_en=LONG, level=4,
                             title_en="Fighting in Copperbelt Province of Zambia: stay indoors", channels=("sms", "voice"))  # fmt: skip
OTHERS = ("sms_cn", "whatsapp", "voice", "wecom", "wecom_bot")
DRAFTS["channels"] = replace(DRAFTS["first"], channels=OTHERS)
DRAFTS["channels-follow"] = replace(DRAFTS["withdrawn"], channels=OTHERS)
DRAFTS["wide"] = replace(DRAFTS["joint"], countries=WIDE, channels=("sms", "sms_cn", "email", "wecom_bot"))
DRILLS = {"first", "channels"}


def pages() -> Iterator[tuple[str, str]]:
    """Yield every golden file's name and text: one file a draft and language, with all variants."""
    for name, one in DRAFTS.items():
        for drill in (False, True) if name in DRILLS else (False,):
            texts = compose(one, OFFICE, drill=drill)
            for language in ("zh", "en"):
                mine = [text for text in texts if text.language == language]
                yield f"{name}{'-drill' if drill else ''}.{language}.txt", "\n\n".join(map(shown, mine)) + "\n"
    yield "first.zh.html", next(x.html for x in compose(DRAFTS["first"], OFFICE) if x.html) + "\n"
    languages: tuple[Language, ...] = ("zh", "en")
    for language in languages:
        yield f"brief.{language}.md", brief(NIGHT_JSON[language], OFFICE.zh if language == "zh" else OFFICE.en,
                                            "Asia/Shanghai", language)  # fmt: skip


def shown(text: NoticeText) -> str:
    """Show one text below a line that says what it is."""
    subject = f"\n{text.subject}\n" if text.subject else ""
    size = f", {text.parts} parts" if text.channel.startswith("sms") else ""
    filling = "".join(f"\n  {name} = {value}" for name, value in text.variables.items())
    return f"---- {text.channel}, {text.variant}{size}{subject}{filling}\n{text.body}"


PAGES = dict(pages())


@pytest.mark.parametrize("name", PAGES)
def test_texts_are_as_they_were_read(name: str) -> None:
    """Each text is, to the letter, the one that was read and found right."""
    file = GOLDEN / name
    if os.environ.get("LINGBAO_GOLDEN") == "write":
        file.write_text(PAGES[name], encoding="utf-8")
    assert PAGES[name] == file.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    """Every file in the golden folder belongs to a text."""
    assert {file.name for file in GOLDEN.iterdir()} == set(PAGES)
