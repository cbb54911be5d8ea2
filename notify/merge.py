"""The words of a merged notice: several that waited for one address, told in one. Pure.

A short message names each: where, what, the publisher's grade and the link, and the numbers once. Where there is no room the links
go first, with the office's telephone in their place; if the rest does not fit either, each goes out by itself. A mail and a chat
carry the notices whole, one after the other.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.i18n import Language
from core.places.names import display
from notify.compose import WORDS_ALONE_FROM
from notify.model import LANGUAGES, AlertDraft, NoticeText, OfficeName
from notify.numbers import Asked, Short, short_numbers
from notify.own.model import is_ours
from notify.ref import GAP
from notify.sms import count
from notify.store.merging import MERGED, wording_of
from notify.tables import AlertText, VersionKind
from notify.texts.fit import CODE_OF_LENGTH, cuts, fits
from notify.texts.helplines import Directory
from notify.texts.rules import LATER, TextRules
from notify.texts.shorten import short_list
from notify.texts.values import Reader, is_urging, values_of

ROOM_FOR_PLACES = 40
_PAGE = re.compile(r"\A(?P<head>.*<body[^>]*>)(?P<inner>.*)(?P<tail></body>.*)\Z", re.DOTALL)
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "drill": "【演练】", "many": "您有{n}条安全提醒", "subject": "{n}条安全提醒", "colon": "：", "stop": "。", "item": "{i}）",
        "grade": "发布方等级：", "correction": "此前通知以本条为准。", "link": "详情 {url} ", "ask": "详询{phone}。",
        "act": "请按提醒采取措施，注意安全。", "plan": "请按提醒安排或调整行程。", "ref": "编号",
        "shared": "本号码有多人登记共用，请转告有关人员，按提醒采取措施，注意安全。",
        "together": "以下{n}条安全提醒合为一条发送，请逐条阅读。",
        "pass": "本地址有多人登记共用，请转告有关人员。",
    },
    "en": {
        "drill": "[DRILL] ", "many": "You have {n} safety notices", "subject": "{n} safety notices", "colon": ": ", "stop": ". ",
        "item": " {i}) ", "grade": "Publisher's grade: ", "correction": "This replaces our earlier notice. ",
        "link": "Details: {url} ", "ask": "Ask {phone}. ", "act": "Please act on them and stay safe. ",
        "plan": "Please plan, or change your plans, accordingly. ", "ref": "Ref ",
        "shared": "This number is registered for several people: please tell those concerned, act on the notices and stay safe. ",
        "together": "These {n} safety notices are sent as one. Please read each of them.",
        "pass": " This address is registered for several people: please tell those concerned.",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One of the notices that become one: what its version says, and its stored text."""

    draft: AlertDraft
    text: AlertText

    @property
    def reader(self) -> Reader:
        """Return for whom the text was worded."""
        return Reader(*self.text.variant.removeprefix(LATER).split(".", 1))


@dataclass(frozen=True)
class Press:
    """What merged notices are made with.

    Attributes:
        drill: they are for a drill.
    """

    office: OfficeName
    rules: TextRules
    directory: Directory
    drill: bool = False


def may_merge(part: Part) -> bool:
    """Tell whether a notice loses nothing that counts when it is told with others.

    One in a further language of the office,
    that is sent by an approved template, asks people to say that they are safe, or has no other place for its words than a
    short message, goes out by itself.
    """
    draft, short = part.draft, part.text.channel == "sms"
    alone = is_ours(draft.source_id) and not draft.url and (draft.level or 0) >= WORDS_ALONE_FROM
    foreign = part.text.language not in LANGUAGES  # what is told together is worded by us
    return not (foreign or part.text.template or draft.ask_safe or (short and alone))


def merged(parts: Sequence[Part], press: Press, *, shared: bool) -> NoticeText | None:
    """Return the one notice for several, the most urgent first, all in one language for one channel; None if it does not fit.

    Args:
        shared: several people are behind the address.
    """
    first = parts[0].text
    language: Language = "zh" if first.language == "zh" else "en"
    make = {"sms": _sms, "email": _mail}.get(first.channel, _chat)
    told = make(parts, press, language, shared)
    if told is None:
        return None
    subject, body, page = told
    parts_of_sms = count(body.replace(GAP, CODE_OF_LENGTH)).parts if first.channel == "sms" else 1
    variant = _variant(parts, press, shared=shared)
    wording = wording_of(first.id or 0)
    return NoticeText(language, first.channel, variant, subject, body, page, parts_of_sms, wording=wording)


def _variant(parts: Sequence[Part], press: Press, *, shared: bool) -> str:
    ids = [str(one.text.id) for one in parts]  # the order counts: the first one carries
    named = "\0".join([*ids, str(shared), str(press.drill)])
    return f"{MERGED}-{hashlib.sha256(named.encode()).hexdigest()[:16]}"


Told = tuple[str, str, str]
"""Subject, plain text and html."""


