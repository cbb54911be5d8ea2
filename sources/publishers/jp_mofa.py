"""Japan's Ministry of Foreign Affairs: the mails and warnings of the last two days as open data. Pure but for `read`.

Facts (captures of January to April 2026; about 20 mails a day, 48 on the day war began in Iran):
- The country code is the calling code, zero-padded to 4, with exceptions (`data/jp_mofa_countries.csv`): 9007 is Russia
  and 0007 Kazakhstan.
- A mail without a country comes from a post in the USA or Guam and says only in its text where: it stays unplaced.
  A mail with over 200 countries is about the whole world.
- Only a T40 (危険情報) grades, by flags: "a part of the country has level N". The whole country's level is only in the
  text (全土). Other mails quote levels that stand already: that is no grade of theirs.
- The T40 on Israel is about the West Bank and Gaza too, and carries Israel's code alone.
- Times are Japanese, without a zone. Each issue of a warning has a key of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from core.i18n import t
from core.places.tables import rows
from sources.entries import Unreadable, sort_out, web_address
from sources.formats import read_xml, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Grade, Hazard, Known, Level, Reading, Shape
from sources.reading.text import lines

CARD = Card(
    id="jp-mofa",
    publisher="Ministry of Foreign Affairs of Japan",
    publisher_zh="日本外务省",
    authority=Authority.PEER,
    shape=Shape.STREAM,
    url="https://www.ezairyu.mofa.go.jp/opendata/area/newarrivalL.xml",
    hosts=("www.ezairyu.mofa.go.jp",),
    language="ja",
    rhythm="every five minutes; about twenty mails a day, a graded warning every few days",
    entries=(1, 400),  # 1 to 48 in the captures; a great war or pandemic may bring several times as many
    stale_after=timedelta(days=2),  # the file is written anew within the hour, mails or not
    change_limit=100,  # every mail is new once: 48 came on the day war began, and must not be held
    terms="Free re-use with the source named (外務省 海外安全情報オープンデータ)",
)
WORLD = 200
"""More countries than this in one mail mean the whole world: the ministry knows 209, and 206 is the most seen."""
_JAPAN = ZoneInfo("Asia/Tokyo")
_TYPES = {
    "R10": "領事メール（一般）", "R20": "領事メール（緊急）", "C30": "スポット情報", "C31": "スポット情報（感染症）",
    "C50": "広域情報", "C51": "広域情報（感染症）", "T40": "危険情報", "T41": "感染症危険情報", "T81": "感染症危険情報",
}  # fmt: skip
_LEVELS = {1: 2, 2: 3, 3: 4, 4: 4}
_LEVEL_NAMES = {1: "十分注意", 2: "不要不急の渡航は止めてください", 3: "渡航中止勧告", 4: "退避勧告"}
_WHOLE_COUNTRY = re.compile(r"全土[^。\n]*?レベル\s*[1-4][^。\n]*")
_LEVEL = re.compile(r"レベル\s*([1-4])")
_WITH_IT = {"ヨルダン川西岸": "PS", "ガザ": "PS"}
_SUBJECTS = {
    "治安": Hazard.UNREST, "暴動": Hazard.UNREST, "一般犯罪": Hazard.CRIME, "誘拐": Hazard.KIDNAPPING,
    "テロ": Hazard.TERRORISM, "戦争": Hazard.CONFLICT, "災害": Hazard.NATURAL_DISASTER, "病気": Hazard.EPIDEMIC,
    "医療": Hazard.EPIDEMIC,
}  # fmt: skip
_WORDS = {
    Hazard.CONFLICT: "攻撃|ミサイル|空爆|戦闘|武力|軍事|ドローン攻撃", Hazard.TERRORISM: "テロ|爆破|爆発|自爆",
    Hazard.UNREST: "デモ|抗議|暴動|ストライキ|クーデター|騒乱|非常事態宣言", Hazard.KIDNAPPING: "誘拐|拉致",
    Hazard.CRIME: "強盗|窃盗|盗難|犯罪|銃撃|ひったくり|殺人|空き巣", Hazard.FRAUD: "詐欺",
    Hazard.NATURAL_DISASTER: "地震|津波|噴火|洪水|豪雨|地滑り|山火事|森林火災|災害",
    Hazard.WEATHER: "台風|サイクロン|ハリケーン|低気圧|大雨|豪雨|悪天候|大雪|熱波|洪水",
    Hazard.EPIDEMIC: "感染|流行|麻疹|コレラ|デング|エボラ|マールブルグ|チクングニア|インフルエンザ",
    Hazard.TRAFFIC: "交通", Hazard.AVIATION: "空港|航空|空域",
}  # fmt: skip
_HAPPENING = re.compile(
    r"(?:攻撃|爆発|爆破|銃撃|クーデター|暴動|地震|津波|噴火|洪水|空爆|ミサイル)(?!音?の?(?:可能性|おそれ|恐れ|訓練|計画))"
)


@dataclass(frozen=True)
class _Grading:
    """The levels of a T40, normalised, and the ministry's own words for them."""

    national: Level = Grade.UNSTATED
    regional: Level = Grade.UNSTATED
    words: str = ""


