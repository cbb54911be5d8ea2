"""What the publisher has said since a draft was made: whoever is about to release it must know."""

from __future__ import annotations

from sqlalchemy import Connection

from core.i18n import Message, t
from notify.store import alerts as alert_store
from notify.tables import AlertVersion
from sources import store as source_store
from sources.change import Entry


def said_since(connection: Connection, version: AlertVersion) -> Message | None:
    """Tell how the source's word has changed since a version was drafted from it; None if it stands, or it is an officer's own."""
    alert = alert_store.alert(connection, version.alert_id)
    if alert is None or version.change_id is None or alert.source_id is None or alert.native_id is None:
        return None
    entry = source_store.entry(connection, alert.source_id, alert.native_id)
    return None if entry is None else _said(version, entry)


def _said(version: AlertVersion, entry: Entry) -> Message | None:
    now = entry.advisory.level
    if entry.gone:
        return t("The source has withdrawn it since.")
    if entry.expired:
        return t("Its validity has ended since.")
    if version.level is not None and now != version.level:
        return t("The source now says level {level}.", level=now)
    return None
