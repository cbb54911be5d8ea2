"""Reading one source into the database, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import StatementError

from core.database import reading, writing
from core.errors import SourceSkipped, SourceTransient
from core.i18n import t
from sources import store
from sources.archive import Archive
from sources.model import Advisory, Hazard, Reading
from sources.read import Desk, SourceReport, SourceStatus, read_source
from tests.sources.made import (
    CONFIRM,
    DAY,
    LIST_URL,
    NIGHT,
    STATE,
    FakeFetcher,
    FakePublisher,
    advisory,
    broken,
    unreadable,
)
from tests.sources.made import reading as made

LATER, THIRD = NIGHT + DAY, NIGHT + 2 * DAY
TABLES = (store.STATES, store.CAPTURES, store.ADVISORIES, store.ENTRIES, store.CHANGES, store.QUARANTINE)
FILL = tuple(advisory(f"f{i}", 1) for i in range(10))
"""So that one entry more or less is not half the list."""


def full(*advisories: Advisory, **values: object) -> Reading:
    """Make a reading of advisories, and ten that never change."""
    return made(*advisories, *FILL, **values)


@pytest.fixture
def desk(engine: Engine, tmp_path: Path) -> Desk:
    """Give a desk with an empty database and archive, and a fetcher that answers everything."""
    return Desk(engine, Archive(tmp_path / "captures"), FakeFetcher(), CONFIRM)


def look(desk: Desk, says: Reading | Exception, at: datetime, **values: Any) -> SourceReport:
    """Read a source that says this."""
    return read_source(FakePublisher(says), desk, at, **values)


def rows(desk: Desk) -> dict[str, list[Any]]:
    """Return everything the sources have in the database, but for the captures, of which every fetch makes one."""
    with reading(desk.engine) as connection:
        return {
            one.name: sorted(map(repr, connection.execute(select(one)).all()))
            for one in TABLES
            if one is not store.CAPTURES
        }


def count(desk: Desk, one: Any) -> int:
    """Return the number of rows of a table."""
    with reading(desk.engine) as connection:
        return connection.execute(select(func.count()).select_from(one)).scalar_one()


def test_the_first_read_keeps_everything_and_says_nothing(desk: Desk) -> None:
    """A baseline: entries, versions, the capture and its bytes are kept; no change is made; what stands is counted."""
    report = look(desk, full(advisory("a", 4), advisory("b", 2)), NIGHT)
    assert (report.status, report.entries, report.changes) == (SourceStatus.READ, 12, ())
    assert (report.first_time, report.standing) == (True, 1)
    with reading(desk.engine) as connection:
        state = store.state(connection, "one")
        capture = store.last_capture(connection, "one", LIST_URL)
    assert (state.baseline_at, state.last_good_at, state.failures) == (NIGHT, NIGHT, 0)
    assert capture is not None
    assert desk.archive.get(capture.sha256) == b"list"
    assert [count(desk, one) for one in TABLES] == [1, 1, 12, 12, 0, 0]


def test_what_is_kept_is_what_the_next_read_knows(desk: Desk) -> None:
    """Entries come back from the database as they were written, with marks for the publisher."""
    one = advisory("a", 3, updated_at=NIGHT, list_mark="m1", detail_read=True)
    look(desk, full(one), NIGHT)
    moved = replace(one, updated_at=LATER, list_mark="m2")
    look(desk, full(moved), LATER)
    publisher = FakePublisher(full(moved))
    read_source(publisher, desk, THIRD)
    assert (publisher.known[0].marks, publisher.known[0].first_time) == (
        {"a": "m2"} | {one.native_id: "" for one in FILL},
        False,
    )
    with reading(desk.engine) as connection:
        assert store.entries(connection, "one")["a"].advisory == moved


def test_a_change_waits_for_a_decision_with_both_versions(desk: Desk) -> None:
    """A rise is kept with the version before and after, and is open until somebody decides, once."""
    look(desk, full(advisory("a", 2)), NIGHT)
    look(desk, full(advisory("a", 4)), LATER)
    with reading(desk.engine) as connection:
        (open_change,) = store.undecided(connection)
        assert [x.id for x in store.changes_of_night(connection, LATER)] == [open_change.id]
    change = open_change.change
    assert change.before is not None
    assert change.after is not None
    assert (change.before.level, change.after.level, change.reason.render("en")) == (2, 4, "Level raised from 2 to 4.")
    with writing(desk.engine) as connection:
        assert store.mark_decided(connection, open_change.id, outcome="sent", actor="night", now=LATER)
        assert not store.mark_decided(connection, open_change.id, outcome="brief", actor="other", now=LATER)
    with reading(desk.engine) as connection:
        assert store.undecided(connection) == []


def test_a_fall_survives_the_night_in_the_database(desk: Desk) -> None:
    """What waits for a second look is remembered between runs, and confirmed by the later one."""
    look(desk, full(advisory("a", 4), advisory("b")), NIGHT)
    falls = full(advisory("a", 2))
    said = [[(c.kind.value, c.confirmed) for c in look(desk, falls, at).changes] for at in (LATER, LATER, THIRD)]
    assert said == [[("lowered", False), ("withdrawn", False)], [], [("lowered", True), ("withdrawn", True)]]
    with reading(desk.engine) as connection:
        known = store.entries(connection, "one")
    assert (known["a"].advisory.level, known["a"].pending, known["b"].gone) == (2, None, True)


def test_the_same_night_again_changes_nothing(desk: Desk) -> None:
    """After a night with a rise, a fall, a newcomer and an unreadable entry, once more leaves every row as it is."""
    look(desk, full(advisory("a", 2), advisory("b", 4), advisory("c"), advisory("d")), NIGHT)
    night = full(
        advisory("a", 4), advisory("b", 2), advisory("c"), advisory("e"), quarantined=(unreadable(),), complete=False
    )
    assert len(look(desk, night, LATER).changes) == 3
    before = rows(desk)
    assert look(desk, night, LATER).changes == ()
    assert rows(desk) == before


def test_a_broken_source_keeps_the_last_good_data(desk: Desk) -> None:
    """Blocked two nights long: named, counted, aged; entries stand as they were; one good read clears it."""
    look(desk, full(advisory("a", 4)), NIGHT)
    with reading(desk.engine) as connection:
        known = store.entries(connection, "one")
    reports = [look(desk, broken(), at) for at in (LATER, THIRD)]
    assert [r.status for r in reports] == [SourceStatus.BROKEN] * 2
    assert (reports[1].age, reports[1].entries, reports[1].transient) == (2 * DAY, 11, False)
    assert "418" in str(reports[1].reason)
    with reading(desk.engine) as connection:
        state = store.state(connection, "one")
        assert store.entries(connection, "one") == known
    assert (state.failures, state.last_good_at, state.last_tried_at) == (2, NIGHT, THIRD)
    look(desk, full(advisory("a", 4)), THIRD)
    with reading(desk.engine) as connection:
        state = store.state(connection, "one")
    assert (state.failures, state.reason, state.last_good_at) == (0, None, THIRD)


def test_an_unbelievable_reading_is_broken_and_its_bytes_are_kept(desk: Desk) -> None:
    """Half a list is not believed: no withdrawal comes of it, and the capture is there for whoever looks into it."""
    look(desk, full(), NIGHT)
    report = look(desk, made(*FILL[:5]), LATER)
    assert (report.status, report.changes) == (SourceStatus.BROKEN, ())
    assert count(desk, store.CAPTURES) == 2
    assert count(desk, store.CHANGES) == 0


def test_entries_that_could_not_be_read_count_in_the_size_of_a_list(desk: Desk) -> None:
    """The size the next list is measured against includes the quarantined, as the list itself does."""
    look(desk, full(quarantined=(unreadable(),)), NIGHT)
    with reading(desk.engine) as connection:
        assert store.state(connection, "one").entries == 11


def test_a_fault_in_a_publisher_is_a_named_broken_source(desk: Desk) -> None:
    """Any exception of a parser ends as a broken source that says which fault; it never stops the night."""
    report = look(desk, ZeroDivisionError("by nought"), NIGHT)
    assert report.status is SourceStatus.BROKEN
    assert "ZeroDivisionError: by nought" in str(report.reason)


def test_an_unreachable_source_is_worth_another_try(desk: Desk) -> None:
    """What may pass is marked so; a source the replay does not have is skipped, not broken."""
    assert look(desk, SourceTransient(t("no answer in time")), NIGHT).transient
    assert look(desk, SourceSkipped(t("no answer in time")), NIGHT).status is SourceStatus.SKIPPED


@pytest.mark.parametrize("says", [full(advisory("a", 4), advisory("b"), quarantined=(unreadable(),)), broken()])
def test_a_dry_run_keeps_nothing(desk: Desk, says: Reading | Exception) -> None:
    """Neither rows nor bytes nor a failure: the next real run sees what the dry one saw."""
    look(desk, full(advisory("a", 2)), NIGHT)
    before, captures = rows(desk), count(desk, store.CAPTURES)
    changed = replace(desk, fetcher=FakeFetcher(b"other bytes"))
    look(changed, says, LATER, dry_run=True)
    assert (rows(desk), count(desk, store.CAPTURES)) == (before, captures)
    real = look(desk, says, LATER)
    assert bool(real.changes) == isinstance(says, Reading)


def test_going_back_to_an_earlier_night_is_refused(desk: Desk) -> None:
    """A night before the last good read is skipped with words, and nothing is asked or written."""
    look(desk, full(advisory("a", 2)), LATER)
    before, publisher = rows(desk), FakePublisher(full(advisory("a", 4)))
    report = read_source(publisher, desk, NIGHT)
    assert (report.status, report.changes, publisher.known) == (SourceStatus.SKIPPED, (), [])
    assert "later night" in str(report.reason)
    assert rows(desk) == before


def test_the_last_capture_is_offered_for_a_conditional_request(desk: Desk) -> None:
    """With a validator and its bytes at hand, the previous capture is offered; "not modified" makes no new capture."""
    fetcher = FakeFetcher(b"tagged", etag='"v1"')
    tagged = replace(desk, fetcher=fetcher)
    assert [look(tagged, full(advisory()), at).status.value for at in (NIGHT, LATER)] == ["read", "read"]
    assert fetcher.offered[0] is None
    assert fetcher.offered[1] is not None
    assert (fetcher.offered[1].body, fetcher.offered[1].etag) == (b"tagged", '"v1"')
    assert count(desk, store.CAPTURES) == 1


@pytest.mark.parametrize("etag", ["", '"v1"'])
def test_no_capture_is_offered_without_a_validator_or_without_its_bytes(desk: Desk, tmp_path: Path, etag: str) -> None:
    """ "Not modified" would tell us nothing if there is nothing to say it about, or if we lost the bytes."""
    fetcher = FakeFetcher(etag=etag)
    look(replace(desk, fetcher=fetcher), full(advisory()), NIGHT)
    elsewhere = replace(desk, fetcher=fetcher, archive=Archive(tmp_path / "empty"))
    look(elsewhere, full(advisory()), LATER)
    assert fetcher.offered == [None, None]


def test_headers_too_long_to_keep_do_not_cost_the_reading(desk: Desk) -> None:
    """A server with an endless ETag is read all the same; it is then asked without a condition."""
    fetcher = FakeFetcher(etag="x" * 5000)
    for at in (NIGHT, LATER):
        assert look(replace(desk, fetcher=fetcher), full(), at).status is SourceStatus.READ
    assert fetcher.offered == [None, None]


def test_an_unreadable_entry_is_kept_once_and_counted_by_night(desk: Desk) -> None:
    """The same fault is one row with first and last sight, however often one night is worked."""
    night = full(quarantined=(unreadable(),))
    for at in (NIGHT, LATER, LATER):
        assert [q.entry for q in look(desk, night, at).quarantined] == ["entry 7"]
    with reading(desk.engine) as connection:
        (row,) = connection.execute(select(store.QUARANTINE)).all()
        assert store.quarantined(connection, NIGHT) == []
        assert [(s, q.entry, str(q.reason)) for s, q in store.quarantined(connection, LATER)] == [
            ("one", "entry 7", "unreadable date: 31 June")
        ]
    assert (row.times, row.first_seen, row.last_seen) == (2, NIGHT, LATER)


@pytest.fixture
def flooded(desk: Desk) -> Desk:
    """Give a desk after a night with one more newcomer than the card allows, all held."""
    look(desk, full(), NIGHT)
    assert [c.held for c in look(desk, full(advisory("a")), LATER).changes] == [False]
    flood = FakePublisher(full(advisory("a"), advisory("b"), advisory("c")), replace(STATE, change_limit=1))
    assert [c.held for c in read_source(flood, desk, THIRD).changes] == [True, True]
    return desk


def test_held_changes_go_on_when_an_officer_releases_them(flooded: Desk) -> None:
    """Held changes are apart from the open ones until they are released, and then are among them."""
    with writing(flooded.engine) as connection:
        ready = len(store.undecided(connection))
        assert len(store.undecided(connection, held=True)) == 2
        assert store.release_held(connection, "other") == 0
        assert store.release_held(connection, "one") == 2
        assert len(store.undecided(connection)) == ready + 2
        assert store.release_held(connection, "one") == 0


def test_held_changes_that_are_dismissed_are_closed_with_a_name(flooded: Desk) -> None:
    """A dismissed flood tells nobody, and says who closed it."""
    with writing(flooded.engine) as connection:
        ready = [x.id for x in store.undecided(connection)]
        assert store.dismiss_held(connection, "one", actor="officer", now=THIRD) == 2
        assert store.undecided(connection, held=True) == []
        assert [x.id for x in store.undecided(connection)] == ready
        closed = select(store.CHANGES.c.decided_by, store.CHANGES.c.decided_at).where(
            store.CHANGES.c.outcome == "dismissed"
        )
        assert set(connection.execute(closed).all()) == {("officer", THIRD)}


def test_two_runs_at_once_say_a_change_once(desk: Desk) -> None:
    """A run that was overtaken while it read writes nothing: the other one's reading, and its one change, stand."""
    look(desk, full(advisory("a", 2)), NIGHT)
    raised = full(advisory("a", 4))
    slow = FakePublisher(raised, before=lambda: look(desk, raised, LATER))
    report = read_source(slow, desk, LATER)
    assert (report.status, report.changes) == (SourceStatus.SKIPPED, ())
    assert "another run" in str(report.reason)
    assert count(desk, store.CHANGES) == 1


