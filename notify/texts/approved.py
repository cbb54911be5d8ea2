"""Variables for providers that send approved templates only: WhatsApp, and SMS at home. Pure.

The names are the same everywhere: office, kind, places, title, advice, ref. What the office registers with a provider holds
them in its own order; the settings map our names of templates (`first`, `update`, `correction`, `all-clear`) to the provider's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.i18n import Language
from core.places.names import display
from notify.model import AlertDraft
from notify.numbers import HOTLINE, Asked, embassy_number, local_number, short_numbers
from notify.ref import GAP
from notify.tables import VersionKind
from notify.texts.helplines import Kind
from notify.texts.rules import MOST_OF_VARIABLE
from notify.texts.shorten import short_list, short_title
from notify.texts.values import since_words

NAMES = ("office", "kind", "places", "title", "advice", "ref")
KINDS: Mapping[Language, Mapping[VersionKind, str]] = {
    "zh": {VersionKind.FIRST: "安全提醒", VersionKind.UPDATE: "更新", VersionKind.CORRECTION: "更正", VersionKind.ALL_CLEAR: "解除"},
    "en": {VersionKind.FIRST: "Safety notice", VersionKind.UPDATE: "Update", VersionKind.CORRECTION: "Correction",
           VersionKind.ALL_CLEAR: "All clear"},
}  # fmt: skip
FOLLOW_UP: Mapping[Language, str] = {"zh": "后续", "en": "Follow-up"}
DRILL: Mapping[Language, str] = {"zh": "演练·", "en": "DRILL "}
OFFICE: Mapping[Language, str] = {"zh": "外事办公室", "en": "Foreign Affairs Office"}
"""Where the office's own name does not fit: the signature says it."""

_QUOTED = re.compile(r"“[^”]*”")
_NOW = re.compile(r"，现为“.*?”(?:（“[^”]*”）)?(?=，|$)")
LONGEST = 600
"""Room for one variable where the provider has no tight limit of its own."""


def kind_key(draft: AlertDraft) -> str:
    """Return our name of the template a version is sent with. A follow-up is no all-clear, so it goes as an update."""
    return VersionKind.UPDATE.value if draft.told_only and draft.kind is VersionKind.ALL_CLEAR else draft.kind.value


def variables(
    draft: AlertDraft, values: Mapping[str, object], asked: Asked, language: Language, *, short: bool
) -> dict[str, str]:
    """Return the variables of a text, each on one line; with `short`, none longer than a carrier at home allows."""
    room = MOST_OF_VARIABLE if short else LONGEST
    ended = draft.told_only and draft.kind is VersionKind.ALL_CLEAR
    kind = FOLLOW_UP[language] if ended else KINDS[language][draft.kind]
    if draft.since is not None:
        said = since_words(draft.since, language)
        kind += f"（{said}）" if language == "zh" else f" ({said})"
    countries = (asked.countries if len(asked.countries) == 1 else ()) or draft.countries
    names = [display(code, language) for code in countries]
    return {
        "office": str(values["office"]) if len(str(values["office"])) <= room else OFFICE[language],
        "kind": (DRILL[language] if values["drill"] else "") + kind,
        "places": short_list(names, room, language),
        "title": _title(draft, values, room, language),
        "advice": _advice(asked, room) if short else short_numbers(asked, language).words(language),
        "ref": GAP,
    }


def _title(draft: AlertDraft, values: Mapping[str, object], room: int, language: Language) -> str:
    """Return the title with who said it, if both fit; else the title, shortened by rule."""
    title, lead = str(values["title"]).rstrip("。."), str(values["lead"])
    whole = f"{lead}{'：' if language == 'zh' else ': '}{title}" if lead else title
    if len(whole) <= room and "://" not in whole:
        return whole
    if draft.told_only:
        return _fall(title, room, draft.level_words, language)
    return short_title(title, room, draft.level_words, language)


def _fall(title: str, room: int, grade: str, language: Language) -> str:
    """Return what became of a notice without the title it had: the old grade alone would read as one in force."""
    now = f"，现为“{grade}”" if grade and _NOW.search(title) else ""
    plain = _QUOTED.sub("", _NOW.sub("\0", title))
    for words in (plain.replace("\0", now), plain.replace("\0", now).partition("，请")[0], plain.replace("\0", "")):
        if len(words) <= room:
            return words
    return short_title(plain.replace("\0", ""), room, "", language)


def _advice(asked: Asked, room: int) -> str:
    """Return the numbers that fit: 12308 always, before it the embassy's line, before that the local police."""
    police, embassy = local_number(asked, Kind.POLICE), embassy_number(asked).replace("-", "")
    told = [f"外交部{HOTLINE}"]
    for words in (f"使馆{embassy}" if embassy else "", f"报警{police}" if police else ""):
        if words and len("，".join([words, *told])) <= room:
            told.insert(0, words)
    return "，".join(told)
