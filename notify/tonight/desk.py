"""Everything that needs a person now, and the verdict in one line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.i18n import Message, t
from notify import watchdog
from notify.brief_now import ONLY_HERE, RollCall, roll_calls
from notify.budgets import Stand, day_of
from notify.canary import store as canary_store
from notify.canary.tables import Canary
from notify.canary.watch import trouble
from notify.duty import call_store
from notify.duty import store as page_store
from notify.duty.findings import WATCH, Finding
from notify.duty.tables import DutyPage
from notify.office import Office
from notify.rundown import NIGHT, OVERDUE
from notify.store import alerts as alert_store
from notify.store import holds
from notify.store import proof as run_store
from notify.store import tonight as store
from notify.store.tonight import Doubt
from notify.tables import Run
from notify.tonight.drafts import Sizes, Waiting, waiting
from notify.tonight.health import Health, healths
from sources import capture_store
from sources import store as source_store
from sources.capture_store import Held
from sources.store import StoredChange
from sources.wire import load_message

ELSEWHERE = f"{WATCH}doubt/"
"""Findings of the watchdog that this page shows by itself."""


@dataclass(frozen=True)
class Call:
    """Something the duty officer is wanted for. `called`: somebody was called, or may have been; `known_to`: empty: nobody."""

    id: int
    cause: str
    words: Message
    opened_at: datetime
    called: bool
    known_to: str


@dataclass(frozen=True)
class Song:
    """The newest canary of a channel: when it was sent, when its receipt came back, and what it shows to be broken."""

    channel: str
    sent_at: datetime
    heard_at: datetime | None
    trouble: Message | None


@dataclass(frozen=True)
class Desk:
    """What needs a person now.

    Attributes:
        last: the newest night that came to its end; None: there never was one.
        overdue: hours since it ended, where that is too long ago.
        undecided: changes that no run has acted on: a fault of ours, or a run that died.
        findings: what the watchdog finds beside the calls, and what stands in no other list here.
    """

    last: Run | None
    overdue: int | None
    drafts: list[Waiting]
    rolls: list[RollCall]
    calls: list[Call]
    doubts: list[Doubt]
    held: list[Held]
    undecided: list[StoredChange]
    sources: list[Health]
    budgets: list[Stand]
    songs: list[Song]
    findings: list[Finding]

    @property
    def open_drafts(self) -> list[Waiting]:
        """Return the drafts that somebody must act on."""
        return [one for one in self.drafts if not one.leaves]

    @property
    def unplaced(self) -> list[Waiting]:
        """Return the drafts that name no country: nobody can be told before an officer says which."""
        return [one for one in self.open_drafts if not one.countries]

    @property
    def uncounted(self) -> bool:
        """Tell whether the people of some draft are not counted yet."""
        return any(one.countries and one.people is None for one in self.drafts)

    @property
    def sick(self) -> list[Health]:
        """Return the sources that were not read."""
        return [one for one in self.sources if one.sick]

    @property
    def in_doubt(self) -> int:
        """Count the notices in doubt."""
        return sum(one.checked + one.unresolved for one in self.doubts)

    @property
    def help(self) -> int:
        """Count the people who need help."""
        return sum(one.help for one in self.rolls)


def look(connection: Connection, office: Office, sizes: Sizes) -> Desk:
    """Look at everything that needs a person. Changes nothing."""
    now = office.clock.now()
    last = run_store.last_run(connection, NIGHT)
    age = None if last is None else now - (last.ended_at or last.as_of)
    pages = page_store.open_pages(connection)
    return Desk(
        last=last,
        overdue=None if age is None or age <= OVERDUE else int(age.total_seconds()) // 3600,
        drafts=waiting(connection, office, sizes),
        rolls=[one for one in roll_calls(connection, now) if one.help or one.unclear or one.silent],
        calls=_calls(connection, pages),
        doubts=store.doubts(connection),
        held=capture_store.held(connection),
        undecided=source_store.undecided(connection),
        sources=healths(connection, office),
        budgets=holds.stands(connection, office.settings.budgets, day_of(now, office.settings.zone).date),
        songs=_songs(connection, office, now),
        findings=_findings(office, now, {one.cause for one in pages}),
    )


def _calls(connection: Connection, pages: list[DutyPage]) -> list[Call]:
    called = call_store.called_for(connection, [one.id or 0 for one in pages])
    return [
        Call(one.id or 0, one.cause, load_message(one.words), one.opened_at, one.id in called, one.acked_by if one.acked_at else "")
        for one in pages
    ]  # fmt: skip


def _songs(connection: Connection, office: Office, now: datetime) -> list[Song]:
    wanted = {one.partition(":")[0].strip() for one in office.settings.canaries}
    newest: dict[str, Canary] = canary_store.newest(connection, alert_store.instance(connection).mode)
    return [
        Song(channel, one.sent_at, one.heard_at, trouble(one, now)) for channel, one in sorted(newest.items())
        if channel in wanted
    ]  # fmt: skip


def _findings(office: Office, now: datetime, causes: set[str]) -> list[Finding]:
    here = (*ONLY_HERE, watchdog.NOBODY)
    return [
        one for one in watchdog.look(office, now)
        if one.cause.startswith(here) and not one.cause.startswith(ELSEWHERE) and one.cause not in causes
    ]  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """How things stand, in one line. `state`: `bad` cannot wait, `warn` needs somebody, `good` nothing does."""

    parts: tuple[Message, ...]
    state: str


def verdict(desk: Desk, zone: str) -> Verdict:
    """Say how things stand in one line. Pure."""
    drafts, doubts = len(desk.open_drafts), desk.in_doubt
    parts = [_reading(desk, zone)]
    if desk.help:
        parts.append(t("{count} people need help", count=desk.help))
    if unheard := [one for one in desk.calls if not one.known_to]:
        parts.append(t("{count} calls nobody has answered", count=len(unheard)))
    parts.append(t("{count} drafts wait", count=drafts) if drafts else t("no draft waits"))
    parts.append(t("{count} notices in doubt", count=doubts) if doubts else t("no notice in doubt"))
    if desk.held:
        parts.append(t("{count} changes held", count=sum(one.count for one in desk.held)))
    unresolved = any(one.unresolved for one in desk.doubts)
    if desk.last is None or desk.overdue is not None or desk.help or desk.calls or unresolved:
        return Verdict(tuple(parts), "bad")
    needs = drafts or doubts or desk.held or desk.sick or desk.findings or desk.undecided
    return Verdict(tuple(parts), "warn" if needs else "good")


def _reading(desk: Desk, zone: str) -> Message:
    if desk.last is None:
        return t("no night was worked to its end yet")
    if desk.overdue is not None:
        return t("no night came to its end for {hours} hours", hours=desk.overdue)
    ended = (desk.last.ended_at or desk.last.as_of).astimezone(ZoneInfo(zone))
    on = [one for one in desk.sources if one.on]
    at = f"{ended:%H:%M}"
    if not desk.sick:
        return t("all {count} sources were read ({at})", count=len(on), at=at)
    return t("{sick} of {count} sources could not be read ({at})", sick=len(desk.sick), count=len(on), at=at)
