"""What the watchdog finds, and the judgements that need nothing but facts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.i18n import Message, t

WATCH = "watch/"
"""Begins the causes that the watchdog opens and closes by itself."""

CALM_START = timedelta(minutes=30)
"""An office that was founded less than this ago has nothing overdue."""

BACKUP_AFTER = timedelta(days=2)


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        cause: stays the same as long as the thing lasts: one page for it, however often it is found.
        todo: what a person should do.
        wanted: a person is needed now: the duty officer is called. Else it stands in the brief.
    """

    cause: str
    words: Message
    todo: Message
    wanted: bool = True

    @property
    def whole(self) -> Message:
        """Return both sentences as one: what an officer reads at night."""
        return t("{words} {todo}", words=self.words, todo=self.todo)


@dataclass(frozen=True)
class NightRun:
    """The newest night that came to an end."""

    as_of: datetime
    status: str


def night(last: NightRun | None, now: datetime, zone: str, by: time, founded: datetime) -> list[Finding]:
    """Say if the night of the office's day is not over by its hour, or read no source at all.

    Before that hour the night before counts. A night that ended partial is none of ours: the brief names what is missing.
    """
    here = ZoneInfo(zone)
    local = now.astimezone(here)
    day = local.date() if local.time() >= by else local.date() - timedelta(days=1)
    deadline = datetime.combine(day, by, here)
    if founded > deadline or now < founded + CALM_START:
        return []
    if last is None or last.as_of.astimezone(here).date() < day:
        words = t("The night of {day} is not over: no run came to its end by {hour}.", day=f"{day}", hour=f"{by:%H:%M}")
        return [Finding(f"{WATCH}night", words, t("Look at the run in Prefect; else run `lingbao night` by hand."))]
    if last.status == "Failed":
        words = t("The night of {day} read no source at all.", day=f"{last.as_of.astimezone(here).date()}")
        return [Finding(f"{WATCH}night", words, t("Look at the network of this machine, then run `lingbao night`."))]
    return []


def home_sources(good: Mapping[str, datetime | None], now: datetime, minutes: int, founded: datetime) -> list[Finding]:
    """Name the sources of the home authorities that were not read for too long.

    Args:
        good: when each was last read well; None: never.
    """
    limit = timedelta(minutes=minutes)
    if now < founded + max(limit, CALM_START):
        return []
    late = {source: last for source, last in good.items() if last is None or last < now - limit}
    if late and len(late) == len(good) > 1:
        words = t("None of the {count} sources of the home authorities was read within {minutes} minutes.",
                  count=len(late), minutes=minutes)  # fmt: skip
        return [Finding(f"{WATCH}home", words, t("Look at the network and at the run `home-sources`."))]
    return [
        Finding(f"{WATCH}source/{source}", _unread(source, last, now), t("Read its page by hand, then `lingbao sources check {source}`.",
                source=source))
        for source, last in sorted(late.items())
    ]  # fmt: skip


def _unread(source: str, last: datetime | None, now: datetime) -> Message:
    if last is None:
        return t("{source} was never read.", source=source)
    return t(
        "{source} was last read {minutes} minutes ago.", source=source, minutes=int((now - last).total_seconds() // 60)
    )


def scheduler(last: datetime | None, now: datetime, minutes: int, founded: datetime) -> list[Finding]:
    """Say if the sweep is silent: then nothing goes out and nobody is called by itself."""
    limit = timedelta(minutes=minutes)
    if now < founded + max(limit, CALM_START) or (last is not None and last >= now - limit):
        return []
    words = (
        t("The sweep has never run.") if last is None
        else t("The sweep has not run for {minutes} minutes.", minutes=int((now - last).total_seconds() // 60))
    )  # fmt: skip
    todo = t("Start Prefect's server and worker again; until then run `lingbao dispatch --until-empty`.")
    return [Finding(f"{WATCH}scheduler", words, todo)]


def backup(last: datetime | None, now: datetime, founded: datetime) -> list[Finding]:
    """Say if there is no backup of the last two days: what happens now would be lost with this machine."""
    if now < founded + BACKUP_AFTER or (last is not None and last >= now - BACKUP_AFTER):
        return []
    words = (
        t("There is no backup in backup_dir.") if last is None
        else t("The last backup is of {moment}.", moment=f"{last:%Y-%m-%d %H:%M} UTC")
    )  # fmt: skip
    todo = t("Run `lingbao db backup`, and look at the run `backup`.")
    return [Finding(f"{WATCH}backup", words, todo, wanted=False)]


@dataclass(frozen=True)
class Sending:
    """A released version on its way.

    Attributes:
        seconds: how long the slowest channel was reckoned to take.
        open: notices of the `all` that should be at an end and are not, nor listed with a reason.
    """

    alert_id: int
    version_id: int
    released_at: datetime
    seconds: float
    open: int
    all: int


def shares(sendings: Sequence[Sending], now: datetime, *, share: float, minutes: int) -> list[Finding]:
    """Name the alerts that did not reach their share in the time they were reckoned to take."""
    found = []
    for one in sendings:
        due = one.released_at + timedelta(seconds=one.seconds, minutes=minutes)
        done = one.all - one.open
        if now < due or not one.all or done >= share * one.all:
            continue
        words = t("Alert {alert}: only {done} of {all} notices are at an end, {minutes} minutes after the release.",
                  alert=one.alert_id, done=done, all=one.all,
                  minutes=int((now - one.released_at).total_seconds() // 60))  # fmt: skip
        todo = t("See `lingbao alert status {alert}`: is a channel stopped, a provider down?", alert=one.alert_id)
        found.append(Finding(f"{WATCH}share/{one.alert_id}/{one.version_id}", words, todo))
    return found


def disk(free_mb: int, least_mb: int) -> list[Finding]:
    """Say if the disk is nearly full: then nothing can be written, and so nothing sent."""
    if free_mb >= least_mb:
        return []
    words = t("Only {free} MB are free on the disk of the office.", free=free_mb)
    return [Finding(f"{WATCH}disk", words, t("Make room: old logs and captures first."))]
