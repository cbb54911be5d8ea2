"""The office's own words and numbers: looked at before they are taken, kept with who wrote them, used from the next text on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from jinja2 import TemplateError, UndefinedError
from sqlalchemy import Connection

from core import audit
from core.errors import BadInput, NotAllowed
from core.i18n import Language, t
from core.languages import is_language, no_language, words_in
from core.places.names import codes
from notify.compose import Maker, Phrasebook, readers, worded
from notify.model import AlertDraft, NoticeText, OfficeName
from notify.store import alerts as alert_store
from notify.tables import AlertText, AlertVersion, VersionKind
from notify.texts import store
from notify.texts.checks import lacking, lacking_in_stored
from notify.texts.fit import over
from notify.texts.further import may_be_worded
from notify.texts.helplines import LOCAL, MISSIONS, Directory, Helpline, Kind, shipped
from notify.texts.rules import FORMS, Form, TextRules
from notify.texts.wording import Wording
from notify.texts.wording import shipped as shipped_wording
from registry.actors import Actor
from registry.tables import Role

EDITORS = (Role.APPROVER, Role.ADMINISTRATOR)
"""A wording speaks to everybody: who may release an alert may change it, who only drafts may not."""

LONGEST = 8000
PROBE_BODY = "试验用正文第一句。试验用正文第二句。"
_LOCAL = re.compile(r"\d{2,6}|\+\d{7,15}")
_FULL = re.compile(r"\+\d{7,15}")
PROBE = AlertDraft(
    kind=VersionKind.FIRST, level=4, level_words="试验等级", title_zh="试验标题如下", title_en="A title to try",
    body_zh=PROBE_BODY, body_en=PROBE_BODY, origin_zh="试验发布方", origin_en="A publisher to try",
    url="https://one.example/notice", countries=("ZM",), regions=(), hazard="other",
    as_of=datetime(2026, 1, 1, tzinfo=UTC), rule="probe", channels=(), every_channel=False, quiet=False, validity_minutes=60,
    ask_safe=True, source_id="probe",
)  # fmt: skip
PROBE_OFFICE = OfficeName("试验市外办", "Office to Try", "0518-5550100")


def phrasebook(connection: Connection, rules: TextRules, template: str = "") -> Phrasebook:
    """Return what texts are made with now: shipped, and corrected by the office; a set of wordings goes before the usual one."""
    directory = shipped().corrected(store.own_lines(connection))
    special = store.own_wordings(connection, template) if template else {}
    return Phrasebook(rules, directory, store.own_wordings(connection) | special)


def set_wording(
    connection: Connection,
    actor: Actor,
    form: Form,
    language: str,
    body: str,
    *,
    now: datetime,
    template: str = store.NOTICE,
) -> int:
    """Take a wording into use, or with an empty one go back to the shipped; return its version.

    Args:
        template: the set of wordings: the usual one, or one that a route of the policy names.

    Raises:
        NotAllowed: the actor may not change what is said to everybody.
        BadInput: no such language, or the form cannot be worded in it; or the wording cannot be filled, or leaves out what every
            notice must say; the sentence names it.
    """
    _may(actor)
    if not is_language(language):
        raise BadInput(no_language(language))
    if not may_be_worded(form, language):
        raise BadInput(t("{form} cannot be worded in {language}: a provider approved its text in Chinese or English, nobody in particular "
                         "reads it, or there is no voice that speaks it.", form=form, language=language))  # fmt: skip
    if body:
        faults = faults_of(form, language, body)
        if faults:
            raise BadInput(t("This wording is not taken. It lacks or breaks: {names}.", names=", ".join(faults)))
    version = store.add_wording(connection, form, language, body, by=actor.name, now=now, name=template)
    named = f"message_template/{'' if template == store.NOTICE else template + '/'}{form}.{language}/{version}"
    _note(connection, actor, "text.set" if body else "text.reset", named, now)
    return version


def faults_of(form: Form, language: str, body: str) -> list[str]:
    """Try a wording on every kind of version and reader; return the names of what it lacks, as templates call them."""
    if len(body) > LONGEST:
        return ["length"]
    channel = next(name for name, one in FORMS.items() if one == form)
    wording = Wording("probe", body)
    found: dict[str, None] = {}
    for kind in VersionKind:
        for drill in (False, True):
            maker = Maker(replace(PROBE, kind=kind), PROBE_OFFICE, Phrasebook(directory=Directory()), drill)
            for reader in readers(maker.draft, form):
                try:
                    text = worded(maker, language, channel, reader, wording)
                except UndefinedError as error:
                    return [str(error.message)]
                except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
                    return [f"template ({error})"]
                found.update(dict.fromkeys([*lacking(text, maker.draft, form, drill=drill), *_frame(text, form)]))
    return list(found)


def _frame(text: NoticeText, form: Form) -> list[str]:
    """Return what of the frame is lacking: who speaks, and in a mail the publisher's text."""
    speaker = form in ("sms_cn",) or PROBE_OFFICE.zh in text.body or PROBE_OFFICE.en in text.body
    body = form != "email" or PROBE_BODY in text.body
    return ([] if speaker else ["signature"]) + ([] if body else ["body_gap"])