def _sms(parts: Sequence[Part], press: Press, language: Language, shared: bool) -> Told | None:
    numbers = _numbers(parts, press, language)
    for links in (True, False):
        for cut in cuts(0, numbers):
            told = numbers.words(language, most=cut.missions, local=cut.local)
            body = _short(
                parts, press, language, _tail(parts, press, language, shared=shared, links=links) + told, links
            )
            if fits(body, "sms", press.rules.most_parts(language)):
                return "", body, ""
    return None


def _short(parts: Sequence[Part], press: Press, language: Language, tail: str, links: bool) -> str:
    say = _WORDS[language]
    drill = say["drill"] if press.drill else ""
    head = f"{press.office.signature}{drill}{say['many'].format(n=len(parts))}{say['colon'].rstrip()}"
    items = [_item(one, press, language, place, links) for place, one in enumerate(parts, 1)]
    return " ".join(f"{head}{''.join(items)}{tail}{say['stop']}{say['ref']}{GAP}".split())


def _item(part: Part, press: Press, language: Language, place: int, links: bool) -> str:
    say, draft = _WORDS[language], part.draft
    values = values_of(draft, press.office, language, part.reader, Asked())
    gap = "" if language == "zh" else " "
    where = short_list([display(one, language) for one in _places(part)], ROOM_FOR_PLACES, language)
    told = say["item"].format(i=place) + str(values["mark"])
    told += "".join(f"{one}{say['colon']}" for one in (where, str(values["lead"])) if one)
    told += f"{values['sentence']}{gap}"
    told += f"{say['grade']}{values['level_words']}{say['stop']}" if values["level_words"] else ""
    told += say["correction"] if draft.kind is VersionKind.CORRECTION else ""
    return told + (say["link"].format(url=draft.url) if links and draft.url else "")


def _tail(parts: Sequence[Part], press: Press, language: Language, *, shared: bool, links: bool) -> str:
    say, urging = _WORDS[language], [one for one in parts if is_urging(one.draft)]
    plan = all(one.reader.kind == "planned" for one in urging)
    act = say["shared"] if shared else say["plan"] if plan else say["act"]
    left_out = not links and press.office.phone and any(one.draft.url for one in parts)
    return (act if urging or shared else "") + (say["ask"].format(phone=press.office.phone) if left_out else "")


def _places(part: Part) -> tuple[str, ...]:
    return (part.reader.country,) if part.reader.country else part.draft.countries


def _numbers(parts: Sequence[Part], press: Press, language: Language) -> Short:
    """Return the numbers once: those of the most urgent that still urges, or of the first."""
    part = next((one for one in parts if is_urging(one.draft)), parts[0])
    draft, urging = part.draft, is_urging(part.draft)
    local = part.reader.kind != "planned" and urging
    here, concerned = (_places(part), draft.countries) if urging else ((), ())
    return short_numbers(
        Asked(draft.contacts, here, press.directory, draft.as_of.date(), local, concerned), language
    )  # fmt: skip


def _mail(parts: Sequence[Part], press: Press, language: Language, shared: bool) -> Told | None:
    pages = [_PAGE.match(one.text.html) for one in parts]
    first = pages[0]
    if first is None or any(one is None for one in pages):
        return None
    say = _WORDS[language]
    names = list(dict.fromkeys(display(code, language) for one in parts for code in _places(one)))
    drill = say["drill"] if press.drill else ""
    where = short_list(names, 2 * ROOM_FOR_PLACES, language)
    subject = (
        f"{press.office.signature}{drill}{say['subject'].format(n=len(parts))}{say['colon'] if where else ''}{where}"
    )
    lead = _lead(parts, language, shared=shared)
    heads = [f"{place}/{len(parts)} {one.text.subject}" for place, one in enumerate(parts, 1)]
    blocks = [_heading(lead, "p"), *(
        _heading(head, "h2") + page["inner"] for head, page in zip(heads, pages, strict=True) if page is not None
    )]  # fmt: skip
    return subject, _whole(parts, lead, heads), first["head"] + "".join(blocks) + first["tail"]


def _chat(parts: Sequence[Part], press: Press, language: Language, shared: bool) -> Told | None:
    heads = [f"{place}/{len(parts)}" for place in range(1, len(parts) + 1)]
    body = _whole(parts, _lead(parts, language, shared=shared), heads)
    return ("", body, "") if fits(body, "chat", 0) else None


def _lead(parts: Sequence[Part], language: Language, *, shared: bool) -> str:
    say = _WORDS[language]
    return say["together"].format(n=len(parts)) + (say["pass"] if shared else "")


def _whole(parts: Sequence[Part], lead: str, heads: Sequence[str]) -> str:
    return "\n\n".join([lead, *(f"—— {head} ——\n{one.text.body}" for head, one in zip(heads, parts, strict=True))])


def _heading(words: str, tag: str) -> str:
    style = "max-width:40rem;margin:0 auto;padding:16px 20px 0;font-size:16px"
    return f'<{tag} style="{style}">{html.escape(words)}</{tag}>\n'
