"""Explaining: all links in order, for an alert or for a night, for whoever may ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from core import audit
from core.errors import NotAllowed, NotFound
from core.i18n import Message, t
from notify.alerts import Acting
from notify.model import BASELINE
from notify.office import Office
from notify.policy import Action
from notify.store import alerts as alert_store
from notify.store.rules import ALONE, went_by_rule
from notify.tables import AlertStatus, AlertVersion
from notify.why import store
from notify.why.decision import Desk, decision_links
from notify.why.model import Because, Chain, Fate, Link, Step, best
from notify.why.notices import notice_links
from notify.why.person import posting_links
from notify.why.store import Decided
from notify.words import status_words
from registry.actors import Actor
from registry.scope.rights import employer_of
from registry.scope.stays import stays_on
from registry.tables import PostingStatus, Role
from sources.read import SourceStatus


@dataclass(frozen=True)
class Asked:
    """Who asks about whom, of which office."""

    office: Office
    acting: Acting
    registrant_id: int

    @property
    def actor(self) -> Actor:
        """Return who asks."""
        return self.acting.actor

    @property
    def outside(self) -> bool:
        """Tell whether a company asks: it sees what went out, and no draft of the office."""
        return self.actor.role == Role.COMPANY

    def begin(self, connection: Connection, about: str) -> None:
        """Let those pass who may ask, and write the look to the audit; in a transaction that writes.

        Raises:
            NotAllowed: nobody in particular asks.
            NotFound: there is no such person, or not for this actor.
        """
        actor = self.actor
        if not (actor.is_office or actor.role in {Role.AUDITOR, Role.COMPANY}):
            raise NotAllowed(t("Only the office may do this, not {actor}.", actor=actor.name))
        employer_of(connection, actor, self.registrant_id)
        subject = f"registrant/{self.registrant_id}"
        audit.record(connection, actor=actor.name, action="why", subject=subject, now=self.acting.now, detail=about)

    def desk(self, connection: Connection) -> Desk:
        """Give what an explanation works with."""
        cards = {name: one.CARD for name, one in self.office.sources.items()}
        return Desk(connection, cards, self.office.policy, ZoneInfo(self.office.settings.zone))


def why_alert(connection: Connection, asked: Asked, alert_id: int) -> Because:
    """Return why a person was told, or not, of an alert: a chain for each version. The caller began with `Asked.begin`.

    Raises:
        NotFound: there is no such alert, or none that went out if a company asks.
    """
    versions = [one for one in store.versions_of(connection, alert_id) if _shown(asked, one)]
    if not versions:
        raise NotFound(t("There is no alert {number}.", number=alert_id))
    desk = asked.desk(connection)
    return Because(asked.registrant_id, tuple(_of_version(desk, asked, one) for one in versions))


def why_night(connection: Connection, asked: Asked, day: date) -> Because:
    """Return why a person was told, or not, of what changed in the nights of a day of the office. Begin with `Asked.begin`.

    Told of are changes about countries they have a stay in that is not over, and every alert of the day that was for them.
    """
    desk = asked.desk(connection)
    since = datetime.combine(day, time.min, desk.zone)
    until = since + timedelta(days=1)
    stays = stays_on(connection, asked.actor, asked.registrant_id, day)
    countries = {one.country for one in stays if one.status != PostingStatus.RETURNED}
    versions = [one for one in store.versions_between(connection, since, until) if _shown(asked, one)]
    mine = [one for one in versions if _concerns(desk, asked, one, countries)]
    chains = [_of_version(desk, asked, one) for one in mine]
    told = {one.change_id for one in versions}
    for found in [] if asked.outside else store.decided_between(connection, since, until):
        advisory = found.change.change.advisory
        if found.change.id not in told and (advisory.worldwide or countries & set(advisory.countries)):
            chains.append(_of_change(desk, found))
    return Because(asked.registrant_id, tuple(chains), tuple(_remarks(desk, since, until, any_word=bool(chains))))


def _shown(asked: Asked, version: AlertVersion) -> bool:
    return not asked.outside or version.released_at is not None


def _concerns(desk: Desk, asked: Asked, version: AlertVersion, countries: set[str]) -> bool:
    places = {place.country for place in alert_store.places(desk.connection, version.id or 0)}
    return (
        bool(places & countries) or store.recipient(desk.connection, version.id or 0, asked.registrant_id) is not None
    )


def _of_version(desk: Desk, asked: Asked, version: AlertVersion) -> Chain:
    links: list[Link] = []
    if version.change_id is not None:
        found = store.decided(desk.connection, version.change_id)
        if found is not None:
            links += decision_links(desk, found, version.policy)
    else:
        links.append(Link(Step.CHANGE, True, _own_words(version)))
    links += _release(desk, asked, version)
    fates: list[Fate] = []
    if version.released_at is not None:
        links += posting_links(desk, asked.actor, version, asked.registrant_id)
        more, fates = notice_links(desk, asked.actor, version, asked.registrant_id)
        links += more
    return Chain(
        version.title_zh, version.as_of, tuple(links), best(fates), version.alert_id, version.no, version.change_id
    )  # fmt: skip


def _own_words(version: AlertVersion) -> Message:
    if version.rule == BASELINE:
        return t("It stood already when its source was first read: only those who come later are told of it.")
    return t("An alert of the office's own.")


def _release(desk: Desk, asked: Asked, version: AlertVersion) -> Iterator[Link]:
    if version.released_at is None:
        words = t("Alert {number} is {status}: it has not gone out.", number=version.alert_id,
                  status=status_words(version.status))  # fmt: skip
        yield Link(Step.RELEASE, False, words)
        return
    moment = desk.when(version.released_at)
    if version.rule == BASELINE:
        return
    if went_by_rule(version.approved_by):
        yield Link(
            Step.RELEASE, True, t("Alert {number} went out by rule, {moment}.", number=version.alert_id, moment=moment)
        )
    elif asked.outside:
        yield Link(Step.RELEASE, True, t("Alert {number} went out, {moment}.", number=version.alert_id, moment=moment))
    elif version.approved_by == ALONE:
        yield Link(Step.RELEASE, True, t("Alert {number}: released by {who}, {moment}; the policy asked for no second person.",
                   number=version.alert_id, who=version.released_by or "–", moment=moment))  # fmt: skip
    else:
        yield Link(Step.RELEASE, True, t("Alert {number}: approved by {approver}, released by {who}, {moment}.",
                   number=version.alert_id, approver=version.approved_by or "–", who=version.released_by or "–",
                   moment=moment))  # fmt: skip
    if version.status == AlertStatus.CANCELED:
        yield Link(Step.RELEASE, False, t("It was cancelled later: what had not left by then did not leave."))


def _of_change(desk: Desk, found: Decided) -> Chain:
    change, links = found.change.change, list(decision_links(desk, found, ""))
    if found.outcome == Action.FOLLOW_UP:
        words = t("Nobody had been told of it by an alert in force: there is nobody to follow up with.")
        links.append(Link(Step.RELEASE, False, words))
    return Chain(
        change.advisory.title, found.change.as_of, tuple(links), Fate.NOT_TOLD,
        change_id=found.change.id,
    )  # fmt: skip


def _remarks(desk: Desk, since: datetime, until: datetime, *, any_word: bool) -> Iterator[Message]:
    runs = store.runs_between(desk.connection, since, until)
    if not runs:
        yield t("No night was worked that day: nothing was looked for.")
    elif not any_word:
        yield t("Nothing that changed that night was about a country they have a stay in.")
    for source, moment in _unread(runs):
        yield t("{source} could not be read in the night of {moment}: what it said then is not known.", source=source,
                moment=desk.when(moment))  # fmt: skip


def _unread(runs: Sequence[Row[Any]]) -> list[tuple[str, datetime]]:
    found: list[tuple[str, datetime]] = []
    for run in runs:
        told = (run.summary or {}).get("sources", [])
        found += [(one["id"], run.as_of) for one in told if one["status"] == SourceStatus.BROKEN]
    return sorted(set(found))