def set_line(connection: Connection, actor: Actor, line: Helpline, *, now: datetime) -> None:
    """Write down a number that somebody checked, in the place of what was known; without a number, that there is none.

    Raises:
        NotAllowed: the actor may not change what is said to everybody.
        BadInput: no such country, or no such number: police may be short, a mission's begins with a plus.
    """
    _may(actor)
    if line.country not in codes():
        raise BadInput(t("“{word}” is no country or region we know. Write its name or its two-letter code.",
                         word=line.country))  # fmt: skip
    form = _FULL if line.kind in MISSIONS else _LOCAL
    if line.number and not form.fullmatch(line.number):
        raise BadInput(t("{number} is no number that can be dialled: local numbers have 2 to 6 digits, others a plus and the "
                         "country's code, without blanks.", number=line.number))  # fmt: skip
    if line.kind is Kind.CONSULATE and not line.place:
        raise BadInput(t("A consulate needs its city: a country has several."))
    if line.kind in LOCAL and line.place:
        raise BadInput(t("Police, ambulance and fire numbers are those of the whole country: leave the city out."))
    row = store.add_line(connection, line, by=actor.name, now=now)
    _note(connection, actor, "number.set", f"helpline/{row}", now)


def refuse_unfit(version: AlertVersion, texts: Sequence[AlertText], rules: TextRules) -> None:
    """Look at the stored texts of a version once more before a person lets them go.

    Only an officer's own words are refused for their length: they can be shortened in ten seconds. A publisher's are not
    ours to shorten, and a warning that costs more is better than none.

    Raises:
        BadInput: a text lacks its code or 12308, or an officer's own SMS takes too many parts.
    """
    for text in texts:
        lacks = lacking_in_stored(text.body, FORMS.get(text.channel, "email"))
        if lacks:
            raise BadInput(t("The text for {channel} ({language}, {variant}) lacks: {names}.", channel=text.channel,
                             language=text.language, variant=text.variant, names=", ".join(lacks)))  # fmt: skip
    long = [one for one in texts if over(one.channel, one.language, one.parts, rules)]
    if long and version.rule == "officer":
        most = max(long, key=lambda one: one.parts)
        raise BadInput(
            t("The SMS ({language}) takes {parts} parts, and {most} are the limit (setting sms_most_parts). Shorten the "
              "title with `lingbao alert edit`.", language=most.language, parts=most.parts,
              most=rules.most_parts(words_in(most.language)))
        )  # fmt: skip


def refuse_uncorrectable(connection: Connection, version_id: int) -> None:
    """Look whether a mistake in a version could be put right: each of its texts needs a wording fit for a correction.

    The shipped wordings are; an office's own was when it was taken, and is looked at again, by the rules of today.

    Raises:
        BadInput: the office's own wording of a form is not fit for a correction, or a shipped one is not there.
    """
    template = alert_store.version(connection, version_id).template
    own = store.own_wordings(connection) | (store.own_wordings(connection, template) if template else {})
    for channel, language in alert_store.texts_written(connection, version_id):
        form = FORMS[channel]
        words = words_in(language)
        wording = own.get((form, words))
        faults = faults_of(form, words, wording.source) if wording else _not_shipped(form, words)
        if faults:
            raise BadInput(t("No correction could be sent: the wording for {form} ({language}) lacks or breaks: {names}. Mend it with "
                             "`lingbao text` first.", form=form, language=language, names=", ".join(faults)))  # fmt: skip


def _not_shipped(form: Form, language: Language) -> list[str]:
    try:
        shipped_wording(form, language)
    except OSError:
        return ["file"]
    return []


def _may(actor: Actor) -> None:
    if actor.role not in EDITORS:
        raise NotAllowed(t("{user} may not change the office's words and numbers: this needs the role approver.",
                           user=actor.name))  # fmt: skip


def _note(connection: Connection, actor: Actor, action: str, subject: str, now: datetime) -> None:
    audit.record(connection, actor=actor.name, action=action, subject=subject, now=now)
