"""The watchdog: did the night finish, is each alert landing, does everything that must run by itself run? It calls a person.

It depends on nothing that it watches but the database and a channel: no Prefect, no console. It may run beside everything else,
as often as anybody likes: one page for a cause, closed by itself when the cause is over.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.database import reading, writing
from core.i18n import t
from notify import backups
from notify.budgets import HELD
from notify.canary.watch import silent
from notify.duty import call_store, drafts, findings, shift_store, store, watch_store
from notify.duty.fallback import fallback_phone
from notify.duty.findings import WATCH, Finding, Sending
from notify.duty.paging import page, settle
from notify.duty.shifts import uncovered
from notify.office import Office
from notify.proof import clock_gaps
from notify.safety import spool
from notify.store.alerts import instance
from notify.store.preflight import loads
from sources import store as source_store
from sources.catalog import is_on
from sources.model import Authority

NIGHT = "night"
"""Kind of the run that reads every source (see `notify.rundown`)."""

NOBODY = f"{WATCH}duty"
"""Cause of the finding that nobody is on duty for some time."""

LOOKS_BACK = timedelta(days=2)
"""Released longer ago, a version is the business of the proof."""

LOOKS_AHEAD = timedelta(days=1)
IN_USE = timedelta(days=30)
"""A duty table without a shift for so long is not kept."""
DANGER = 4
MOST_NAMED = 3
KEPT = timedelta(days=90)
"""Names and numbers of shifts that are over are kept so long, for questions about the calls."""


@dataclass(frozen=True)
class Watched:
    """What one round of the watchdog came to: what it found, how many pages it opened, and how many it closed."""

    findings: tuple[Finding, ...]
    opened: int
    settled: int


def free_mb(office: Office) -> int:
    """Return the free space on the disk of the home directory, in MB."""
    return shutil.disk_usage(office.settings.home).free // 1_000_000


def look(office: Office, now: datetime, *, free: Callable[[Office], int] = free_mb) -> list[Finding]:
    """Return everything that is not as it should be. Changes nothing."""
    settings = office.settings
    with reading(office.engine) as connection:
        founded = instance(connection).created_at
        found = findings.night(
            watch_store.last_night(connection, NIGHT),
            now,
            settings.zone,
            time.fromisoformat(settings.watch_night_by),
            founded,
        )
        found += findings.home_sources(_home(connection, office), now, settings.watch_home_minutes, founded)
        found += findings.scheduler(store.last_beat(connection, "sweep"), now, settings.watch_sweep_minutes, founded)
        found += findings.shares(
            _sendings(connection, office, now), now, share=settings.watch_share, minutes=settings.watch_send_minutes
        )
        found += [*_doubts(connection, office, now), *_drafts(connection, office, now), *_budgets(connection)]
        found += [*_canaries(connection, office, now), *_clock(connection, now), *_duty(connection, office, now)]
    found += findings.backup(backups.newest(settings), now, founded) if settings.backup_dir is not None else []
    return [*found, *_unread(office), *findings.disk(free(office), settings.watch_free_mb)]


def watch(office: Office, *, free: Callable[[Office], int] = free_mb) -> Watched:
    """Look, call for what needs a person, and close what is over. Repeatable. The calls themselves are made by the sweep."""
    now = office.clock.now()
    return act(office, look(office, now, free=free), now)


def act(office: Office, found: Sequence[Finding], now: datetime) -> Watched:
    """Open the pages of what was found, and close what is over."""
    with writing(office.engine) as connection:
        opened = sum(page(connection, one.cause, one.whole, now) for one in found if one.wanted)
        settled = _settle(connection, {one.cause for one in found if one.wanted}, now)
        shift_store.forget(connection, now - KEPT)
    return Watched(tuple(found), opened, settled)


def _settle(connection: Connection, lasting: set[str], now: datetime) -> int:
    waiting = {f"{drafts.CAUSE}{one.alert_id}" for one in watch_store.drafts(connection)}
    lasting = lasting | waiting | {f"{one.replace(':', '/')}" for one in watch_store.held_reasons(connection)}
    ours = (WATCH, drafts.CAUSE, f"{HELD}/")
    over = [
        one.cause for one in store.open_pages(connection) if one.cause.startswith(ours) and one.cause not in lasting
    ]
    return sum(settle(connection, cause, now) for cause in over)


def _home(connection: Connection, office: Office) -> dict[str, datetime | None]:
    known = source_store.states(connection)
    cards = [one.CARD for one in office.sources.values()]
    ours = [card.id for card in cards if card.authority is Authority.HOME and is_on(card, office.settings)]
    return {source: known[source].last_good_at if source in known else None for source in ours}


def _sendings(connection: Connection, office: Office, now: datetime) -> list[Sending]:
    rates, patience, found = office.settings.rates, timedelta(minutes=office.settings.watch_send_minutes), []
    for row in watch_store.on_their_way(connection, now - LOOKS_BACK):
        # Most versions are at an end: only for the others it is reckoned how long they take.
        if not watch_store.late(connection, row.id, now - patience):
            continue
        work: dict[str, int] = {}
        for one in loads(connection, row.id):
            work[one.channel] = work.get(one.channel, 0) + one.parts
        seconds = max((parts / rates[channel] for channel, parts in work.items() if channel in rates), default=0.0)
        open_ = watch_store.late(connection, row.id, now - patience - timedelta(seconds=seconds))
        found.append(Sending(row.alert_id, row.id, row.released_at, seconds, open_, row.all))
    return found


def _doubts(connection: Connection, office: Office, now: datetime) -> list[Finding]:
    limit = office.settings.watch_doubt_minutes
    return [
        Finding(f"{WATCH}doubt/{row.alert_id}", t(
            "Alert {alert}: {count} notices are in doubt for more than {minutes} minutes.",
            alert=row.alert_id, count=row.count, minutes=limit), t(
            "Decide: send again or let go (`lingbao alert status {alert}`).", alert=row.alert_id))
        for row in watch_store.doubts(connection, now - timedelta(minutes=limit))
    ]  # fmt: skip


def _drafts(connection: Connection, office: Office, now: datetime) -> list[Finding]:
    """What the policy wants a person for at once, and what is of level 4 and has waited too long. One an alert."""
    urgent = {route.name for route in office.policy.route if route.page}
    patience, found = timedelta(minutes=office.settings.watch_draft_minutes), dict[int, Finding]()
    for row in watch_store.drafts(connection):
        if row.rule in urgent or (row.level == DANGER and row.created_at <= now - patience):
            words = t("Alert {alert} is a draft and waits for you (rule {rule}).", alert=row.alert_id, rule=row.rule)
            todo = t("Look at it, release it or cancel it.")
            found[row.alert_id] = Finding(f"{drafts.CAUSE}{row.alert_id}", words, todo)
    return list(found.values())


def _budgets(connection: Connection) -> list[Finding]:
    found = []
    for reason in sorted(watch_store.held_reasons(connection)):
        if reason.startswith(f"{HELD}:"):
            _, channel, country = reason.split(":")
            words = t("The budget of {channel}, {country} is used up: notices wait.", channel=channel, country=country)
            todo = t("Raise it in `budgets`, or they leave tomorrow.")
            found.append(Finding(f"{HELD}/{channel}/{country}", words, todo))
    return found


def _canaries(connection: Connection, office: Office, now: datetime) -> list[Finding]:
    todo = t("Look at the account of this channel; until then alerts need another one.")
    return [
        Finding(f"{WATCH}canary/{gap.subject}", gap.message, todo) for gap in silent(connection, office.settings, now)
    ]


def _clock(connection: Connection, now: datetime) -> list[Finding]:
    todo = t("Set the clock (NTP) of this machine.")
    return [Finding(f"{WATCH}clock", gap.message, todo) for gap in clock_gaps(connection, now)]


def _unread(office: Office) -> list[Finding]:
    """Answers to "are you safe?" that lie in the spool and cannot be read: somebody may have written that they need help."""
    names = spool.damaged(office.settings.home)
    if not names:
        return []
    words = t("{count} answers to an alert cannot be read (in {folder}: {names}). One may be a call for help.", count=len(names),
              folder=spool.FOLDER.as_posix(), names="、".join(names[:MOST_NAMED]))  # fmt: skip
    todo = t("Call those who are silent. If a master key is missing, put it back and let the files end in .json again: they are read by "
             "the next sweep. Else look into the log, and delete them.")  # fmt: skip
    return [Finding(f"{WATCH}spool", words, todo)]


def _duty(connection: Connection, office: Office, now: datetime) -> list[Finding]:
    """Holes of the duty table and pages that nobody answered: for the brief, because there is nobody to call about them."""
    fallback = fallback_phone(office.settings)
    shifts = shift_store.times(connection, now - IN_USE, now + LOOKS_AHEAD)
    # An office that keeps no table has one number for always: that is no hole.
    holes = uncovered(shifts, now, now + LOOKS_AHEAD) if shifts or not fallback else []
    found = [_hole(begin, end, office, has_fallback=bool(fallback)) for begin, end in holes]
    return found + _unanswered(connection, office, now)


def _unanswered(connection: Connection, office: Office, now: datetime) -> list[Finding]:
    before = now - timedelta(seconds=2 * office.settings.duty_wait)
    late = [one for one in store.open_pages(connection) if one.acked_at is None and one.opened_at < before]
    called, found = call_store.called_for(connection, [one.id or 0 for one in late]), []
    for one in late:
        gaps = {"page": one.id, "minutes": int((now - one.opened_at).total_seconds() // 60)}
        words = (
            t("Nobody has answered page #{page} for {minutes} minutes.", **gaps) if one.id in called
            else t("Nobody could be called for page #{page} for {minutes} minutes.", **gaps)
        )  # fmt: skip
        todo = t("See `lingbao duty pages`; call somebody yourself.")
        found.append(Finding(f"{WATCH}unanswered/{one.id}", words, todo, wanted=False))
    return found


def _hole(begin: datetime, end: datetime, office: Office, *, has_fallback: bool) -> Finding:
    here = ZoneInfo(office.settings.zone)
    words = t("Nobody is on duty from {begin} until {end}.", begin=f"{begin.astimezone(here):%m-%d %H:%M}",
              end=f"{end.astimezone(here):%m-%d %H:%M}")  # fmt: skip
    todo = (
        t("The number of the settings is called instead. Add a shift: `lingbao duty add`.") if has_fallback
        else t("Nobody can be called: set `duty_phone`, or add a shift: `lingbao duty add`.")
    )  # fmt: skip
    return Finding(NOBODY, words, todo, wanted=False)
