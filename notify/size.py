"""How large a version is, and so whether a second person must release it (DESIGN promise 10)."""

from __future__ import annotations

from sqlalchemy import Connection

from core.i18n import Message, t
from notify.own.model import OWN
from notify.rules.approval import Size, needs_second
from notify.rules.model import Approval
from notify.store import alerts as store
from notify.store.chain import reach
from notify.tables import AlertVersion


def size_of(connection: Connection, version: AlertVersion) -> Size:
    """Return the people a version would be told to, its level and its countries. To be asked before it is released."""
    assert version.id is not None
    earlier = [one for one in store.told_versions(connection, version.alert_id) if one < version.id]
    return Size(sum(reach(connection, version, earlier)), version.level, len(store.places(connection, version.id)))


def second_person(
    connection: Connection, version: AlertVersion, approval: Approval, size: Size | None = None
) -> Message | None:
    """Return why a second person must release a version; None if one is enough. What was pasted always needs two.

    Args:
        size: of the version, where it was counted before.
    """
    alert = store.alert(connection, version.alert_id)
    if alert is not None and alert.source_id == OWN:
        return t("A second person must release it: its words were read elsewhere, and pasted.")
    return needs_second(size or size_of(connection, version), approval)
