"""Posts to groups: planned together with the notices to people, sent by the same outbox, and told apart in every count.

Nobody knows who reads a group. So a post has no recipient, counts nobody as told, and is never a step of anybody's ladder. It
is not kept back at night: what a chat may ring for is for each of its members to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from core.group_bots import GroupBot
from notify.groups import concerned
from notify.own.audience import audience_of
from notify.store import alerts as alert_store
from notify.store import groups as store
from notify.tables import AlertVersion, VersionKind

log = structlog.get_logger(__name__)


def plan(connection: Connection, version: AlertVersion, groups: Sequence[GroupBot], now: datetime) -> int:
    """Plan the posts of a version that goes out. Repeatable. Returns how many are new.

    A group that heard of an earlier version hears of every later one. What goes to the told only, and an all-clear, goes to
    no other group. What is for some people only goes to none: who reads there is not asked.
    """
    assert version.id is not None
    if not groups or audience_of(connection, version.id).names_people:
        return 0
    countries = [place.country for place in alert_store.places(connection, version.id)]
    told = store.told(connection, version.alert_id, version.id)
    ours = concerned(groups, countries, version.level, told)
    if version.told_only or version.kind == VersionKind.ALL_CLEAR:
        ours = [one for one in ours if one.name in told]
    texts = store.texts(connection, version.id)
    lacking = sorted({one.kind for one in ours} - texts.keys())
    if lacking:
        log.warning("no text for groups", version=version.id, channels=lacking)
    posts = [(one.kind, one.name, texts[one.kind]) for one in ours if one.kind in texts]
    return store.insert(connection, version.id, posts, priority=4 - (version.level or 0), now=now)