def test_two_first_readings_at_once_leave_one_baseline(desk: Desk) -> None:
    """Neither finds a row to wait for: one of them writes, the other one is told so."""
    both = Barrier(2, timeout=20)

    def first(at: datetime) -> SourceReport:
        return read_source(FakePublisher(full(advisory("a", 2)), before=both.wait), desk, at)

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(first, (NIGHT, NIGHT)))
    assert sorted(report.status for report in reports) == [SourceStatus.READ, SourceStatus.SKIPPED]
    assert [count(desk, one) for one in TABLES] == [1, 1, 11, 11, 0, 0]


def test_a_failure_beside_a_good_run_does_not_take_its_reading_back(desk: Desk) -> None:
    """A run that fails while another one succeeds adds a failure, and leaves the time of the good read."""
    look(desk, full(advisory("a", 2)), NIGHT)
    slow = FakePublisher(broken(), before=lambda: look(desk, full(advisory("a", 2)), LATER))
    assert read_source(slow, desk, LATER).status is SourceStatus.BROKEN
    with reading(desk.engine) as connection:
        state = store.state(connection, "one")
    assert (state.last_good_at, state.failures) == (LATER, 1)


def test_a_reading_is_written_whole_or_not_at_all(desk: Desk) -> None:
    """If one part cannot be written, none is: no entry moves on without the change that tells of it."""
    look(desk, full(advisory("a", 2)), NIGHT)
    before = rows(desk)
    too_much = advisory("b", 4, language=object())
    with pytest.raises((StatementError, TypeError), match="JSON serializable"):
        look(desk, full(advisory("a", 4), too_much), LATER)
    assert rows(desk) == before


