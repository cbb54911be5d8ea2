"""Composing: the exact texts of an alert version, in Chinese and English, for each channel. Pure but for reading the templates.

The publisher's own title and grade are quoted, never changed (DESIGN promise 9). What varies by person is one reference code.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.i18n import Language
from core.places.names import display
from notify.model import LANGUAGES, VARIANTS, AlertDraft, NoticeText, OfficeName
from notify.ref import GAP
from notify.sms import count
from sources.model import Contact

TEMPLATES = Path(__file__).parent / "templates"
CODE_OF_LENGTH = "0" * 6
BEIJING = ZoneInfo("Asia/Shanghai")


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
    text = _tidy(text, one_line=channel == "sms")
    if channel == "sms":
        return NoticeText(language, channel, variant, "", text, "", count(text.replace(GAP, CODE_OF_LENGTH)).parts)
    html = _environment(html=True).get_template("email.html").render(values | {"text": text, "language": language})
    return NoticeText(language, channel, variant, _subject(draft, office, language, drill=drill), text, html, 1)


def _values(draft: AlertDraft, office: OfficeName, language: Language) -> dict[str, object]:
    zh = language == "zh"
    title = (draft.title_zh if zh else draft.title_en).rstrip("。. ")
    return {
        "signature": office.signature,
        "kind": draft.kind.value,
        "origin": draft.origin_zh if zh else draft.origin_en,
        "title": title,
        "level_words": draft.level_words,
        "body": draft.body_zh if zh else draft.body_en,
        "places": place_words(draft.countries, language),
        "contacts": _short_contacts(draft.contacts, language),
        "contact_lines": [f"{c.label}：{c.number}" if zh else f"{c.label}: {c.number}" for c in draft.contacts],
        "url": draft.url,
        "issued": issued_words(draft.issued_at, language),
        "phone": office.phone,
        "ref": GAP,
    }


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
    return f"{local:%Y-%m-%d %H:%M}" + ("（北京时间）" if language == "zh" else " Beijing time")


def _short_contacts(contacts: Sequence[Contact], language: Language) -> str:
    """Return what fits a short message: the embassy's line and 12308, as the source prints them."""
    embassy = [c for c in contacts if "领" in c.label and "12308" not in c.number and "外交部" not in c.label]
    hotline = [c for c in contacts if "12308" in c.number]
    chosen = [*embassy[:1], *hotline[:1]]
    if language == "zh":
        return "，".join(f"{_short_label(c)}{c.number}" for c in chosen)
    return ", ".join(f"{'12308 hotline' if '12308' in c.number else 'Chinese embassy'} {c.number}" for c in chosen)


def _short_label(contact: Contact) -> str:
    if "12308" in contact.number:
        return "12308热线"
    return (
        contact.label.removesuffix("领事保护与协助电话") + "领保电话" if "领事保护" in contact.label else contact.label
    )


def _subject(draft: AlertDraft, office: OfficeName, language: Language, *, drill: bool) -> str:
    mark = ("【演练】" if language == "zh" else "[DRILL] ") if drill else ""
    title = draft.title_zh if language == "zh" else draft.title_en
    return f"{mark}{office.signature}{title}"


def _tidy(text: str, *, one_line: bool) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    if one_line:
        return " ".join(line.strip() for line in lines if line.strip())
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept)
