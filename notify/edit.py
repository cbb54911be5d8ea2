"""Editing a draft: an officer names its countries, sets its level or mends its words. What was submitted stands."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from core.errors import BadInput
from core.i18n import t
from core.tables import Mode
from notify.alerts import Acting, note, write_texts
from notify.model import OFFICER, AlertDraft, manner_of
from notify.own.audience import audience_of
from notify.own.model import is_ours
from notify.store import alerts as store
from notify.tables import AlertStatus, AlertVersion, VersionKind
from notify.words import status_words
from sources.model import Contact

EDITABLE = ("level", "title_zh", "title_en", "every_channel", "quiet", "include_doubtful")


@dataclass(frozen=True)
class Edit:
    """What is to change; None leaves a thing as it is."""

    countries: tuple[str, ...] | None = None
    level: int | None = None
    title_zh: str | None = None


def edit(connection: Connection, version: AlertVersion, wanted: Edit, acting: Acting) -> None:
    """Change a draft. Who edits is an author of it too (see the audit), and cannot approve it.

    A new level changes how it goes out as well: what is raised to 4 wakes people, and goes over every channel.

    Raises:
        BadInput: it is no draft any more.
    """
    assert version.id is not None
    draft = as_draft(connection, version)
    changed = replace(
        draft,
        countries=draft.countries if wanted.countries is None else wanted.countries,
        level=draft.level if wanted.level is None else wanted.level,
    )
    if wanted.title_zh:
        # The English form quotes the Chinese one: mended in one language only, two people would read two things.
        title_en = draft.title_en.replace(draft.title_zh, wanted.title_zh)
        changed = replace(changed, title_zh=wanted.title_zh, title_en=title_en)
    if wanted.level is not None:
        changed = replace(changed, **vars(manner_of(wanted.level, acting.rules.quiet.broken_by)))
    values = {name: getattr(changed, name) for name in EDITABLE}
    if not store.move(connection, version.id, [AlertStatus.DRAFT], AlertStatus.DRAFT, **values):
        status = status_words(store.version(connection, version.id).status)
        raise BadInput(t("Alert {number} is {status} now: only a draft can be changed.",
                         number=version.alert_id, status=status))  # fmt: skip
    store.set_places(connection, version.id, changed)
    write_texts(connection, version.id, changed, acting)
    note(connection, acting, store.EDITED, version.id)


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