def test_a_live_reading_that_is_believed_proves_the_source(desk: Desk) -> None:
    """Captures and broken readings prove nothing; the first good live one does, and it stays proven."""
    card = replace(STATE, unproven=True)
    live = replace(desk, live=True)

    def proven() -> bool:
        with reading(desk.engine) as connection:
            return store.is_proven(connection, card)

    seen = []
    for at, where, says in (
        (NIGHT, desk, full()),
        (LATER, live, broken()),
        (THIRD, live, full()),
        (THIRD + DAY, desk, full()),
    ):
        look(where, says, at)
        seen.append(proven())
    assert seen == [False, False, True, True]
    with reading(desk.engine) as connection:
        assert store.state(connection, "one").proven_at == THIRD
        assert store.is_proven(connection, replace(STATE, id="never", unproven=False))


def test_a_dry_live_reading_proves_nothing(desk: Desk) -> None:
    """What is not kept is not remembered either."""
    look(replace(desk, live=True), full(), NIGHT, dry_run=True)
    with reading(desk.engine) as connection:
        assert not store.is_proven(connection, replace(STATE, unproven=True))


def test_an_open_abbreviation_is_settled_by_what_was_read_before(desk: Desk) -> None:
    """Last night warned of air raids in Ukraine by name: 乌 of tonight is Ukraine, and the report says why."""
    danger = {"hazards": (Hazard.CONFLICT,), "language": "zh"}
    clear = advisory("clear", 2, countries=("UA",), published_at=NIGHT, **danger)
    look(desk, full(clear), NIGHT)
    unsettled = advisory("open", 2, countries=(), ambiguous=("乌: UA UZ",), published_at=LATER, **danger)
    report = look(desk, full(clear, unsettled), LATER)
    assert [change.advisory.countries for change in report.changes] == [("UA",)]
    assert any("UA" in str(note) for note in report.notes)
