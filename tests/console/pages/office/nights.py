"""Nights and sources as pages show them: a night that came to its end, a capture, and changes that were held."""

from __future__ import annotations

from sqlalchemy import insert

from core.database import writing
from core.i18n import t
from notify import rundown
from notify.night import NightStatus
from notify.summary import RunFacts
from sources import store
from sources.model import Advisory, Capture
from sources.read import SourceReport, SourceStatus
from sources.store import CHANGES
from sources.wire import message_json
from tests.console.pages.office.desk import Desk

SICK, MOVED = "de-aa", "us-state"


def night(desk: Desk, *, broken: str = "") -> None:
    """Let a night come to its end, in which every source was read, but for one that refused us."""
    office, now = desk.office, desk.office.clock.now()
    run, reports = rundown.begin(office, now), []
    with writing(office.engine) as connection:
        for name in office.sources:
            bad = name == broken
            words = t(
                "{source}: {url} refuses us (answer {status}): blocked.",
                source=name,
                url="https://x.example",
                status=403,
            )
            store.save_state(connection, store.state(connection, name).model_copy(update={
                "last_good_at": now, "last_tried_at": now, "baseline_at": now, "entries": 9, "failures": int(bad),
                "reason": message_json(words) if bad else None,
            }))  # fmt: skip
            status = SourceStatus.BROKEN if bad else SourceStatus.READ
            reports.append(SourceReport(name, status, 9, reason=words if bad else None))
    rundown.close(office, run, RunFacts(now, reports, (), (), NightStatus.COMPLETED))


def flood(desk: Desk, count: int = 3) -> None:
    """Let a source have said things that were held, out of a capture that is kept."""
    office, now = desk.office, desk.office.clock.now()
    url = office.sources[MOVED].CARD.url
    capture = Capture(MOVED, url, now, b"<rss><channel></channel></rss>", "text/xml")
    office.archive.put(capture.sha256, capture.body)
    with writing(office.engine) as connection:
        number = store.save_capture(connection, capture, now)
        for one in range(count):
            said = Advisory(MOVED, f"held-{one}", f"Zambia: notice {one}", f"https://x.example/{one}", "en", "Text.", ("ZM",),
                            level_national=4, level_words="Level 4")  # fmt: skip
            values = {
                "source_id": MOVED, "native_id": said.native_id, "kind": "new", "confirmed": True, "held": True, "as_of": now,
                "after_id": store.keep_advisory(connection, said, number, now), "reason": message_json(t("new")), "outcome": "",
            }  # fmt: skip
            connection.execute(insert(CHANGES).values(values))
