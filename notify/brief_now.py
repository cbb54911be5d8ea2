"""What stands beside a night when its brief is read: who needs help, the night watch, levels, silences, letters not sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from core.i18n import Language, Message, t
from core.places.names import display
from notify import watchdog
from notify.duty import call_store
from notify.duty import store as pages
from notify.duty.findings import WATCH, Finding
from notify.duty.tables import DutyPage
from notify.leaves_out import capped_lately
from notify.levels_told import in_a_line
from notify.mailings import store as mailings
from notify.mailings.once import WITHOUT
from notify.mailings.tables import MailingKind
from notify.office import Office
from notify.rollup.store import answers_of
from notify.safety.model import Answer
from notify.store import silences
from notify.store.alerts import ALERTS, VERSIONS, no_drill
from notify.store.levels import look
from notify.store.safety import asked_among, roll
from registry.actors import SYSTEM
from registry.employers import list_employers
from sources.catalog import is_on
from sources.model import Authority, ChangeKind
from sources.wire import load_message

MOVED = frozenset({ChangeKind.NEW, ChangeKind.RAISED, ChangeKind.LOWERED})
MOST_COUNTRIES = 12
LETTERS_OF = timedelta(days=2)
CAPPED_OF = timedelta(hours=26)
"""As long as a night may be before a brief says that it is old."""
ONLY_HERE = tuple(f"{WATCH}{one}" for one in ("night", "home", "source/", "scheduler", "share/", "doubt/", "disk"))
"""Findings of the watchdog that stand nowhere else in a brief."""
MOST_READERS = 20
BEGUN_LONG_AGO = timedelta(minutes=10)
LETTERS = {
    MailingKind.ROLLUP: t("roll-up"), MailingKind.BRIEF: t("morning brief"), MailingKind.BULLETIN: t("weekly bulletin"),
    MailingKind.DIGEST: t("digest"),
}  # fmt: skip


def beside(
    connection: Connection, office: Office, changes: Sequence[Mapping[str, Any]], words: Language
) -> dict[str, Any]:
    """Return, as plain sentences by name, what a brief tells besides the night: `help`, `levels`, `silences`, `letters`,
    `capped` (whom the day's cap left out), `watch` (what somebody was called for, or should have been) and `duty` (when nobody
    is on duty)."""
    now = office.clock.now()
    found = watchdog.look(office, now)
    return {
        "help": help_wanted(connection, now, words),
        "levels": levels_moved(connection, office, changes, words),
        "capped": capped_lately(connection, now - CAPPED_OF, words),
        "silences": in_force(connection, now, office.settings.zone, words),
        "letters": letters(connection, now, words),
        "watch": watched(connection, found, now, ZoneInfo(office.settings.zone), words),
        "duty": [one.whole.render(words) for one in found if one.cause == watchdog.NOBODY],
    }


@dataclass(frozen=True)
class RollCall:
    """How the answers after one alert in force stand. People; `asked = help + unclear + safe + silent`."""

    alert_id: int
    asked: int
    help: int
    unclear: int
    safe: int

    @property
    def silent(self) -> int:
        """Return how many have not answered."""
        return self.asked - self.help - self.unclear - self.safe


def roll_calls(connection: Connection, now: datetime) -> list[RollCall]:
    """Return each alert in force that asks "are you safe?", with its figures."""
    a, v = ALERTS.c, VERSIONS.c
    asking = select(v.alert_id).where(v.ask_safe, v.released_at.is_not(None))
    query = select(a.id).where(a.id.in_(asking), no_drill(connection), a.closed_at.is_(None), a.in_force_until > now)
    found = []
    for alert_id in connection.execute(query.order_by(a.id)).scalars().all():
        asked = connection.execute(select(func.count()).select_from(roll(alert_id).subquery())).scalar_one()
        said = answers_of(connection, alert_id)
        on_roll = asked_among(connection, alert_id, sorted(said))
        counted = Counter(answer for person, answer in said.items() if person in on_roll)
        if asked:
            found.append(
                RollCall(alert_id, asked, *(counted[one] for one in (Answer.HELP, Answer.UNCLEAR, Answer.SAFE)))
            )
    return found


def help_wanted(connection: Connection, now: datetime, words: Language) -> list[str]:
    """Say of each alert in force that asks "are you safe?" how many need help, are safe, or have not answered."""
    return [
        t("Alert {alert}: {help} need help, {unclear} answers are not clear, {silent} of {asked} have not answered, "
          "{safe} are safe.", alert=one.alert_id, asked=one.asked, silent=one.silent, help=one.help, unclear=one.unclear,
          safe=one.safe).render(words)
        for one in roll_calls(connection, now)
    ]  # fmt: skip


def levels_moved(
    connection: Connection, office: Office, changes: Sequence[Mapping[str, Any]], words: Language
) -> list[str]:
    """Say, for each country whose level some government moved, what all of them say now."""
    cards = {name: one.CARD for name, one in office.sources.items()}
    moved: dict[str, None] = {}
    for one in changes:
        card = cards.get(one["source"])
        stated = isinstance(one["level_before"], int) or isinstance(one["level_after"], int)
        if card is not None and card.authority is not Authority.HAZARD and one["kind"] in MOVED and stated:
            moved |= dict.fromkeys(one["countries"] if one["confirmed"] else [])
    on = [card for card in cards.values() if is_on(card, office.settings)]
    zone, now = ZoneInfo(office.settings.zone), office.clock.now()
    lines = [
        t("{country}: {line}", country=display(one, words), line=in_a_line(look(connection, on, one, now), zone, words))
        for one in list(moved)[:MOST_COUNTRIES]
    ]
    if len(moved) > MOST_COUNTRIES:
        lines.append(t("and {count} more countries: `lingbao levels`", count=len(moved) - MOST_COUNTRIES))
    return [line.render(words) for line in lines]


def watched(
    connection: Connection, found: Sequence[Finding], now: datetime, zone: ZoneInfo, words: Language
) -> list[str]:
    """Say for what the duty officer was called since yesterday and what became of it, and what nobody was called for yet.

    Waiting drafts, budgets, channels and the clock stand among the gaps: of these only the calls are told.
    """
    open_ = pages.open_pages(connection)
    told = sorted([*pages.settled_since(connection, now - timedelta(days=1)), *open_], key=lambda one: one.id or 0)
    called = call_store.called_for(connection, [one.id or 0 for one in open_])
    lines = [_page(one, zone, called=one.id in called) for one in told]
    causes = {one.cause for one in open_}
    lines += [one.whole for one in found if one.wanted and one.cause not in causes and one.cause.startswith(ONLY_HERE)]
    return [line.render(words) for line in lines]


def _page(page: DutyPage, zone: ZoneInfo, *, called: bool) -> Message:
    opened = f"{page.opened_at.astimezone(zone):%m-%d %H:%M}"
    said = load_message(page.words)
    if page.settled_at is not None:
        return t("{opened}: {words} Over since {moment}.", opened=opened, words=said,
                 moment=f"{page.settled_at.astimezone(zone):%m-%d %H:%M}")  # fmt: skip
    if page.acked_at is not None:
        return t("{opened}: {words} Open; somebody has known since {moment}.", opened=opened, words=said,
                 moment=f"{page.acked_at.astimezone(zone):%m-%d %H:%M}")  # fmt: skip
    if not called:
        return t("{opened}: {words} Open, and NOBODY COULD BE CALLED.", opened=opened, words=said)
    return t("{opened}: {words} Open, and NOBODY HAS ANSWERED the call.", opened=opened, words=said)


def in_force(connection: Connection, now: datetime, zone: str, words: Language) -> list[str]:
    """Say which silences hold now: whose, why, until when."""
    found = []
    for one in silences.every(connection):
        if one.begins_at <= now < one.ends_at and one.ended_at is None:
            until = f"{one.ends_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
            line = t("Silence #{number} of {owner} until {until}: {reason}", number=one.id, owner=one.owner, until=until,
                     reason=one.reason)  # fmt: skip
            found.append(line.render(words))
    return found


def letters(connection: Connection, now: datetime, words: Language) -> list[str]:
    """Say which letters of the last two days did not go out, or may not have: a line for each edition and cause."""
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    codes = {f"employer/{one.employer_id}": one.code for one in list_employers(connection, SYSTEM)}
    for one in mailings.troubled(connection, ("begun", "doubt", *mailings.LEFT), now - LETTERS_OF):
        kind = "doubt" if one.outcome == "begun" else "failed" if one.outcome == "refused" else one.outcome
        if one.outcome != "begun" or now - one.begun_at > BEGUN_LONG_AGO:
            groups.setdefault((kind, one.kind, one.edition, one.code), []).append(codes.get(one.reader, one.reader))
    found = []
    for (outcome, kind, edition, code), readers in groups.items():
        told = {
            "kind": LETTERS[MailingKind(kind)], "edition": edition, "code": code or "–",
            "reader": ("、" if words == "zh" else ", ").join(readers[:MOST_READERS]), "count": len(readers),
        }  # fmt: skip
        if outcome == WITHOUT:
            line = t("No mail address, please call them: {kind} {edition} to {reader} ({count})", **told)
        elif outcome == "failed":
            line = t("Not sent: {kind} {edition} to {reader} ({code})", **told)
        else:
            line = t("In doubt: {kind} {edition} to {reader} ({code})", **told)
        found.append(line.render(words))
    return found
