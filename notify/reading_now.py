"""Reading one source now, because an officer wants it: what `lingbao night --source` does, but for the sending.

What the policy sends by itself is planned here; the sweep of the next minute sends it. Two readings of a source at once cannot
harm each other (`sources.read`), but they would ask the publisher twice: the second is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.audit import record
from core.database import writing
from core.errors import NotFound
from core.i18n import t
from notify import night, rundown
from notify.office import Office
from notify.store import claims
from notify.summary import RunFacts
from registry.actors import Actor, require_office
from sources.read import SourceReport

NAME = "read/{source}"


@dataclass(frozen=True)
class Begun:
    """A reading that goes on since `at`. `mine`: it was this call that began it, and `work` must follow."""

    source: str
    at: datetime
    mine: bool


def begin(office: Office, actor: Actor, source: str) -> Begun:
    """Take the reading of a source in hand.

    Raises:
        NotAllowed: the actor is nobody of the office.
        NotFound: there is no such source.
    """
    require_office(actor)
    if source not in office.sources:
        raise NotFound(t("There is no source {name}.", name=source))
    now, name = office.clock.now(), NAME.format(source=source)
    with writing(office.engine) as connection:
        if claims.take(connection, name, now):
            record(connection, actor=actor.name, action="source.read", subject=f"source/{source}", now=now)
            return Begun(source, now, mine=True)
        return Begun(source, claims.taken_at(connection, name, now) or now, mine=False)


def work(office: Office, begun: Begun, *, by: str) -> SourceReport:
    """Read the source, act on every change that waits, and account for it; a fault of the source is in the report."""
    try:
        run_id = rundown.begin(office, begun.at, rundown.PART, by=by)
        report = night.read_one(office, begun.source, begun.at, None, dry_run=False)
        versions = rundown.on_their_way(office)
        versions += [one.version_id for one in night.act_on_changes(office) if one.version_id is not None]
        facts = RunFacts(begun.at, [report], sorted(set(versions)), (), night.NightStatus.COMPLETED)
        rundown.close(office, run_id, facts)
        return report
    finally:
        with writing(office.engine) as connection:
            claims.give_back(connection, NAME.format(source=begun.source), begun.at)
