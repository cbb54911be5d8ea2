"""Editing a draft: an officer names its countries and people, sets its level or mends its words. What was submitted stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

from sqlalchemy import Connection

from core.errors import BadInput
from core.i18n import t
from core.tables import Mode
from notify.alerts import Acting, note, write_texts
from notify.model import OFFICER, AlertDraft, manner_of
from notify.own.audience import audience_of
from notify.own.model import Audience, is_ours
from notify.store import alerts as store
from notify.tables import AlertStatus, AlertVersion, VersionKind
from notify.words import status_words
from sources.model import Contact

EDITABLE = ("level", "title_zh", "title_en", "body_zh", "body_en", "url", "ask_safe", "validity_minutes",
            "every_channel", "quiet", "include_doubtful")  # fmt: skip
QUOTED = ("body_zh", "body_en", "url")
"""What stands in a notice as the publisher's own: it is quoted as it is (DESIGN promise 9)."""


@dataclass(frozen=True)
class Edit:
    """What is to change; None leaves a thing as it is. Empty English words stand for the Chinese ones.

    Attributes:
        audience: whom it is for within its countries, in place of whom it was for.
    """

    countries: tuple[str, ...] | None = None
    level: int | None = None
    title_zh: str | None = None
    title_en: str | None = None
    body_zh: str | None = None
    body_en: str | None = None
    url: str | None = None
    channels: tuple[str, ...] | None = None
    validity_minutes: int | None = None
    ask_safe: bool | None = None
    audience: Audience | None = None


class ChangedMeanwhile(BadInput):
    """Somebody else changed the draft since it was shown: nothing was written over it."""


def edit(
    connection: Connection, version: AlertVersion, wanted: Edit, acting: Acting, *, mark: str | None = None
) -> None:
    """Change a draft. Who edits is an author of it too (see the audit), and cannot approve it.

    A new level changes how it goes out as well: what is raised to 4 wakes people, and goes over every channel.

    Args:
        mark: the state the edit was made from (`mark_of`); None: whatever stands is changed.

    Raises:
        BadInput: it is no draft any more, or a publisher's own words would change.
        ChangedMeanwhile: it is not what it was when `mark` was taken.
    """
    assert version.id is not None
    # First of all: whoever else edits waits here, so that what is read below stands until this is written.
    if not store.move(connection, version.id, [AlertStatus.DRAFT], AlertStatus.DRAFT):
        status = status_words(store.version(connection, version.id).status)
        raise BadInput(t("Alert {number} is {status} now: only a draft can be changed.",
                         number=version.alert_id, status=status))  # fmt: skip
    draft = as_draft(connection, store.version(connection, version.id))
    if mark is not None and mark != mark_of(draft):
        raise ChangedMeanwhile(t("Somebody else has changed this draft since you opened it."))
    changed = edited(draft, wanted, acting)
    values = {name: getattr(changed, name) for name in EDITABLE} | {"channels": list(changed.channels)}
    store.move(connection, version.id, [AlertStatus.DRAFT], AlertStatus.DRAFT, **values)
    store.set_places(connection, version.id, changed)
    write_texts(connection, version.id, changed, acting)
    note(connection, acting, store.EDITED, version.id)


def edited(draft: AlertDraft, wanted: Edit, acting: Acting) -> AlertDraft:
    """Return a draft with an edit made. Pure.

    Raises:
        BadInput: a publisher's own words would change.
    """
    given = {name: value for name, value in vars(wanted).items() if value is not None and name != "title_en"}
    if not given.get("title_zh", "-"):
        del given["title_zh"]
    if draft.source_id is not None and any(
        given.get(name, getattr(draft, name)) != getattr(draft, name) for name in QUOTED
    ):
        raise BadInput(
            t("What a publisher said is quoted as it is. To say it in your own words, write an alert of your own.")
        )
    changed = replace(draft, **given, title_en=_title_en(draft, wanted))
    if wanted.audience is not None and draft.source_id is None and wanted.audience.places != draft.audience.places:
        changed = replace(changed, regions=wanted.audience.places)
    if not changed.body_en:
        changed = replace(changed, body_en=changed.body_zh)
    if wanted.level is not None:
        changed = replace(changed, **vars(manner_of(wanted.level, acting.rules.quiet.broken_by)))
    return changed


def _title_en(draft: AlertDraft, wanted: Edit) -> str:
    title = wanted.title_zh or draft.title_zh
    if wanted.title_en is None:
        # The English form quotes the Chinese one: mended in one language only, two people would read two things.
        return draft.title_en.replace(draft.title_zh, title)
    return wanted.title_en or f'"{title}"'


def mark_of(draft: AlertDraft) -> str:
    """Return the mark of a draft as it stands: another one means that it was changed. Pure."""
    return sha256(repr(draft).encode()).hexdigest()[:32]


def as_draft(connection: Connection, version: AlertVersion) -> AlertDraft:
    """Return a stored version as the draft it was made from."""
    assert version.id is not None
    places = store.places(connection, version.id)
    alert = store.alert(connection, version.alert_id)
    assert alert is not None
    zh, _, en = version.origin_name.partition("|")
    return AlertDraft(
        kind=VersionKind(version.kind), level=version.level, level_words=version.level_words, title_zh=version.title_zh,
        title_en=version.title_en, body_zh=version.body_zh, body_en=version.body_en, origin_zh=zh, origin_en=en,
        url=version.url, countries=tuple(p.country for p in places), regions=tuple({p.region for p in places if p.region}),
        hazard=alert.hazard, as_of=version.as_of, rule=version.rule, channels=tuple(version.channels),
        every_channel=version.every_channel, quiet=version.quiet, validity_minutes=version.validity_minutes,
        policy=version.policy, template=version.template, contacts=tuple(Contact(*c) for c in version.contacts), ask_safe=version.ask_safe,
        include_doubtful=version.include_doubtful, told_only=version.told_only, issued_at=version.issued_at,
        # An officer's later word on what a publisher said is the office's own.
        source_id=None if version.rule == OFFICER and not is_ours(alert.source_id) else alert.source_id,
        native_id=alert.native_id, change_id=version.change_id,
        advisory_id=version.advisory_id, audience=audience_of(connection, version.id), drill=alert.mode == Mode.DRILL,
    )  # fmt: skip
