"""Composing: the exact texts of an alert version, for each language, channel and kind of reader.

Pure but for reading the templates. The publisher's own title and grade are quoted, never changed (DESIGN promise 9). What
varies by person is one reference code. Where an alert is about a few countries each has texts of its own, with its own
police, ambulance and embassy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from jinja2 import TemplateError

from core.i18n import Language
from core.languages import words_in
from core.places.names import display
from notify.model import LANGUAGES, AlertDraft, NoticeText, OfficeName
from notify.numbers import Asked, Short, short_numbers
from notify.own.model import is_ours
from notify.ref import SAFE_GAP
from notify.sms import count
from notify.texts.approved import kind_key, variables
from notify.texts.asking import answer_words, reply_hint
from notify.texts.checks import lacking
from notify.texts.fit import cuts, fits, is_taken, measured
from notify.texts.further import NOT_PERSONAL, further, needed
from notify.texts.helplines import Directory
from notify.texts.helplines import shipped as shipped_lines
from notify.texts.rules import (
    FORMS,
    GROUP,
    MOST_APART,
    MOST_BYTES,
    READERS,
    Form,
    TextRules,
    variant_of,
)
from notify.texts.shorten import join, sentences, short_list, short_title
from notify.texts.spoken import dictated, spell, spoken
from notify.texts.values import BODY, Reader, is_urging, subject_of, values_of
from notify.texts.wording import Wording, html_frame, shipped

ROOM_FOR_TITLE = 200
"""A title is shortened only where a provider would refuse the whole text, and then to so many characters."""

ROOM_FOR_PLACES = 240
"""Countries in a chat text are named as far as these characters go, and the rest counted."""

WORDS_ALONE_FROM = 3
"""From this level on an officer's short message without a link carries the body: nothing else would."""


@dataclass(frozen=True)
class Phrasebook:
    """What texts are made with: the rules, the numbers that help, and the office's own wordings."""

    rules: TextRules = field(default_factory=TextRules)
    directory: Directory = field(default_factory=shipped_lines)
    own: Mapping[tuple[Form, str], Wording] = field(default_factory=dict)


@dataclass(frozen=True)
class Maker:
    """One alert about to be worded."""

    draft: AlertDraft
    office: OfficeName
    book: Phrasebook
    drill: bool


def compose(
    draft: AlertDraft, office: OfficeName, book: Phrasebook | None = None, *, drill: bool = False
) -> list[NoticeText]:
    """Return every text of a draft: its channels, both languages and further ones of the office, all kinds of readers.

    A wording of the office that leaves out something a notice needs gives way to the shipped one: what was fit when it was
    accepted may not fit this alert, and a notice without its numbers or its link would be worse than one worded otherwise.

    Raises:
        KeyError: a channel that there is not.
        jinja2.UndefinedError: a shipped template asks for a value it is not given.
    """
    maker = Maker(draft, office, book or Phrasebook(), drill)
    ours = [
        compose_one(maker, language, channel, reader)
        for channel in draft.channels
        for language in LANGUAGES
        for reader in readers(draft, FORMS[channel])
    ]
    return ours + [text for language in further(maker.book.own) for text in compose_in(maker, language)]


def compose_in(maker: Maker, language: str) -> list[NoticeText]:
    """Return the texts of a draft in a further language, worded by the office; the values filled in are the English ones.

    There are none at all unless each form that can be worded in it is, and holds what this alert must say: its readers are
    then told in English over every channel, and not in two languages by turns.
    """
    draft, own = maker.draft, maker.book.own
    forms = needed(draft.channels, language)
    if not forms or any((form, language) not in own for form in forms):
        return []
    found: list[NoticeText] = []
    for channel in draft.channels:
        form = FORMS[channel]
        for reader in () if form in NOT_PERSONAL else readers(draft, form):
            text = (
                _if_fit(maker, language, channel, reader, own[form, language])
                if form in forms
                else replace(compose_one(maker, "en", channel, reader), language=language)
            )
            if text is None:
                return []
            found.append(text)
    return found


def readers(draft: AlertDraft, form: Form) -> list[Reader]:
    """Return for whom a form is worded: every kind of reader, and each once more for every country, if there are a few."""
    if form == "group":
        return [Reader(GROUP)]
    apart = draft.countries if 1 < len(draft.countries) <= MOST_APART and is_urging(draft) else ()
    return [Reader(kind, country) for country in ("", *apart) for kind in READERS]


def compose_one(maker: Maker, language: Language, channel: str, reader: Reader) -> NoticeText:
    """Return one text, in the office's wording if that holds what it must."""
    form = FORMS[channel]
    own = maker.book.own.get((form, language))
    text = None if own is None else _if_fit(maker, language, channel, reader, own)
    return text or worded(maker, language, channel, reader, shipped(form, language))


def _if_fit(maker: Maker, language: str, channel: str, reader: Reader, own: Wording) -> NoticeText | None:
    """Return one text in a wording of the office; None if that cannot be filled, or leaves out what a notice needs."""
    try:
        text = worded(maker, language, channel, reader, own)
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError):
        return None
    return None if lacking(text, maker.draft, FORMS[channel], drill=maker.drill) else text


