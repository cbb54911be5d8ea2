"""The rules of texts: which forms there are, what fits into each, and what an office may set. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.i18n import Language
from core.settings import Settings
from notify.safety.links import PATH

Form = Literal["sms", "sms_cn", "whatsapp", "voice", "email", "chat", "group"]
"""How a text is made; several channels share one. Files and the office's own wordings are named by it."""

FORMS: Mapping[str, Form] = {
    "sms": "sms", "sms_cn": "sms_cn", "whatsapp": "whatsapp", "voice": "voice", "email": "email", "wecom": "chat",
    "wechat": "chat", "wecom_bot": "group", "dingtalk_bot": "group", "feishu_bot": "group",
}  # fmt: skip
READERS = ("abroad", "planned", "shared")
"""Who a text is for: somebody there; somebody about to leave for there; an address that serves several people."""

LATER = "later-"
"""Begins the name of a text for people who came when its alert was in force already; what they are follows."""

GROUP = "group"
"""The reader of a group bot: nobody in particular, so that nothing personal is said."""

MOST_APART = 20
"""Up to so many countries each has texts of its own, with its own numbers; with more, one text is for all of them."""

MOST_SMS_LETTERS = 1600
"""Twilio refuses a longer text (its Messages resource: Body up to 1,600 characters)."""

MOST_SPOKEN = 900
"""Characters of a telephone message: about two and a half minutes in Chinese; it is said twice."""

MOST_BYTES = {"chat": 2048, "group": 2000}
"""WeCom: text of an application message and of a bot up to 2,048 bytes."""

MOST_OF_VARIABLE = 35
"""Characters in one variable of a domestic SMS template. Carriers refuse longer ones; some allow more."""

LATIN_FACTOR = 2
"""A language in Latin letters takes about twice the letters to say the same, so that it may take twice the parts."""


@dataclass(frozen=True)
class TextRules:
    """What the settings say of texts.

    Attributes:
        sms_most_parts: most parts of a Chinese SMS; other languages may take twice as many.
        safe_link: how the personal link to answer by begins (`https://…/safe/`); empty: there is none.
        link_channels: channels whose texts may offer it.
        mail_replies: answers to our mail are read.
    """

    sms_most_parts: int = 4
    safe_link: str = ""
    link_channels: frozenset[str] = frozenset()
    mail_replies: bool = False

    def most_parts(self, language: Language) -> int:
        """Return the most parts of an SMS in a language."""
        return self.sms_most_parts * (1 if language == "zh" else LATIN_FACTOR)


def text_rules(settings: Settings) -> TextRules:
    """Return what the settings say of texts."""
    link = f"{settings.public_base_url}{PATH}/" if settings.public_base_url else ""
    replies = bool(settings.bounce_address and settings.bounce_mailbox.get_secret_value())
    return TextRules(settings.sms_most_parts, link, frozenset(settings.safe_link_channels), replies)


def variant_of(reader: str, country: str) -> str:
    """Return the name of a text's variant: `abroad`, or `abroad.ZM` where the country has texts of its own."""
    return f"{reader}.{country}" if country else reader
