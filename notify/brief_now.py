"""What stands beside a night when its brief is read: who needs help, levels side by side, silences, letters that did not go out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from core.i18n import Language, t
from core.places.names import display
from notify.levels_told import in_a_line
from notify.mailings import store as mailings
from notify.mailings.tables import MailingKind
from notify.office import Office
from notify.rollup.store import answers_of
from notify.safety.model import Answer
from notify.store import silences
from notify.store.alerts import ALERTS, VERSIONS, no_drill
from notify.store.levels import look
from notify.store.safety import roll
from sources.catalog import is_on
from sources.model import Authority, ChangeKind

MOVED = frozenset({ChangeKind.NEW, ChangeKind.RAISED, ChangeKind.LOWERED})
MOST_COUNTRIES = 12
LETTERS_OF = timedelta(days=2)
BEGUN_LONG_AGO = timedelta(minutes=10)
LETTERS = {
    MailingKind.ROLLUP: t("roll-up"), MailingKind.BRIEF: t("morning brief"), MailingKind.BULLETIN: t("weekly bulletin"),
    MailingKind.DIGEST: t("digest"),
}  # fmt: skip


def beside(
    connection: Connection, office: Office, changes: Sequence[Mapping[str, Any]], words: Language
) -> dict[str, Any]:
    """Return, as plain sentences by name, what a brief tells besides the night: `help`, `levels`, `silences`, `letters`."""
    now = office.clock.now()
    return {
        "help": help_wanted(connection, now, words),
        "levels": levels_moved(connection, office, changes, words),
        "silences": in_force(connection, now, office.settings.zone, words),
        "letters": letters(connection, now, words),
    }


def help_wanted(connection: Connection, now: datetime, words: Language) -> list[str]:
    """Say of each alert in force that asks "are you safe?" how many need help, are safe, or have not answered."""
    a, v = ALERTS.c, VERSIONS.c
    asking = select(v.alert_id).where(v.ask_safe, v.released_at.is_not(None))
    query = select(a.id).where(a.id.in_(asking), no_drill(connection), a.closed_at.is_(None), a.in_force_until > now)
    found = []
    for alert_id in connection.execute(query.order_by(a.id)).scalars():
        asked = {row.registrant_id for row in connection.execute(roll(alert_id))}
        said = answers_of(connection, alert_id)
        counted = Counter(said[one] for one in asked if one in said)
        if asked:
            told = {one.value: counted[one] for one in Answer}
            line = t("Alert {alert}: {help} need help, {unclear} answers are not clear, {silent} of {asked} have not answered, "
                     "{safe} are safe.", alert=alert_id, asked=len(asked), silent=len(asked) - sum(told.values()), **told)  # fmt: skip
            found.append(line.render(words))
    return found


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
    """Say which letters of the last two days did not go out, or may not have."""
    found = []
    for one in mailings.troubled(connection, ("begun", "doubt", "failed", "refused"), now - LETTERS_OF):
        told = {
            "kind": LETTERS[MailingKind(one.kind)],
            "edition": one.edition,
            "reader": one.reader,
            "code": one.code or "–",
        }
        if one.outcome in {"failed", "refused"}:
            found.append(t("Not sent: {kind} {edition} to {reader} ({code})", **told))
        elif one.outcome == "doubt" or now - one.begun_at > BEGUN_LONG_AGO:
            found.append(t("In doubt: {kind} {edition} to {reader} ({code})", **told))
    return [line.render(words) for line in found]
