"""SQL of the office's own alerts: audiences, saved groups, schedules, pasted notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from core.tables import table
from notify.own.model import Audience, Target
from notify.own.tables import AlertAudience, AlertGroup, AlertGroupMember, AlertSchedule, OwnNotice, ScheduleState
from notify.tables import AlertPlace, Recipient
from registry.scope.among import Kin

AUDIENCES, GROUPS, MEMBERS = table(AlertAudience), table(AlertGroup), table(AlertGroupMember)
SCHEDULES, NOTICES, PLACES = table(AlertSchedule), table(OwnNotice), table(AlertPlace)
RECIPIENTS = table(Recipient)
ROWS = 400
"""Members written by one statement."""


def audience(connection: Connection, version_id: int) -> Audience:
    """Return whom a version is for within its countries."""
    a = AUDIENCES.c
    query = select(a.kind, a.word, a.number).where(a.version_id == version_id).order_by(a.kind, a.word, a.number)
    found: dict[Target, list[Any]] = {kind: [] for kind in Target}
    for row in connection.execute(query):
        found[Target(row.kind)].append(row.word or row.number)
    return Audience(
        tuple(found[Target.PLACE]),
        tuple(found[Target.EMPLOYER]),
        tuple(found[Target.PERSON]),
        tuple(found[Target.GROUP]),
    )


def countries(connection: Connection, version_id: int) -> list[str]:
    """Return the countries of a version."""
    query = select(PLACES.c.country).where(PLACES.c.version_id == version_id).order_by(PLACES.c.country)
    return list(connection.execute(query).scalars())


def members(connection: Connection, version_id: int, wanted: Audience) -> tuple[list[Kin], list[Select[Any]]]:
    """Return who is meant by employers, people and groups of a version: what they have in common, and lists of their ids."""
    groups = groups_of(connection, wanted.groups)
    kin = [Kin(tuple(one.employers), tuple(one.kinds)) for one in groups if one.employers or one.kinds]
    if wanted.employers:
        kin.append(Kin(employers=wanted.employers))
    listed: list[Select[Any]] = []
    if wanted.groups:
        listed.append(select(MEMBERS.c.registrant_id).where(MEMBERS.c.group_id.in_(wanted.groups)))
    if wanted.people:
        # Read from the rows of the version: named here, a few thousand would be too many for one statement.
        mine = (AUDIENCES.c.version_id == version_id, AUDIENCES.c.kind == Target.PERSON)
        listed.append(select(AUDIENCES.c.number).where(*mine))
    return kin, listed


def count(connection: Connection, people: Select[Any]) -> int:
    """Count the rows of a query of people."""
    return int(connection.execute(select(func.count()).select_from(people.subquery())).scalar_one())


def some_people(connection: Connection, version_id: int, limit: int) -> list[int]:
    """Return people a version is planned for, by number, `limit` at most."""
    query = select(RECIPIENTS.c.registrant_id).where(RECIPIENTS.c.version_id == version_id)
    return list(connection.execute(query.order_by(RECIPIENTS.c.registrant_id).limit(limit)).scalars())


def count_companies(connection: Connection, version_id: int) -> int:
    """Count the employers of the people a version is planned for."""
    query = select(func.count(RECIPIENTS.c.employer_id.distinct())).where(RECIPIENTS.c.version_id == version_id)
    return int(connection.execute(query).scalar_one())


def add_group(connection: Connection, group: AlertGroup, people: Sequence[int]) -> int:
    """Write a group and its members by name; return its number."""
    values = group.model_dump(exclude={"id"})
    number = int(connection.execute(insert(GROUPS).values(values).returning(GROUPS.c.id)).scalar_one())
    rows = [{"group_id": number, "registrant_id": one} for one in dict.fromkeys(people)]
    for start in range(0, len(rows), ROWS):
        connection.execute(insert(MEMBERS), rows[start : start + ROWS])
    return number


def group_named(connection: Connection, name: str) -> AlertGroup | None:
    """Return the group that has a name now."""
    query = select(GROUPS).where(GROUPS.c.name == name, GROUPS.c.removed_at.is_(None))
    row = connection.execute(query).mappings().first()
    return AlertGroup(**row) if row else None


def groups(connection: Connection) -> list[AlertGroup]:
    """Return the groups that stand, by name."""
    query = select(GROUPS).where(GROUPS.c.removed_at.is_(None)).order_by(GROUPS.c.name)
    return [AlertGroup(**row) for row in connection.execute(query).mappings()]


def groups_of(connection: Connection, numbers: Sequence[int]) -> list[AlertGroup]:
    """Return groups by their numbers, those whose name was taken away too: an alert keeps the one it was written for."""
    query = select(GROUPS).where(GROUPS.c.id.in_(numbers)).order_by(GROUPS.c.id)
    return [AlertGroup(**row) for row in connection.execute(query).mappings()]


def members_of(connection: Connection, group_id: int) -> list[int]:
    """Return the people who are in a group by name."""
    query = select(MEMBERS.c.registrant_id).where(MEMBERS.c.group_id == group_id).order_by(MEMBERS.c.registrant_id)
    return list(connection.execute(query).scalars())


def remove_group(connection: Connection, group_id: int, *, by: str, now: datetime) -> None:
    """Take the name of a group away."""
    connection.execute(update(GROUPS).where(GROUPS.c.id == group_id).values(removed_at=now, removed_by=by))


def add_schedule(connection: Connection, schedule: AlertSchedule) -> int:
    """Write a schedule; return its number."""
    values = schedule.model_dump(exclude={"id"})
    return int(connection.execute(insert(SCHEDULES).values(values).returning(SCHEDULES.c.id)).scalar_one())


def end_schedule(
    connection: Connection, schedule_id: int, state: ScheduleState, now: datetime, *, reason: str = ""
) -> bool:
    """End a schedule that waits; False if somebody else ended it first."""
    query = update(SCHEDULES).where(SCHEDULES.c.id == schedule_id, SCHEDULES.c.state == ScheduleState.WAITING)
    return connection.execute(query.values(state=state, reason=reason[:200], done_at=now)).rowcount == 1


def waiting_schedule(connection: Connection, version_id: int) -> AlertSchedule | None:
    """Return the schedule of a version that waits, if there is one."""
    s = SCHEDULES.c
    query = select(SCHEDULES).where(s.version_id == version_id, s.state == ScheduleState.WAITING)
    row = connection.execute(query).mappings().first()
    return AlertSchedule(**row) if row else None


def schedules(connection: Connection, *, due: datetime | None = None) -> list[AlertSchedule]:
    """Return schedules: all, the newest first; with `due`, those that wait and whose moment has come, the oldest first."""
    s = SCHEDULES.c
    query = select(SCHEDULES).order_by(s.id.desc())
    if due is not None:
        query = select(SCHEDULES).where(s.state == ScheduleState.WAITING, s.at <= due).order_by(s.at, s.id)
    return [AlertSchedule(**row) for row in connection.execute(query).mappings()]


def add_notice(connection: Connection, notice: OwnNotice) -> None:
    """Write down where a pasted notice came from."""
    connection.execute(insert(NOTICES).values(notice.model_dump(exclude={"id"})))


def home_notices(connection: Connection) -> dict[int, datetime]:
    """Return the alerts that were pasted in the name of an authority at home, each with the moment it was pasted."""
    rows = connection.execute(select(NOTICES.c.alert_id, NOTICES.c.created_at).where(NOTICES.c.home))
    return {row.alert_id: row.created_at for row in rows}


def notice_of(connection: Connection, sha256: str) -> OwnNotice | None:
    """Return the pasted notice with exactly this text, if there is one."""
    row = connection.execute(select(NOTICES).where(NOTICES.c.sha256 == sha256)).mappings().first()
    return OwnNotice(**row) if row else None
