"""A place word in a text, and what it does in its sentence. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.places.gazetteer import Kind
from core.places.normal import any_of
from core.places.shorts import beginning_with


class Role(StrEnum):
    """What a place word does in its sentence.

    `ISSUER` (驻X使馆) is the post that speaks: its country is meant unless the sentence sends people elsewhere.
    `PEOPLE` (X游客, X籍, X餐厅) is a nationality, `LANDMARK` (与X接壤) only tells where something else is, `SPEAKER` (X外交部
    提醒) is another government that warns its own people: none is a place.
    """

    PLACE = "place"
    ISSUER = "issuer"
    PEOPLE = "people"
    LANDMARK = "landmark"
    SPEAKER = "speaker"


@dataclass(frozen=True)
class Span:
    """A place word in the normalised text: where it stands, what it is, which countries it means (or may mean)."""

    start: int
    end: int
    word: str
    kind: Kind
    codes: tuple[str, ...]
    role: Role = Role.PLACE


_JOINER = re.compile(r"\s*(?:,|&|/|、|和|及|与|或|以及|and)?\s*")
_PEOPLE = re.compile(
    rf"""\s*(?:{
        any_of('''
    籍 裔 族 语 游客 旅客 旅行团 旅游团 公民 国民 居民 男子 女子 男生 女生 学生 留学生 同胞 护照 企业 侨民 乘客
    船员 工人 员工 商人 华人 市民 驻华 驻中国 人(?![质员士群数])
''')
    })"""
)
_COMPOUND = re.compile(
    any_of("""
    城(?![市乡区里内外]) 村(?![庄镇里民]) 街(?![头道区上]) 餐厅 餐馆 饭店 饭馆 酒楼 料理 菜馆 超市 航空(?!母舰|管|安全|局|业|领域|运输|港)
    银行 公司 商会 商城 料理店 会馆 风情街 籍 裔 语(?!言)
    """)
)
"""What makes a country's name the style, owner or origin of something that may stand anywhere: 泰国城, 日本料理. Unlike a
nationality it is no place even after 在 (在泰国游客 are in Thailand, 在泰国城 may be in Paris)."""
_SPEAKS = re.compile(
    r"(?:联邦|临时|过渡)?(?:外交部|外务省|外务部|外交贸易部|外交与[^,，。;；:：!！?？\s]{1,8}?部|国?务院|国?务卿|外长|总统|总理|首相|政府|国?防部|当局|特区政府|保安局|外事部门|外交部门|旅游局|卫生部"
    r"|(?:驻[^,，。;；:：!！?？\s]{1,8}?)?(?:大使馆|使馆|使领馆|总领事?馆|领事馆))"
    r"[^,，。;；:：!！?？\s]{0,12}?"
    r"(?:提醒|警告|警示|呼吁|敦促|要求|建议|劝告|告诫|促请|促|下令|命令|叮嘱|通知|(?:发布|发出|更新|上调|下调)[^,，。;；:：!！?？\s]{0,6}(?:旅行|旅游|出行|撤离|撤侨|提醒|警告|警示)|称|[:：])"
)
"""What follows the name of a country whose government or embassy warns: 英国外交部提醒, 美国驻埃及使馆要求. Without a word of
warning (泰国政府宣布) the country is where the news is from. Our posts are 驻X使馆, whose country stands after 驻."""
_HERE = re.compile(r"(?:在|赴|来|抵|离|驻|往|到|留|旅|去|于|访|经|滞|居)$")
_CHINA_OUT = re.compile(r"(?:在|赴|来|抵|离|往|到|返回|回|进入)$")
_CHINA_IN = re.compile(r"境内|大陆|内地|东部|西部|南部|北部|沿海|多地|各地|发生|:")
_POST_BEFORE = re.compile(r"驻(?:[^,，。;；:：\s]{1,12}?[、和及与兼]?)?$")
_POST_AFTER = re.compile(
    rf"""[^,，。;；:：\s]{{0,8}}?(?:{
        any_of("大使馆 使馆 使领馆 总领馆 总领事馆 领事馆 领馆 代表处 办事处 使团 大使 总领事")
    })"""
)
_BORDERS = re.compile(r"接壤|毗邻|毗连|相邻|相连")
_BORDER_BEFORE = re.compile(
    r"(?:毗邻|靠近|邻近|临近|紧邻|来自|源自|borders? with |border (?:areas?|regions?) with |bordering )$"
)


def with_roles(spans: Sequence[Span], text: str) -> list[Span]:
    """Return the spans of the normalised `text` with what each does in its sentence, told from the words around it."""
    found: list[Span] = []
    for span in (_with_role(span, text) for span in spans):
        last = found[-1] if found else None
        found.append(replace(span, role=Role.PLACE) if last and _shares(last, span, text) else span)
    return _speaking_together(found, text)


def _speaking_together(spans: list[Span], text: str) -> list[Span]:
    """Make every member of a list of governments that speak together one of them (英国、法国外交部提醒)."""
    found: list[Span] = []
    for span in reversed(spans):
        after = found[-1] if found else None
        together = after is not None and after.role is Role.SPEAKER and span.role is Role.PLACE
        if after is not None and together and _JOINER.fullmatch(text, span.end, after.start):
            span = replace(span, role=Role.SPEAKER)
        found.append(span)
    return found[::-1]


def _shares(last: Span, span: Span, text: str) -> bool:
    """Say whether a list's setting holds for its next word: 越南 in 赴泰国、越南游客 is no nationality."""
    foreign = span.role is Role.PEOPLE and span.codes != ("CN",) and not _COMPOUND.match(text, span.end)
    return foreign and last.role is Role.PLACE and _JOINER.fullmatch(text, last.end, span.start) is not None


