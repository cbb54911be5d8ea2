"""SQL of alerts: versions, places, situations and texts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select, true, update

from core.tables import Audit, Instance, Mode, table
from notify.model import AlertDraft, NoticeText
from notify.own.tables import AlertAudience
from notify.tables import Alert, AlertPlace, AlertStatus, AlertText, AlertVersion, Situation
from notify.texts.rules import LATER, READERS
from sources.tables import ChangeRow

ALERTS, VERSIONS, PLACES = table(Alert), table(AlertVersion), table(AlertPlace)
TEXTS, SITUATIONS, INSTANCES, AUDIT = table(AlertText), table(Situation), table(Instance), table(Audit)
CHANGES, AUDIENCES = table(ChangeRow), table(AlertAudience)
OPENED, EDITED = "alert.open", "alert.edit"
IN_FORCE = timedelta(days=90)
WINDOW = timedelta(hours=72)
ABROAD = READERS[0]


def instance(connection: Connection) -> Instance:
    """Return which instance this is, and its mode."""
    return Instance(**connection.execute(select(INSTANCES)).mappings().one())


def by_origin(connection: Connection, origin_key: str) -> int | None:
    """Return the alert that came from this origin, if there is one."""
    return connection.execute(select(ALERTS.c.id).where(ALERTS.c.origin_key == origin_key)).scalar()


def by_change(connection: Connection, change_id: int) -> int | None:
    """Return the version that came from this change, be it the first of an alert or a later one."""
    return connection.execute(select(VERSIONS.c.id).where(VERSIONS.c.change_id == change_id).limit(1)).scalar()


def told_of(connection: Connection, source: str, native_id: str) -> int | None:
    """Return the newest alert in force whose last word came from this entry of this source.

    Where another source has spoken later in the same alert, the end of an earlier word must not end the later one.
    """
    last = select(VERSIONS.c.change_id).where(
        VERSIONS.c.alert_id == ALERTS.c.id, VERSIONS.c.released_at.is_not(None), VERSIONS.c.change_id.is_not(None)
    )
    change_id = last.order_by(VERSIONS.c.no.desc()).limit(1).correlate(ALERTS).scalar_subquery()
    spoken = ALERTS.outerjoin(CHANGES, CHANGES.c.id == change_id)
    query = (
        select(ALERTS.c.id)
        .select_from(spoken)
        .where(
            func.coalesce(CHANGES.c.source_id, ALERTS.c.source_id) == source,
            func.coalesce(CHANGES.c.native_id, ALERTS.c.native_id) == native_id,
            ALERTS.c.closed_at.is_(None),
            exists().where(VERSIONS.c.alert_id == ALERTS.c.id, VERSIONS.c.released_at.is_not(None)),
        )
    )
    return connection.execute(query.order_by(ALERTS.c.id.desc()).limit(1)).scalar()


def insert_alert(connection: Connection, draft: AlertDraft, *, actor: str, now: datetime) -> int:
    """Write the alert a draft opens; return its number."""
    here = instance(connection)
    values = {
        "origin_key": draft.origin_key, "source_id": draft.source_id, "native_id": draft.native_id, "hazard": draft.hazard,
        "mode": Mode.DRILL if draft.drill else here.mode, "instance_uid": here.uid, "as_of": draft.as_of,
        "in_force_until": draft.as_of + IN_FORCE, "created_at": now, "created_by": actor,
    }  # fmt: skip
    return int(connection.execute(insert(ALERTS).values(values).returning(ALERTS.c.id)).scalar_one())


def insert_version(
    connection: Connection, alert_id: int, draft: AlertDraft, *, actor: str, now: datetime, day: date
) -> int:
    """Write a version as a draft; return its number. `day` is the day of the office whose whereabouts count."""
    newest = select(func.coalesce(func.max(VERSIONS.c.no), 0)).where(VERSIONS.c.alert_id == alert_id)
    values = {
        "alert_id": alert_id, "no": connection.execute(newest).scalar_one() + 1, "kind": draft.kind,
        "status": AlertStatus.DRAFT, "level": draft.level, "level_words": draft.level_words,
        "title_zh": draft.title_zh, "title_en": draft.title_en, "body_zh": draft.body_zh, "body_en": draft.body_en,
        "origin_name": f"{draft.origin_zh}|{draft.origin_en}", "url": draft.url,
        "contacts": [[c.label, c.number] for c in draft.contacts], "channels": list(draft.channels),
        "every_channel": draft.every_channel, "quiet": draft.quiet, "ask_safe": draft.ask_safe,
        "include_doubtful": draft.include_doubtful, "told_only": draft.told_only,
        "validity_minutes": draft.validity_minutes, "rule": draft.rule, "policy": draft.policy,
        "template": draft.template,
        "change_id": draft.change_id, "advisory_id": draft.advisory_id, "as_of": draft.as_of, "day": day,
        "issued_at": draft.issued_at, "created_at": now, "created_by": actor,
    }  # fmt: skip
    return int(connection.execute(insert(VERSIONS).values(values).returning(VERSIONS.c.id)).scalar_one())


def set_places(connection: Connection, version_id: int, draft: AlertDraft) -> None:
    """Write where a version applies, and to whom there; each country joins its running situation or opens one.

    A drill is part of no situation: what really happens must not be joined to it.
    """
    connection.execute(delete(PLACES).where(PLACES.c.version_id == version_id))
    connection.execute(delete(AUDIENCES).where(AUDIENCES.c.version_id == version_id))
    for kind, word, number in draft.audience.rows():
        values = {"version_id": version_id, "kind": kind, "word": word, "number": number}
        connection.execute(insert(AUDIENCES).values(values))
    for country in draft.countries:
        situation = None if draft.drill else _situation(connection, country, draft.hazard, draft.as_of)
        region = "、".join(draft.regions)
        values = {"version_id": version_id, "country": country, "region": region, "situation_id": situation}
        connection.execute(insert(PLACES).values(values))


def no_drill(connection: Connection) -> ColumnElement[bool]:
    """Return the condition that an alert is no drill; in an instance that is in drill as a whole, of every alert."""
    return true() if instance(connection).mode == Mode.DRILL else ALERTS.c.mode != Mode.DRILL


def is_drill(connection: Connection, alert_id: int) -> bool:
    """Tell whether an alert is a drill."""
    return connection.execute(select(ALERTS.c.mode).where(ALERTS.c.id == alert_id)).scalar() == Mode.DRILL


def drills(connection: Connection, version_ids: Collection[int]) -> frozenset[int]:
    """Return those of these versions that are drills in an instance that is not one as a whole."""
    apart = (VERSIONS.c.id.in_(version_ids), ~no_drill(connection))
    query = select(VERSIONS.c.id).join(ALERTS, ALERTS.c.id == VERSIONS.c.alert_id).where(*apart)
    return frozenset(connection.execute(query).scalars())


def _situation(connection: Connection, country: str, hazard: str, as_of: datetime) -> int:
    running = select(SITUATIONS.c.id).where(
        SITUATIONS.c.country == country, SITUATIONS.c.hazard == hazard, SITUATIONS.c.last_at >= as_of - WINDOW
    )
    found = connection.execute(running.order_by(SITUATIONS.c.id.desc()).limit(1)).scalar()
    if found is not None:
        connection.execute(update(SITUATIONS).where(SITUATIONS.c.id == found).values(last_at=as_of))
        return int(found)
    values = {"country": country, "hazard": hazard, "opened_at": as_of, "last_at": as_of}
    return int(connection.execute(insert(SITUATIONS).values(values).returning(SITUATIONS.c.id)).scalar_one())


def set_texts(connection: Connection, version_id: int, texts: Sequence[NoticeText], now: datetime) -> None:
    """Write the texts of a draft in place of earlier ones."""
    connection.execute(delete(TEXTS).where(TEXTS.c.version_id == version_id))
    add_texts(connection, version_id, texts, now)


def add_texts(connection: Connection, version_id: int, texts: Sequence[NoticeText], now: datetime) -> None:
    """Write further texts of a version beside those it has."""
    rows = [
        {"version_id": version_id, "language": one.language, "channel": one.channel, "variant": one.variant,
         "subject": one.subject, "body": one.body, "html": one.html, "template": one.template,
         "variables": dict(one.variables), "parts": one.parts, "wording": one.wording, "created_at": now}
        for one in texts
    ]  # fmt: skip
    connection.execute(insert(TEXTS), rows)


def texts(connection: Connection, version_id: int) -> list[AlertText]:
    """Return the texts of a version."""
    query = select(TEXTS).where(TEXTS.c.version_id == version_id).order_by(TEXTS.c.id)
    return [AlertText(**row) for row in connection.execute(query).mappings()]


def channels_written(connection: Connection, version_id: int) -> frozenset[str]:
    """Return the channels a version has texts for."""
    query = select(TEXTS.c.channel).where(TEXTS.c.version_id == version_id).distinct()
    return frozenset(connection.execute(query).scalars())


def texts_written(connection: Connection, version_id: int) -> list[tuple[str, str]]:
    """Return the channels and languages a version has texts for."""
    query = select(TEXTS.c.channel, TEXTS.c.language).where(TEXTS.c.version_id == version_id).distinct()
    return [
        (row.channel, row.language) for row in connection.execute(query.order_by(TEXTS.c.channel, TEXTS.c.language))
    ]


def languages_written(connection: Connection, version_id: int, *, newcomers: bool = False) -> frozenset[str]:
    """Return the languages in which whoever a version is for finds a text; with `newcomers`, also one that says since when."""
    wanted = {ABROAD, LATER + ABROAD} if newcomers else {ABROAD}
    query = select(TEXTS.c.language).where(TEXTS.c.version_id == version_id, TEXTS.c.variant.in_(wanted))
    whole = query.group_by(TEXTS.c.language).having(func.count(TEXTS.c.variant.distinct()) == len(wanted))
    return frozenset(connection.execute(whole).scalars())


def apart(connection: Connection, version_id: int) -> list[str]:
    """Return the countries for which a version has texts of their own."""
    mine = (TEXTS.c.version_id == version_id, TEXTS.c.variant.contains("."))
    variants = connection.execute(select(TEXTS.c.variant).where(*mine).distinct()).scalars()
    return sorted({variant.rpartition(".")[2] for variant in variants})


def alert(connection: Connection, alert_id: int) -> Alert | None:
    """Return an alert."""
    row = connection.execute(select(ALERTS).where(ALERTS.c.id == alert_id)).mappings().first()
    return Alert(**row) if row else None


def version(connection: Connection, version_id: int) -> AlertVersion:
    """Return a version."""
    return AlertVersion(**connection.execute(select(VERSIONS).where(VERSIONS.c.id == version_id)).mappings().one())


def newest_version(connection: Connection, alert_id: int) -> AlertVersion:
    """Return the newest version of an alert."""
    query = select(VERSIONS).where(VERSIONS.c.alert_id == alert_id).order_by(VERSIONS.c.no.desc()).limit(1)
    return AlertVersion(**connection.execute(query).mappings().one())


def places(connection: Connection, version_id: int) -> list[AlertPlace]:
    """Return where a version applies, by country."""
    query = select(PLACES).where(PLACES.c.version_id == version_id).order_by(PLACES.c.country)
    return [AlertPlace(**row) for row in connection.execute(query).mappings()]


def countries(connection: Connection, version_ids: Sequence[int]) -> list[str]:
    """Return where any of these versions applies, as ISO codes in order."""
    query = select(PLACES.c.country).where(PLACES.c.version_id.in_(version_ids)).distinct()
    return list(connection.execute(query.order_by(PLACES.c.country)).scalars())


def move(connection: Connection, version_id: int, old: Sequence[AlertStatus], new: AlertStatus, **values: Any) -> bool:
    """Move a version from one of the `old` states to `new`; False if somebody else moved it first."""
    query = update(VERSIONS).where(VERSIONS.c.id == version_id, VERSIONS.c.status.in_(old))
    return connection.execute(query.values(status=new, **values)).rowcount == 1


def close_alert(connection: Connection, alert_id: int, now: datetime) -> None:
    """End the force of an alert."""
    connection.execute(update(ALERTS).where(ALERTS.c.id == alert_id).values(closed_at=now))


def reopen(connection: Connection, alert_id: int) -> None:
    """Put an alert back in force: what followed its end says that it was none."""
    connection.execute(
        update(ALERTS).where(ALERTS.c.id == alert_id, ALERTS.c.closed_at.is_not(None)).values(closed_at=None)
    )


def limit_force(connection: Connection, alert_id: int, until: datetime) -> None:
    """Let the force of an alert end at a moment of its own."""
    connection.execute(update(ALERTS).where(ALERTS.c.id == alert_id).values(in_force_until=until))


def by_rule(connection: Connection, alert_id: int, rule: str) -> tuple[int, ...]:
    """Return the released versions of an alert that a rule made, oldest first; what was cancelled is left out."""
    v = VERSIONS.c
    query = select(v.id).where(v.alert_id == alert_id, v.rule == rule, v.released_at.is_not(None))
    return tuple(connection.execute(query.where(v.status != AlertStatus.CANCELED).order_by(v.no)).scalars())


def versions(
    connection: Connection, *, status: Sequence[AlertStatus] = (), as_of: datetime | None = None
) -> list[AlertVersion]:
    """Return versions, newest first; only of some states, or of one night, and then without drills in a live office."""
    query = select(VERSIONS).order_by(VERSIONS.c.id.desc())
    if status or as_of is not None:
        query = query.where(VERSIONS.c.alert_id.in_(select(ALERTS.c.id).where(no_drill(connection))))
    if status:
        query = query.where(VERSIONS.c.status.in_(status))
    if as_of is not None:
        query = query.where(VERSIONS.c.as_of == as_of)
    return [AlertVersion(**row) for row in connection.execute(query).mappings()]


def end_sending(connection: Connection, version_ids: Sequence[int], now: datetime) -> None:
    """Let nothing more of these versions leave, not even what a provider turns out not to have: their time is over. Whoever
    paused one need not let it go on: there is nothing left to go on with.
    """
    over = {"send_by": now, "paused_at": None, "paused_by": None}
    connection.execute(update(VERSIONS).where(VERSIONS.c.id.in_(version_ids)).values(over))


def authors(connection: Connection, version_id: int) -> set[str]:
    """Return everybody who had a hand in the words of a version: who opened it, and who edited it later."""
    mine = AUDIT.c.object == subject(version_id)
    query = select(AUDIT.c.actor).where(mine, AUDIT.c.action.in_([OPENED, EDITED]))
    return set(connection.execute(query).scalars())


def last_edit(connection: Connection, version_id: int) -> tuple[str, datetime] | None:
    """Return who edited a version last, and when; None if nobody did."""
    mine = (AUDIT.c.object == subject(version_id), AUDIT.c.action == EDITED)
    row = connection.execute(
        select(AUDIT.c.actor, AUDIT.c.at).where(*mine).order_by(AUDIT.c.id.desc()).limit(1)
    ).first()
    return None if row is None else (row.actor, row.at)


def subject(version_id: int) -> str:
    """Return how the audit names a version."""
    return f"alert_version/{version_id}"


def told_versions(connection: Connection, alert_id: int) -> list[int]:
    """Return the released versions of an alert, oldest first."""
    query = select(VERSIONS.c.id).where(VERSIONS.c.alert_id == alert_id, VERSIONS.c.released_at.is_not(None))
    return list(connection.execute(query.order_by(VERSIONS.c.no)).scalars())


def finish_sent(connection: Connection, unfinished: Any) -> int:
    """Mark as done every sending version for which `unfinished` (a query of version ids) names no open delivery."""
    query = update(VERSIONS).where(VERSIONS.c.status == AlertStatus.SENDING, VERSIONS.c.id.not_in(unfinished))
    return connection.execute(query.values(status=AlertStatus.DONE)).rowcount
