"""What publishers say of countries, written down as a night would: for the tests of the pages about countries."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from core.database import writing
from core.i18n import t
from sources.change import Comparison, Entry
from sources.model import Advisory, AdvisoryChange, ChangeKind, Level
from sources.store import save_comparison, save_state
from sources.tables import SourceState
from sources.wire import message_json

LONG_AGO = timedelta(days=300)


def advisory(source: str, country: str, level: Level, **more: object) -> Advisory:
    """Make what one publisher says of one country."""
    plain = Advisory(
        source, f"{source}/{country}", f"{source} of {country}", f"https://{source}.example/{country}", "en",
        countries=(country,), level_national=level, level_words=f"words of {level}",
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


def says(engine: Engine, now: datetime, source: str, country: str, *levels: tuple[int, Level], **more: object) -> None:
    """Let a publisher have said these levels of a country, each so many days before `now`, the oldest first."""
    before: Advisory | None = None
    for days, level in levels:
        at = now - timedelta(days=days)
        said = advisory(source, country, level, **{"published_at": at, **more})
        changes = []
        if before is not None:
            kind = ChangeKind.RAISED if str(level) > str(before.level_national) else ChangeKind.LOWERED
            changes = [AdvisoryChange(kind, True, source, said.native_id, t("Only the date moved."), before, said)]
        with writing(engine) as connection:
            save_comparison(connection, {}, Comparison(changes, {said.native_id: Entry(said, at)}), None, at)
        before = said
    read(engine, source, now)


def read(engine: Engine, source: str, at: datetime) -> None:
    """Let a source have been read well at a moment, and for the first time long before."""
    with writing(engine) as connection:
        state = SourceState(source_id=source, baseline_at=at - LONG_AGO, last_good_at=at, last_tried_at=at)
        save_state(connection, state)


def broken(engine: Engine, source: str, now: datetime) -> None:
    """Let a source have been read well three days ago, and not since."""
    with writing(engine) as connection:
        reason = message_json(t("{source}: reading failed.", source=source))
        good = now - timedelta(days=3)
        save_state(
            connection,
            SourceState(
                source_id=source, baseline_at=now - LONG_AGO, last_good_at=good, last_tried_at=now, reason=reason
            ),
        )