def worded(maker: Maker, language: str, channel: str, reader: Reader, wording: Wording) -> NoticeText:
    """Return one text in this wording, whatever it says.

    Args:
        language: of the wording; what is filled in is English, if it is none of ours.

    Raises:
        jinja2.TemplateError: the wording cannot be filled.
    """
    form = FORMS[channel]
    words: Language = "zh" if form == "sms_cn" else words_in(language)
    draft = maker.draft
    here = (reader.country,) if reader.country else draft.countries
    local = reader.kind != "planned" and is_urging(draft)
    asked = Asked(
        draft.contacts, here if is_urging(draft) else (), maker.book.directory, draft.as_of.date(), local,
        draft.countries if is_urging(draft) else (),
    )  # fmt: skip
    values = values_of(draft, maker.office, words, reader, asked) | {"drill": maker.drill}
    if form == "voice":
        values["phone"] = spell(maker.office.phone, words)
    asks = draft.ask_safe and is_urging(draft)
    values["answer"] = answer_words(maker.book.rules, channel, words, reader.kind, str(values["phone"])) if asks else ""
    if form in MOST_BYTES:
        values["places"] = short_list([display(code, words) for code in here], ROOM_FOR_PLACES, words)
    numbers = short_numbers(asked, words)
    if form in ("sms_cn", "whatsapp"):
        return _approved(maker, language, channel, reader, (wording, values, asked))
    if form == "email":
        return _mail(maker, language, reader, wording, values)
    body = _fitted(maker, (form, words), wording, values, numbers)
    if not is_taken(body, form):  # a provider would refuse it, and nobody would be told
        body = _fitted(maker, (form, words), wording, values | _short_title(draft, values, words), numbers)
    if SAFE_GAP in body and not fits(
        body, form, maker.book.rules.most_parts(words)
    ):  # too long: without the link, then
        body = _fitted(
            maker, (form, words), wording, values | {"answer": _linkless(maker, channel, words, reader)}, numbers
        )
    variant = variant_of(reader.kind, reader.country)
    parts = count(measured(body)).parts if form == "sms" else 1
    return NoticeText(language, channel, variant, "", body, "", parts, wording=wording.name)


def _linkless(maker: Maker, channel: str, language: Language, reader: Reader) -> str:
    rules = replace(maker.book.rules, safe_link="")
    return answer_words(rules, channel, language, reader.kind, maker.office.phone)


def _fitted(
    maker: Maker, form: tuple[Form, Language], wording: Wording, values: Mapping[str, object], numbers: Short
) -> str:
    """Return a text that fits its form, cut as little as it must be. What cannot be cut is not: see `over`."""
    name, language = form
    body = sentences(str(values["body"])) if _says_body(maker.draft, name) else []
    text = ""
    for cut in cuts(len(body), numbers):
        told = numbers.words(language, most=cut.missions, local=cut.local)
        given = {"contacts": dictated(told, language) if name == "voice" else told,
                 "excerpt": join(body[: cut.sentences], language) if cut.sentences else "", "cut": cut.sentences < len(body)}  # fmt: skip
        text = _shaped(wording.render({**values, **given}), name, language)
        if fits(text, name, maker.book.rules.most_parts(language)):
            break
    return text


def _short_title(draft: AlertDraft, values: Mapping[str, object], language: Language) -> dict[str, object]:
    title = short_title(str(values["title"]), ROOM_FOR_TITLE, draft.level_words, language)
    return {"title": title, "heading": title, "sentence": title + ("。" if language == "zh" else ".")}


def _says_body(draft: AlertDraft, form: Form) -> bool:
    if form in ("chat", "group"):
        return True
    return is_ours(draft.source_id) and not draft.url and (draft.level or 0) >= WORDS_ALONE_FROM


def _shaped(text: str, form: Form, language: Language) -> str:
    if form == "sms":
        return " ".join(text.split())
    return spoken(text, language) if form == "voice" else _tidy(text)


def _approved(
    maker: Maker, language: str, channel: str, reader: Reader, made_of: tuple[Wording, Mapping[str, object], Asked]
) -> NoticeText:
    """Return a text that a provider makes of a template it approved: our variables, and what the reader then sees."""
    wording, values, asked = made_of
    form = FORMS[channel]
    words: Language = "zh" if form == "sms_cn" else words_in(language)
    filling = variables(maker.draft, values, asked, words, short=form == "sms_cn")
    if form == "whatsapp" and values["answer"]:
        filling["advice"] = reply_hint(words, reader.kind) + filling["advice"]
    body = _tidy(wording.render({**values, **filling}))
    parts = 1
    if form == "sms_cn":  # the provider puts the signature before it
        body = " ".join(body.split())
        parts = count(maker.office.signature + measured(body)).parts
    return NoticeText(
        language, channel, variant_of(reader.kind, reader.country), "", body, "", parts, kind_key(maker.draft), filling,
        wording.name,
    )  # fmt: skip


def _mail(maker: Maker, language: str, reader: Reader, wording: Wording, values: Mapping[str, object]) -> NoticeText:
    frame, body = _tidy(wording.render(values)), _tidy(str(values["body"]))
    return NoticeText(
        language, "email", variant_of(reader.kind, reader.country), subject_of(maker.draft, values, words_in(language)),
        frame.replace(BODY, body), _html(frame, body, language, drill=maker.drill), 1, wording=wording.name,
    )  # fmt: skip


def _html(frame: str, body: str, language: str, *, drill: bool) -> str:
    """Return the same words as HTML: whoever reads one form of a mail has read the other."""
    before, _, after = frame.partition(BODY)
    head, title, *middle = _blocks(before)
    return html_frame().render(
        language=language, drill=drill, head=head, title=title, middle=middle,
        body=[line for line in body.splitlines() if line], after=_blocks(after),
    )  # fmt: skip


def _blocks(text: str) -> Sequence[list[str]]:
    return [block.splitlines() for block in text.strip().split("\n\n") if block.strip()]


def _tidy(text: str) -> str:
    """Leave no blanks at the ends of lines, and no two empty lines in a row."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines)
