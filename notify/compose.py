"""Composing: the exact texts of an alert version, in Chinese and English, for each channel. Pure but for reading the templates.

The publisher's own title and grade are quoted, never changed (DESIGN promise 9). What varies by person is one reference code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.i18n import Language
from core.places.names import display
from notify.model import LANGUAGES, VARIANTS, AlertDraft, NoticeText, OfficeName
from notify.numbers import contact_lines, short_contacts
from notify.ref import GAP
from notify.sms import count
from notify.tables import VersionKind

TEMPLATES = Path(__file__).parent / "templates"
CODE_OF_LENGTH = "0" * 6
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


@cache
def _environment(html: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=html,  # noqa: S701  (SMS and plain mail are not HTML; the html template is escaped)
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def compose(draft: AlertDraft, office: OfficeName, *, drill: bool = False) -> list[NoticeText]:
    """Return every text of a draft: its channels, both languages, all variants of readers.

    Raises:
        jinja2.UndefinedError: a template asks for a value it is not given.
    """
    return [
        _compose_one(draft, office, language, channel, variant, drill=drill)
        for channel in draft.channels
        for language in LANGUAGES
        for variant in VARIANTS
    ]


def _compose_one(
    draft: AlertDraft, office: OfficeName, language: Language, channel: str, variant: str, *, drill: bool
) -> NoticeText:
    values = _values(draft, office, language) | {"variant": variant, "drill": drill}
    text = _environment(html=False).get_template(f"{channel}.{language}.txt").render(values)
    if channel == "sms":
        text = " ".join(text.split())
        return NoticeText(language, channel, variant, "", text, "", count(text.replace(GAP, CODE_OF_LENGTH)).parts)
    frame, body = _tidy(text), _tidy(str(values["body"]))
    return NoticeText(
        language, channel, variant, _subject(draft, values, language), frame.replace(BODY, body),
        _html(frame, body, language, drill=drill), 1,
    )  # fmt: skip


def _html(frame: str, body: str, language: Language, *, drill: bool) -> str:
    """Return the same words as HTML: whoever reads one form of a mail has read the other."""
    before, _, after = frame.partition(BODY)
    head, title, *middle = _blocks(before)
    template = _environment(html=True).get_template("email.html")
    return template.render(
        language=language, drill=drill, head=head, title=title, middle=middle,
        body=[line for line in body.splitlines() if line], after=_blocks(after),
    )  # fmt: skip


def _blocks(text: str) -> list[list[str]]:
    return [block.splitlines() for block in text.strip().split("\n\n") if block.strip()]


def _values(draft: AlertDraft, office: OfficeName, language: Language) -> dict[str, object]:
    zh = language == "zh"
    body = draft.body_zh if zh else draft.body_en
    title = " ".join((draft.title_zh if zh else draft.title_en).split())
    sentence = title if title.endswith(("。", "！", "？", ".", "!", "?")) else title + ("。" if zh else ".")
    head, mark = head_words(draft, language)
    own = draft.source_id is None
    return {
        "signature": office.signature,
        "office": office.zh if zh else office.en,
        "head": head,
        "mark": mark,
        "urging": not draft.told_only and draft.kind is not VersionKind.ALL_CLEAR,
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
        "count": len(draft.countries),
        "places": place_words(draft.countries, language),
        "many": len(draft.countries) > MOST_PLACES,
        "leave": leave_words(draft.body_zh) if draft.ask_safe else "",
        "ask_safe": draft.ask_safe,
        "contacts": short_contacts(draft.contacts, language),
        "contact_lines": contact_lines(draft.contacts, body, language),
        "url": draft.url,
        "issued": issued_words(draft.issued_at, language),
        "phone": office.phone,
        "ref": GAP,
    }


def head_words(draft: AlertDraft, language: Language) -> tuple[str, str]:
    """Say what kind of notice this is: as a heading, and as a mark before a short text."""
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


def _subject(draft: AlertDraft, values: Mapping[str, object], language: Language) -> str:
    zh = language == "zh"
    drill = ("【演练】" if zh else "[DRILL] ") if values["drill"] else ""
    first = draft.kind is VersionKind.FIRST
    head = "" if first and zh else f"{values['head']}{'：' if zh else ': '}"
    named = zh or draft.told_only or values["many"] or str(values["places"]) in str(values["title"])
    where = "" if named or not draft.countries else f"{values['places']}: "
    return f"{drill}{values['signature']}{head}{where}{values['title']}"


def _tidy(text: str) -> str:
    """Leave no blanks at the ends of lines, and no two empty lines in a row."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines)
