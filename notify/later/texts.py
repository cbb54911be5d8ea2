"""The texts for newcomers: the words that stand, worded as a first notice that says when it was issued, and that it still stands."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from notify import alerts
from notify.alerts import Acting
from notify.compose import compose
from notify.edit import as_draft
from notify.later import store
from notify.model import AlertDraft
from notify.routing import text_channels
from notify.store import alerts as alert_store
from notify.tables import AlertVersion, VersionKind
from notify.texts.rules import FORMS, LATER
from notify.wordings import phrasebook


def as_newcomers_read(draft: AlertDraft) -> AlertDraft:
    """Return what a version says to somebody who has heard nothing of its alert before."""
    return replace(draft, kind=VersionKind.FIRST, since=draft.issued_at or draft.as_of)


def write_texts(connection: Connection, version: AlertVersion, acting: Acting) -> None:
    """Compose and store the texts for newcomers, once a version, before anything of it can be sent to them.

    What stood at first sight has no texts at all until somebody comes: they are written too.
    """
    assert version.id is not None
    if store.has_texts(connection, version.id):
        return
    draft = as_draft(connection, version)
    if not alert_store.channels_written(connection, version.id):
        alerts.write_texts(connection, version.id, draft, acting)
    told = as_newcomers_read(draft)
    channels = [one for one in text_channels(draft.channels, acting.transfer.in_use) if FORMS[one] != "group"]
    made = compose(
        replace(told, channels=tuple(channels)), acting.office, phrasebook(connection, acting.texts, told.template)
    )
    alert_store.add_texts(
        connection, version.id, [replace(one, variant=LATER + one.variant) for one in made], acting.now
    )
