"""How a notice asks "are you safe?", and says how to answer: in each form what its reader can do there. Pure.

Links stand in brackets with the words that offer them, so that a text can be sent without (see `notify.ref.fill`).
"""

from __future__ import annotations

from core.i18n import Language
from notify.ref import SAFE_GAP
from notify.texts.rules import FORMS, Form, TextRules

ASKED_AT = frozenset({"abroad", "shared"})
"""Readers who are asked; whoever only plans to travel is not."""


def is_asked(variant: str) -> bool:
    """Tell whether the readers of a variant of a text are asked."""
    return variant.partition(".")[0] in ASKED_AT


def answer_words(rules: TextRules, channel: str, language: Language, reader: str, phone: str) -> str:
    """Return the sentence that asks, and says how to answer; empty for a reader who is not asked."""
    if reader not in ASKED_AT:
        return ""
    form = FORMS[channel]
    link = rules.safe_link + SAFE_GAP if rules.safe_link and channel in rules.link_channels else ""
    if language == "zh":
        return _zh(form, link, rules, shared=reader == "shared", phone=phone)
    return _en(form, link, rules, shared=reader == "shared", phone=phone)


def reply_hint(language: Language, reader: str) -> str:
    """Return the shortest words for a template of a provider: they stand before the numbers that help."""
    if reader == "shared":
        return "有人求助请回复2。" if language == "zh" else "Reply 2 if anybody needs help. "
    return "平安请回复1，求助请回复2。" if language == "zh" else "Reply 1 if safe, 2 if you need help. "


def _zh(form: Form, link: str, rules: TextRules, *, shared: bool, phone: str) -> str:
    or_open, opened = (f"（或打开 {link} ）", f"（请打开 {link} ）") if link else ("", "")
    call = f"，也可致电本办{phone}" if phone else ""
    if form == "voice":
        whole = "如各位均平安，请按1；有人需要帮助，请按2。" if shared else "如您平安，请按1；如需要帮助，请按2。"
        return "请报平安：" + whole
    if form == "sms":
        how = f"有人求助回2，各人报平安{opened}" if shared else f"请报平安：平安回1，求助回2{or_open}"
        return f"{how}{'' if link else call}。"
    if form == "email" and rules.mail_replies:
        if shared:
            return f"请各人报平安：回复本邮件，写明姓名和是否平安{or_open}{call}。"
        return f"请报平安：直接回复本邮件，平安写1，求助写2{or_open}{call}。"
    if link:
        return f"请报平安，需要帮助也请告知{opened}{call}。"
    return "请尽快向所在单位或本办" + (f"（{phone}）" if phone else "") + "报平安。"


def _en(form: Form, link: str, rules: TextRules, *, shared: bool, phone: str) -> str:
    or_open, opened = (f" (or open {link} )", f" (open {link} )") if link else ("", "")
    call = f" You can also call this office: {phone}." if phone else ""
    if form == "voice":
        if shared:
            return "If all of you are safe, press 1. If anybody needs help, press 2."
        return "If you are safe, press 1. If you need help, press 2."
    if form == "sms":
        how = f"reply 2 if anybody needs help, and each say so if safe{opened}" if shared else ""
        how = how or f"reply 1 if safe, 2 if you need help{or_open}"
        return f"Are you safe? Please {how}.{'' if link else call}"
    if form == "email" and rules.mail_replies:
        how = "with each name and who is safe" if shared else "with 1 if you are safe, 2 if you need help"
        return f"Are you safe? Please answer this mail {how}{or_open}.{call}"
    if link:
        return f"Are you safe, or do you need help? Please tell us{opened}.{call}"
    return "Please tell your employer or this office" + (f" ({phone})" if phone else "") + " soon that you are safe."