def _with_role(span: Span, text: str) -> Span:
    if span.kind in (Kind.NOT, Kind.REGION) or span.role is Role.ISSUER:
        return span
    before, after = text[max(0, span.start - 22) : span.start], text[span.end : span.end + 14]
    if _POST_BEFORE.search(before[-14:]) and _POST_AFTER.match(after):
        return replace(span, role=Role.ISSUER)
    if span.codes == ("CN",) and span.word[0] >= "\u3400":
        # In a Chinese reminder 中国, 北京 and the like say whose people are meant, unless the sentence goes there.
        placed = _CHINA_OUT.search(before) or _CHINA_IN.match(after)
        return span if placed else replace(span, role=Role.PEOPLE)
    if (_BORDERS.match(after) and before[-1:] in tuple("与同和跟")) or _BORDER_BEFORE.search(before):
        return replace(span, role=Role.LANDMARK)
    if span.kind in (Kind.NAME, Kind.EITHER) and _speaks(span, text):
        return replace(span, role=Role.SPEAKER)
    if span.kind in (Kind.NAME, Kind.EITHER) and _COMPOUND.match(after):
        return replace(span, role=Role.PEOPLE)
    if _PEOPLE.match(after) and not _HERE.search(before):
        return replace(span, role=Role.PEOPLE)
    return span


def _speaks(span: Span, text: str) -> bool:
    """Say whether the government of the country named by `span` warns; 赴X and 驻X are where people or our posts are."""
    return _SPEAKS.match(text, span.end) is not None and not _HERE.search(text[max(0, span.start - 2) : span.start])


def settled(spans: Sequence[Span], host: str | None) -> list[Span]:
    """Give words with several candidates the country that the text, or else the issuing post's `host`, makes clear."""
    known = {span.word: span for span in spans if span.kind in (Kind.NAME, Kind.PART) and len(span.word) > 1}
    clear = list(known.values())
    return [_settle(span, clear, host) for span in spans]


def _settle(span: Span, clear: Sequence[Span], host: str | None) -> Span:
    short = len(span.word) == 1 and span.word >= "\u3400"
    if span.kind is not Kind.EITHER and not short:
        return span
    # 驻加纳使馆…在加: a full name in the same text that begins with the character goes before what is customary.
    begun = {code for other in clear if short and other.word.startswith(span.word) for code in other.codes}
    named = {code for other in clear for code in other.codes}.intersection(span.codes)
    if len(begun) == 1:
        return replace(span, kind=Kind.NAME, codes=tuple(begun))
    if span.kind is Kind.EITHER and len(named) == 1 and not begun:
        return replace(span, kind=Kind.NAME if short else Kind.PART, codes=tuple(named))
    if host is not None and (host in span.codes or (short and host in beginning_with(span.word))):
        return replace(span, kind=Kind.NAME, codes=(host,))
    return span
