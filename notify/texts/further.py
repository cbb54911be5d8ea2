"""Wordings in languages besides Chinese and English: which forms an alert needs of them, and what stands in where none can be. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from notify.model import LANGUAGES
from notify.texts.rules import FORMS, Form
from notify.texts.wording import CHINESE_ONLY

FIXED: frozenset[Form] = frozenset({"sms_cn", "whatsapp"})
"""Sent by templates that a provider approved in Chinese or English: readers of other languages get that text."""

NOT_PERSONAL: frozenset[Form] = frozenset({"group"})
"""Read by nobody in particular, and in Chinese."""

VOICES: Mapping[str, tuple[str, str]] = {
    "zh": ("zh-CN", "Polly.Zhiyu"), "en": ("en-US", "Polly.Joanna"), "ar": ("arb", "Polly.Zeina"),
    "da": ("da-DK", "Polly.Naja"), "de": ("de-DE", "Polly.Marlene"), "es": ("es-ES", "Polly.Conchita"),
    "fr": ("fr-FR", "Polly.Celine"), "it": ("it-IT", "Polly.Carla"), "ja": ("ja-JP", "Polly.Mizuki"),
    "ko": ("ko-KR", "Polly.Seoyeon"), "nl": ("nl-NL", "Polly.Lotte"), "pl": ("pl-PL", "Polly.Ewa"),
    "pt": ("pt-PT", "Polly.Ines"), "ro": ("ro-RO", "Polly.Carmen"), "ru": ("ru-RU", "Polly.Tatyana"),
    "sv": ("sv-SE", "Polly.Astrid"), "tr": ("tr-TR", "Polly.Filiz"),
}  # fmt: skip
"""Language and voice of `<Say>` (Twilio's page on text-to-speech). A pair that does not belong together is not spoken at all,
so that a language without a sure one is not spoken: its readers hear English."""


def may_be_worded(form: Form, language: str) -> bool:
    """Tell whether an office may word a form in a language."""
    if language in LANGUAGES:
        return form not in CHINESE_ONLY or language == "zh"
    return form not in FIXED | NOT_PERSONAL and (form != "voice" or language in VOICES)


def needed(channels: Sequence[str], language: str) -> tuple[Form, ...]:
    """Return the forms that must be worded in a further language before an alert over these channels is told in it."""
    forms = dict.fromkeys(FORMS[channel] for channel in channels)
    return tuple(form for form in forms if may_be_worded(form, language))


def further(own: Mapping[tuple[Form, str], Any]) -> tuple[str, ...]:
    """Return the languages besides ours in which there is a wording of any form, in order."""
    return tuple(sorted({language for _, language in own} - set(LANGUAGES)))


def left_out(
    own: Mapping[tuple[Form, str], Any], channels: Sequence[str], written: Collection[str]
) -> dict[str, tuple[Form, ...]]:
    """Return the further languages an alert is not told in though there is a wording, each with the forms it lacks.

    No form: all are there, and one does not hold what this alert must say, or came later than its texts.

    Args:
        written: the languages of the alert's texts.
    """
    missing = {one: tuple(form for form in needed(channels, one) if (form, one) not in own) for one in further(own)}
    return {one: lacks for one, lacks in missing.items() if one not in written}