def parse(capture: Capture) -> Reading:
    """Read all mails. One of unknown kind, with an unknown code or without a readable date is quarantined. Pure.

    Raises:
        SourceBroken: this is not the open data, or fewer mails than the file says it has.
    """
    root = read_xml(capture, "opendata")
    mails = root.findall("mail")
    if not mails or root.get("mailCount") != str(len(mails)):
        raise wrong_shape(capture, t("as many mails as it says"))
    good, bad = sort_out(mails, _advisory, lambda mail: f"{_text(mail, 'keyCd')} {_text(mail, 'title')}".strip())
    try:
        built = _moment(root.get("lastModified", ""))
    except Unreadable:
        built = None
    return Reading(good, bad, built_at=built)


def read(get: Get, known: Known) -> Reading:
    """Fetch the one page there is, and parse it."""
    return parse(get(CARD.url))


def _advisory(mail: Element) -> Advisory:
    key, kind, title = _text(mail, "keyCd"), _text(mail, "infoType"), " ".join(_text(mail, "title").split())
    if not key or not title:
        raise Unreadable(t("a line without title or link"))
    if kind not in _TYPES:
        raise Unreadable(t("unknown kind of event: {kind}", kind=kind))
    countries, unresolved = _places(mail, kind, title)
    worldwide = len(mail.findall("country")) > WORLD
    lead, when = lines(_text(mail, "lead")), _moment(_text(mail, "leaveDate"))
    grading = _grading(mail, f"{title}\n{lead}") if kind.startswith("T") else _Grading()
    return Advisory(
        source=CARD.id,
        native_id=key,
        title=title,
        url=web_address(CARD.url, _text(mail, "infoUrl")),
        language=CARD.language,
        summary=lead,
        countries=() if worldwide else countries,
        worldwide=worldwide,
        level_national=grading.national,
        level_regional_max=grading.regional,
        level_words=" · ".join(word for word in (_TYPES[kind], grading.words) if word),
        hazards=_hazards(title, _text(mail, "contentInfo")),
        acute=kind == "R20" or _HAPPENING.search(title) is not None,
        published_at=when,
        updated_at=when,
        unresolved=unresolved,
    )


def _places(mail: Element, kind: str, title: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the countries of a mail, sorted; for one without any the post that sent it, as what is unresolved."""
    found = {_country(_text(entry, "cd"), entry.get("areaCd", "")) for entry in mail.findall("country")}
    if kind.startswith("T"):
        found |= {code for word, code in _WITH_IT.items() if word in title}
    if found:
        return tuple(sorted(found)), ()
    areas = " ".join(_text(entry, "cd") for entry in mail.findall("area"))
    return (), (f"在外公館 {_text(mail, 'koukanCd') or '?'}", *((f"地域 {areas}",) if areas else ()))


def _country(code: str, area: str) -> str:
    """Return the ISO code of the ministry's `code`, if the region it is filed under is that country's.

    Raises:
        Unreadable: an unknown code, or one under another region: the code may have changed its meaning.
    """
    row = _table().get(code)
    if row is None or (area and area != row[0]):
        raise Unreadable(t("unknown country code: {code}", code=f"{code} ({area})"))
    return row[1]


@cache
def _table() -> dict[str, tuple[str, str]]:
    table = rows(Path(__file__).parent / "data" / "jp_mofa_countries.csv")
    return {row["code"]: (row["area"], row["iso"]) for row in table}


def _grading(mail: Element, text: str) -> _Grading:
    """Read the flags of a graded warning, and from its text the level of the whole country.

    Raises:
        Unreadable: a flag that is neither yes nor no.
    """
    stated = [n for n in _LEVELS if any(_flag(mail, f"{prefix}{n}") for prefix in ("riskLevel", "infectionLevel"))]
    if not stated:
        return _Grading()
    words = "、".join(f"レベル{n}（{_LEVEL_NAMES[n]}）" for n in stated)
    whole = _WHOLE_COUNTRY.search(unicodedata.normalize("NFKC", text))
    named = [int(number) for number in _LEVEL.findall(whole[0])] if whole else []
    national: Level = _LEVELS[min(named)] if named and set(named) <= set(stated) else Grade.UNSTATED
    return _Grading(national, _LEVELS[max(stated)], words)


def _flag(mail: Element, name: str) -> bool:
    """Read a flag: 0 and 1 in every capture, N and Y in the ministry's manual."""
    said = _text(mail, name)
    if said not in {"", "0", "1", "N", "Y"}:
        raise Unreadable(t("unknown level: {words}", words=f"{name} {said}"))
    return said in {"1", "Y"}


def _hazards(title: str, subjects: str) -> tuple[Hazard, ...]:
    """Return what the ministry's own subjects name; without them, what the words of the title name."""
    own = [hazard for word, hazard in _SUBJECTS.items() if word in subjects]
    return tuple(dict.fromkeys(own or _of_words(title)))


def _of_words(title: str) -> Iterable[Hazard]:
    return (hazard for hazard, pattern in _WORDS.items() if re.search(pattern, title))


def _text(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y/%m/%d %H:%M:%S").replace(tzinfo=_JAPAN).astimezone(UTC)
    except ValueError as error:
        raise Unreadable(t("unreadable date: {value}", value=text)) from error
