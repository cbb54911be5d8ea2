"""What a wording is filled with: the values of one text, for one kind of reader. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from core.i18n import Language
from core.places.names import display
from notify.model import AlertDraft, OfficeName
from notify.numbers import Asked, contact_lines
from notify.ref import GAP
from notify.tables import VersionKind

BEIJING = ZoneInfo("Asia/Shanghai")
BODY = "\0"
"""Stands in the frame of a mail where the publisher's own text goes."""

MOST_PLACES = 5
"""More countries than this are not named one by one in a short message: the mail and the link name them."""

HEADS: Mapping[Language, Mapping[VersionKind, str]] = {
    "zh": {VersionKind.FIRST: "安全提醒", VersionKind.UPDATE: "安全提醒更新", VersionKind.CORRECTION: "安全提醒更正",
           VersionKind.ALL_CLEAR: "安全提醒解除"},
    "en": {VersionKind.FIRST: "Safety notice", VersionKind.UPDATE: "Updated safety notice",
           VersionKind.CORRECTION: "Corrected safety notice", VersionKind.ALL_CLEAR: "All clear"},
}  # fmt: skip
MARKS: Mapping[Language, Mapping[VersionKind, str]] = {
    "zh": {VersionKind.FIRST: "", VersionKind.UPDATE: "（更新）", VersionKind.CORRECTION: "（更正）",
           VersionKind.ALL_CLEAR: "（解除）"},
    "en": {VersionKind.FIRST: "", VersionKind.UPDATE: "UPDATE. ", VersionKind.CORRECTION: "CORRECTION. ",
           VersionKind.ALL_CLEAR: "ALL CLEAR. "},
}  # fmt: skip
# A notice that was withdrawn or ran out is no all-clear: nobody said that it is safe.
FOLLOW_UP: Mapping[Language, tuple[str, str]] = {
    "zh": ("安全提醒后续", "（后续）"), "en": ("Follow-up to a safety notice", "FOLLOW-UP. "),
}  # fmt: skip
_URGED = re.compile(r"请|尽快|尽早|立即|务必|抓紧")
_LEAVE = re.compile(r"撤离|离境|离开|回国|转移")
_CONDITION = re.compile(r"如需|若需|必要时|如遇|如有|如果|若|勿")
_LONGEST_CLAUSE = 60


@dataclass(frozen=True)
class Reader:
    """Who reads a text: the kind (see `rules.READERS`), and the one country they are in, if it is known."""

    kind: str
    country: str = ""


def values_of(
    draft: AlertDraft, office: OfficeName, language: Language, reader: Reader, asked: Asked
) -> dict[str, object]:
    """Return what every form of a text may say. `ref` is the gap for the reference code, and `body_gap` one for the body."""
    zh = language == "zh"
    body = draft.body_zh if zh else draft.body_en
    title = " ".join((draft.title_zh if zh else draft.title_en).split())
    sentence = title if title.endswith(("。", "！", "？", ".", "!", "?")) else title + ("。" if zh else ".")
    head, mark = head_words(draft, language)
    own = draft.source_id is None
    countries = (reader.country,) if reader.country else draft.countries
    return {
        "signature": office.signature,
        "office": office.zh if zh else office.en,
        "head": head,
        "mark": mark,
        "variant": reader.kind,
        "urging": is_urging(draft),
        "correction": draft.kind is VersionKind.CORRECTION,
        "own": own,
        # Of an office's own words, and of what became of a notice, nobody else is the author.
        "lead": "" if own or draft.told_only else (draft.origin_zh if zh else draft.origin_en),
        "origin": draft.origin_zh if zh else draft.origin_en,
        "title": title,
        "heading": sentence if draft.told_only else title,
        "sentence": sentence,
        "level_words": "" if draft.level_words in title else draft.level_words,
        "body": body.strip(),
        "body_gap": BODY,
        "count": len(countries),
        "places": place_words(countries, language),
        "concerned": place_words(draft.countries, language),
        "many": len(countries) > MOST_PLACES,
        "leave": leave_words(draft.body_zh) if draft.ask_safe else "",
        "ask_safe": draft.ask_safe,
        "contact_lines": contact_lines(draft.contacts, body, language, asked),
        "url": draft.url,
        "issued": issued_words(draft.issued_at, language),
        "phone": office.phone,
        "ref": GAP,
    }


def is_urging(draft: AlertDraft) -> bool:
    """Tell whether a version asks people to do something: neither an all-clear nor the end of a notice does."""
    return not draft.told_only and draft.kind is not VersionKind.ALL_CLEAR


def head_words(draft: AlertDraft, language: Language) -> tuple[str, str]:
    """Say what kind of notice this is: as a heading, and as a mark before a short text."""
    if draft.since is not None:
        said = since_words(draft.since, language)
        return (
            (f"安全提醒（{said}）", f"（{said}）")
            if language == "zh"
            else (f"Safety notice ({said})", f"{said}. ".upper())
        )
    if draft.told_only and draft.kind is VersionKind.ALL_CLEAR:
        return FOLLOW_UP[language]
    return HEADS[language][draft.kind], MARKS[language][draft.kind]


def leave_words(body: str) -> str:
    """Quote the clause of a Chinese text that urges people to leave or to move to safety; empty if none clearly does."""
    for clause in re.split(r"[，。；！\n]", body):
        if _URGED.search(clause) and _LEAVE.search(clause) and not _CONDITION.search(clause):
            return clause.strip() if len(clause) <= _LONGEST_CLAUSE else ""
    return ""


def place_words(countries: Sequence[str], language: Language) -> str:
    """Name countries and regions as readers know them."""
    names = [display(code, language) for code in countries]
    return ("、" if language == "zh" else ", ").join(names)


def issued_words(moment: datetime | None, language: Language) -> str:
    """Say when the source issued its notice, in Beijing time."""
    if moment is None:
        return ""
    local = moment.astimezone(BEIJING)
    if local.hour == local.minute == 0:
        return f"{local:%Y-%m-%d}"
    return f"{local:%Y-%m-%d %H:%M}" + ("（北京时间）" if language == "zh" else " (Beijing time)")


def since_words(since: datetime, language: Language) -> str:
    """Say to somebody who came later when a notice was issued, and that it still stands; the day is that of Beijing."""
    day = f"{since.astimezone(BEIJING):%Y-%m-%d}"
    return f"{day}发布，现仍有效" if language == "zh" else f"issued {day}, still in force"


def subject_of(draft: AlertDraft, values: Mapping[str, object], language: Language) -> str:
    """Return the subject of a mail, in one line."""
    zh = language == "zh"
    drill = ("【演练】" if zh else "[DRILL] ") if values["drill"] else ""
    first = draft.kind is VersionKind.FIRST and draft.since is None
    head = "" if first and zh else f"{values['head']}{'：' if zh else ': '}"
    many = len(draft.countries) > MOST_PLACES
    named = zh or draft.told_only or many or str(values["concerned"]) in str(values["title"])
    where = "" if named or not draft.countries else f"{values['concerned']}: "
    return f"{drill}{values['signature']}{head}{where}{values['title']}"
