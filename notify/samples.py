"""Samples: how a wording reads when it is filled, before it is taken into use. What is in them is made up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from jinja2 import TemplateError, UndefinedError

from core.errors import BadInput
from core.i18n import t
from notify.compose import Maker, Phrasebook, readers, worded
from notify.model import AlertDraft, NoticeText, OfficeName
from notify.own.templates import GIVEN, AlertTemplate, fill
from notify.tables import VersionKind
from notify.texts.rules import FORMS, Form
from notify.texts.wording import Wording

TITLE_ZH, TITLE_EN = (
    "首都今晨发生强烈地震，请撤到空旷处",
    "Strong earthquake in the capital this morning: go to open ground",
)
BODY_ZH = "余震可能持续。请远离受损建筑，备好饮水和证件，与所在单位保持联系。"
BODY_EN = "Aftershocks may go on. Keep away from damaged buildings, have water and papers ready, stay in touch."
COUNTRY = "ZM"


@dataclass(frozen=True)
class Sample:
    """One way in which a wording reads: for which kind of version, and which readers."""

    kind: VersionKind
    reader: str
    text: NoticeText


def samples(
    form: Form, language: str, source: str, office: OfficeName, book: Phrasebook, now: datetime
) -> list[Sample]:
    """Fill a wording for each kind of version as people there read it, and for the other kinds of readers once.

    Raises:
        BadInput: it cannot be filled; the sentence says why.
    """
    channel = next(name for name, one in FORMS.items() if one == form)
    wording, found = Wording("sample", source), []
    try:
        for kind in VersionKind:
            maker = Maker(_draft(kind, channel, now), office, book, False)
            for number, reader in enumerate(readers(maker.draft, form)):
                if number == 0 or kind is VersionKind.FIRST:
                    found.append(Sample(kind, reader.kind, worded(maker, language, channel, reader, wording)))
    except UndefinedError as error:
        raise BadInput(t("There is nothing by this name to fill in: {error}", error=str(error.message))) from error
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise BadInput(t("This wording cannot be filled: {error}", error=str(error))) from error
    return found


def filled(template: AlertTemplate) -> dict[str, str]:
    """Fill a template of alerts with the names of its gaps in brackets; return its four parts. Pure.

    Raises:
        BadInput: it is no template.
    """
    given = {gap: f"〔{gap}〕" for gap in template.gaps}
    known = {gap: f"〔{gap}〕" for gap in GIVEN}
    return fill(template, given, {"zh": known, "en": known})


def _draft(kind: VersionKind, channel: str, now: datetime) -> AlertDraft:
    base = AlertDraft(
        kind=kind, level=4, level_words="", title_zh=TITLE_ZH, title_en=TITLE_EN, body_zh=BODY_ZH,
        body_en=BODY_EN, origin_zh="", origin_en="", url="", countries=(COUNTRY,), regions=(),
        hazard="earthquake", as_of=now, rule="sample", channels=(channel,), every_channel=True, quiet=False,
        validity_minutes=60, ask_safe=kind is VersionKind.FIRST,
    )  # fmt: skip
    return replace(base, told_only=kind is VersionKind.ALL_CLEAR)
