"""Proof: every alert, recipient and source accounted for, or listed as a gap (DESIGN promises 5 and 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core import chain
from core.clock import iso
from core.i18n import Message, t
from notify.account import expected_people
from notify.grounds import FORBIDDEN, REFUSALS
from notify.since import said_since
from notify.store import alerts as alert_store
from notify.store import proof as store
from notify.store.grounds import without_ground
from notify.tables import AlertStatus, AlertVersion, VersionKind
from notify.timekeeping import behind
from notify.words import held_kind, reason_words, state_words, status_words
from sources import store as source_store
from sources.model import AdvisoryChange, ChangeKind
from sources.read import SourceReport, SourceStatus
from sources.store import StoredChange

SHOWN = 20


@dataclass(frozen=True)
class GapFound:
    """Something not accounted for: a kind, what it is about, and a sentence."""

    kind: str
    subject: str
    message: Message


def gaps(connection: Connection, *, as_of: datetime | None = None, alert_id: int | None = None) -> list[GapFound]:
    """Return what is not accounted for: of one night, of one alert, or of everything."""
    found: list[GapFound] = []
    versions = store.released_versions(connection, as_of, alert_id)
    for row in versions:
        found += _version_gaps(connection, row.id)
    for one in (one for row in versions for one in store.troubles(connection, row.alert_id, row.id)):
        message = t(
            "Alert {alert}: {count} notices are {state} ({reason}).",
            alert=one.alert_id, count=one.count, state=state_words(one.state), reason=reason_words(one.reason),
        )  # fmt: skip
        kind = held_kind(one.reason) or f"delivery-{one.state.removeprefix('provider_')}"
        found.append(GapFound(kind, f"alert/{one.alert_id}", message))
    if alert_id is None:
        found += waiting(connection)
    return found


def _version_gaps(connection: Connection, version_id: int) -> list[GapFound]:
    found: list[GapFound] = []
    version = alert_store.version(connection, version_id)
    if version.status == AlertStatus.CANCELED:
        return found
    if version.paused_at is not None:
        found.append(GapFound("alert-paused", f"alert/{version.alert_id}", t(
            "Alert {alert} is paused since {moment} by {user}: nothing more of it leaves.",
            alert=version.alert_id, moment=iso(version.paused_at), user=version.paused_by or "?")))  # fmt: skip
    by_hand = store.told_by_hand(connection, version.alert_id, version_id)
    ungrounded = without_ground(connection, version_id)
    for reason in REFUSALS:
        people = [one for one, why in ungrounded.items() if why == reason and one not in by_hand]
        if people:
            found.append(GapFound(reason, f"alert/{version.alert_id}", _untold(version.alert_id, reason, people)))
    accounted = by_hand | set(ungrounded)
    nowhere = [one for one in store.unreachable(connection, version_id) if one not in accounted]
    if nowhere:
        message = t("Alert {alert}: {count} people have no address that can be used: {people}.",
                    alert=version.alert_id, count=len(nowhere), people=_short(nowhere))  # fmt: skip
        found.append(GapFound("unreachable", f"alert/{version.alert_id}", message))
    return found + _not_planned(connection, version)


def _not_planned(connection: Connection, version: AlertVersion) -> list[GapFound]:
    who = expected_people(connection, version)
    absent = [] if who is None else store.missed(connection, version, who)
    if not absent:
        return []
    facts = {"alert": version.alert_id, "count": len(absent), "people": _short(absent)}
    if version.kind == VersionKind.FIRST:
        message = t("Alert {alert}: {count} people were in the place and were not planned for: {people}.", **facts)
    else:
        message = t("Alert {alert}: {count} people were told before and are not planned for in version {no}: {people}.",
                    no=version.no, **facts)  # fmt: skip
    return [GapFound("not-planned", f"alert/{version.alert_id}", message)]


def _untold(alert_id: int, reason: str, people: Sequence[int]) -> Message:
    if reason == FORBIDDEN:
        return t("Alert {alert}: {count} people were not told, because providers abroad are switched off and they have no other "
                 "address: {people}.", alert=alert_id, count=len(people), people=_short(people))  # fmt: skip
    return t("Alert {alert}: {count} people were not told, because they did not agree to providers abroad, this is no "
             "emergency, and they have no other address: {people}.",
             alert=alert_id, count=len(people), people=_short(people))  # fmt: skip


def waiting(connection: Connection) -> list[GapFound]:
    """What waits for a person: drafts, held changes, and changes nobody decided."""
    found = []
    for version in alert_store.versions(
        connection, status=[AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED]
    ):
        message = t(
            "Alert {alert} waits: {status}. {title}",
            alert=version.alert_id,
            status=status_words(version.status),
            title=version.title_zh,
        )
        found.append(GapFound("alert-waiting", f"alert/{version.alert_id}", _with_since(connection, version, message)))
    held = source_store.undecided(connection, held=True)
    for source in sorted({one.change.source for one in held}):
        count = sum(one.change.source == source for one in held)
        message = t(
            "{source}: {count} changes at once are held. See `lingbao sources held`.", source=source, count=count
        )
        found.append(GapFound("changes-held", f"source/{source}", message))
        found += [_held(one) for one in held if one.change.source == source and _is_grave(one.change)][:SHOWN]
    for one in source_store.undecided(connection):
        message = t(
            "{source}: a change was not decided: {title}", source=one.change.source, title=one.change.advisory.title
        )
        found.append(GapFound("change-undecided", f"change/{one.id}", message))
    return found


def _is_grave(change: AdvisoryChange) -> bool:
    """Tell whether a held change says do not go, or reconsider: these are named one by one, for no rule sends them now."""
    level = change.advisory.level
    return change.kind in {ChangeKind.NEW, ChangeKind.RAISED} and isinstance(level, int) and level >= 3


def _held(one: StoredChange) -> GapFound:
    advisory = one.change.advisory
    message = t("Held, nobody was told: level {level}, {countries}. {title}", level=advisory.level,
                countries=", ".join(advisory.countries) or "?", title=advisory.title)  # fmt: skip
    return GapFound("change-held", f"change/{one.id}", message)


def _with_since(connection: Connection, version: AlertVersion, message: Message) -> Message:
    since = said_since(connection, version)
    return message if since is None else t("{message} {since}", message=message, since=since)


def source_gaps(reports: Sequence[SourceReport]) -> list[GapFound]:
    """Return the sources that were not read, and the entries that were not understood."""
    found = []
    for report in reports:
        subject = f"source/{report.source}"
        if report.status is not SourceStatus.READ and report.reason is not None:
            found.append(GapFound(f"source-{report.status}", subject, report.reason))
        found += [GapFound("source-part-unread", subject, one) for one in report.unread]
        found += [_partly(change) for change in report.changes if _is_partly_placed(change)]
        for one in report.quarantined:
            message = t("{source}: {entry}: {reason}", source=report.source, entry=one.entry, reason=one.reason)
            found.append(GapFound("entry-quarantined", subject, message))
    return found


def _is_partly_placed(change: AdvisoryChange) -> bool:
    """Tell whether a change names a place beside the countries that are known: people there may have been told nothing."""
    one = change.advisory
    rising = change.kind in {ChangeKind.NEW, ChangeKind.RAISED}
    return rising and bool(one.countries) and bool(one.unresolved or one.ambiguous)


def _partly(change: AdvisoryChange) -> GapFound:
    one = change.advisory
    words = ", ".join((*one.unresolved, *one.ambiguous))
    message = t("{source}: read as {countries} only; not placed: {words}. {title}", source=change.source,
                countries=", ".join(one.countries), words=words, title=one.title)  # fmt: skip
    return GapFound("partly-placed", f"source/{change.source}", message)


def clock_gaps(connection: Connection, now: datetime) -> list[GapFound]:
    """Say if the clock of this machine is behind what was written with it: notices may be late by as much."""
    late = behind(connection, now)
    if not late:
        return []
    minutes = round(late.total_seconds() / 60)
    message = t("The clock of this machine is {minutes} minutes behind what is in the ledger. Set it; until then notices may be late.",
                minutes=minutes)  # fmt: skip
    return [GapFound("clock-behind", "clock", message)]


def seal(connection: Connection, now: datetime) -> int:
    """Seal what was written since the last seal; return the number of rows."""
    return chain.seal_batch(connection, store.CHAINED, now)


def verify(connection: Connection) -> list[chain.Fault]:
    """Recompute the whole chain; return the seals that do not hold."""
    return list(chain.verify(connection, store.CHAINED))


def _short(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:SHOWN])
    return shown if len(numbers) <= SHOWN else f"{shown}, …"
