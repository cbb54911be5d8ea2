"""The page with the form of an alert: what it offers to choose from, and what stands beside it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.responses import Response

from console.pages.forms import FieldError
from console.pages.office.drafts.clash import Clash
from console.pages.office.drafts.panel import FEW_TEXTS, Panel
from console.pages.office.drafts.typed import Names, Typed
from console.pages.office.visit import Visit
from console.pictures.levels import level_badge
from core.i18n import Language, Message, t
from core.places.names import codes, display
from core.tables import Mode
from notify.ledger.terms import channel_words
from notify.manual import LISTED, usual_channels
from notify.model import manner_of
from notify.own import store, templates
from notify.own.revise import Standing
from notify.own.templates import AlertTemplate
from notify.store import alerts as alert_store
from registry.actors import SYSTEM
from registry.employers import list_employers

MOST_OFFERED = 300
"""Companies that the browser suggests; with more, the page would be too heavy, and a code is typed."""
LEVELS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Told:
    """What the page tells beside the form.

    Attributes:
        editing: the draft that is edited; None: a new alert.
        mark, base: of the draft as it was when the form was first shown.
        once: of a form that was shown: sent twice, it writes one draft.
    """

    errors: tuple[FieldError, ...] = ()
    panel: Panel | None = None
    editing: Standing | None = None
    mark: str = ""
    base: Mapping[str, str] = field(default_factory=dict)
    clash: Clash | None = None
    once: str = ""
    tried: Message | None = None


@dataclass(frozen=True)
class LevelChoice:
    """A level, and how what is sent at it goes out."""

    level: int
    manner: Message
    channels: tuple[Message | str, ...]


def show(who: Visit, typed: Typed, told: Told) -> Response:
    """Return the page with the form as typed."""
    with who.reading() as connection:
        names, known = names_of(connection), templates.all_templates(connection)
        mode = Mode(alert_store.instance(connection).mode)
    template = next((one for one in known if one.name == typed.template), None)
    settings, editing = who.office.settings, told.editing
    return who.render(
        "drafts/form.html", 422 if told.errors or told.clash else 200, typed=typed, told=told, errors=list(told.errors),
        action="/office/alerts/new" if editing is None else f"/office/alerts/{editing.version.alert_id}/edit",
        once=told.once or secrets.token_hex(8), countries=suggestions(who.language), levels=levels_of(who),
        employer_options=companies_of(names), groups=names.groups, group_options=[(one.name, one.name) for one in names.groups],
        templates=known, template_options=[(one.name, one.name) for one in known], template=template, gaps=gaps_of(template),
        channels=[(one, channel_words(one)) for one in LISTED], quoted=editing is not None and editing.quoted,
        panel=told.panel, part=False, few_texts=FEW_TEXTS, zone=settings.zone, tests=settings.test_addresses,
        test_options=[(one, one) for one in sorted(settings.test_addresses)], sandbox=mode is Mode.SANDBOX,
        drill_office=mode is Mode.DRILL, badge=lambda level: level_badge(level, who.language),
    )  # fmt: skip


def names_of(connection: Connection) -> Names:
    """Return the companies and groups that a form may name."""
    return Names(list_employers(connection, SYSTEM), tuple(store.groups(connection)))


def companies_of(names: Names) -> list[tuple[str, str]]:
    """Return the companies as the browser suggests them; none if there are too many for a page."""
    return [(one.code, one.name) for one in names.employers] if len(names.employers) <= MOST_OFFERED else []


def zone_of(who: Visit) -> ZoneInfo:
    """Return the zone of the office's clock."""
    return ZoneInfo(who.office.settings.zone)


def levels_of(who: Visit) -> list[LevelChoice]:
    """Return the levels, each with how it goes out."""
    return [LevelChoice(level, _manner(who, level), _usual(who, level)) for level in LEVELS]


def gaps_of(template: AlertTemplate | None) -> list[str]:
    """Return what is to be filled in a template, in order."""
    return [] if template is None else sorted(template.gaps)


@cache
def suggestions(language: Language) -> tuple[tuple[str, str], ...]:
    """Return every country as the browser suggests it: the name, and beside it the other name and the code."""
    other: Language = "en" if language == "zh" else "zh"
    found = [(display(code, language), f"{display(code, other)} {code}") for code in codes()]
    return tuple(sorted(found, key=lambda one: one[1]))


def _manner(who: Visit, level: int) -> Message:
    manner = manner_of(level, who.office.policy.quiet.broken_by)
    if manner.every_channel and not manner.quiet:
        return t("every channel at once, also at night")
    return t("one channel after the other; at night it waits for the morning") if manner.quiet else t(
        "one channel after the other, also at night")  # fmt: skip


def _usual(who: Visit, level: int) -> tuple[Message | str, ...]:
    return tuple(channel_words(one) for one in usual_channels(who.office.settings.channels, level))
