"""What every notice must hold, whoever worded it. Pure."""

from __future__ import annotations

from core.languages import words_in
from notify.model import LANGUAGES, AlertDraft, NoticeText
from notify.ref import GAP
from notify.texts.rules import Form
from notify.texts.shorten import URL
from notify.texts.spoken import spell, spoken
from notify.texts.values import MOST_PLACES, head_words, is_urging, place_words

HOTLINE_DIGITS = "12308"
DRILL_WORDS = ("演练", "drill")


def lacking(text: NoticeText, draft: AlertDraft, form: Form, *, drill: bool) -> list[str]:
    """Return the names of what a text leaves out and must not, as templates call them; `no-url` if it has a link it must not."""
    found: list[str] = []
    body = text.body
    if body.count(GAP) != 1:
        found.append("ref")
    if not _says_number(body, form):
        found.append("contacts")
    if not _says_title(text, draft, form):
        found.append("title")
    if not _says_place(text, draft):
        found.append("places")
    if drill and not any(word in body.lower() for word in DRILL_WORDS):
        found.append("drill")
    if not _says_kind(text, draft):
        found.append("mark")
    if form not in ("sms_cn", "whatsapp") and draft.url and form != "voice" and draft.url not in body:
        found.append("url")
    if form in ("sms_cn", "voice") and URL.search(body):
        found.append("no-url")
    return found


def lacking_in_stored(body: str, form: Form) -> list[str]:
    """Return what a stored text lacks that no notice may: the code, and a number that answers day and night."""
    return ([] if body.count(GAP) == 1 else ["ref"]) + ([] if _says_number(body, form) else ["contacts"])


def _says_number(body: str, form: Form) -> bool:
    return spell(HOTLINE_DIGITS, "zh") in body if form == "voice" else HOTLINE_DIGITS in body


def _says_title(text: NoticeText, draft: AlertDraft, form: Form) -> bool:
    words = words_in(text.language)
    title = text.variables.get("title") or (draft.title_zh if words == "zh" else draft.title_en)
    told = spoken(title, words) if form == "voice" else " ".join(title.split())
    return told.rstrip("。.") in " ".join(text.body.split())


def _says_place(text: NoticeText, draft: AlertDraft) -> bool:
    """A place of the alert is named, or there are too many to name them one by one."""
    if not draft.countries or len(draft.countries) > MOST_PLACES or not is_urging(draft):
        return True
    if text.variables.get("places", "\0") in text.body:
        return True
    return any(place_words([code], one) in text.body for code in draft.countries for one in LANGUAGES)


def _says_kind(text: NoticeText, draft: AlertDraft) -> bool:
    """A later version says that it is one."""
    _, mark = head_words(draft, words_in(text.language))
    words = {"（更新）": "更新", "（更正）": "更正", "（解除）": "解除", "（后续）": "后续"}
    english = {"UPDATE. ": "update", "CORRECTION. ": "correct", "ALL CLEAR. ": "all clear", "FOLLOW-UP. ": "follow-up"}
    wanted = words.get(mark, english.get(mark, ""))
    chinese = {"update": "更新", "correct": "更正", "all clear": "解除", "follow-up": "后续"}
    return wanted in text.body.lower() or chinese.get(wanted, "\0") in text.body
