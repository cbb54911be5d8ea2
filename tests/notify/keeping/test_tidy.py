"""Tidying: what is over goes, what is needed or proves something stays, and the books hold. On both databases."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update

from core import chain
from core.clock import FixedClock
from core.database import ensure_instance, reading, writing
from core.keys import MasterKeys
from core.settings import load
from core.tables import table
from notify import proof
from notify.digest.store import TOLD
from notify.keeping.tidy import Tidied, tidy, would_tidy
from notify.ledger.check import check
from notify.office import Office
from notify.store.proof import CHAINED
from notify.tables import Gap, Run
from registry.actors import SYSTEM
from registry.enrol import enrol, index_key
from registry.history import Change, between
from registry.scope.history import history_of
from registry.store import add_changes
from registry.tables import Posting
from sources.model import Capture
from sources.store import CHANGES, save_capture
from tests.core.old_rows import fill_all, schema_of
from tests.registry.people import person

POSTINGS = table(Posting)

URL, OTHER = "https://example.org/list", "https://example.org/other"
LONG = timedelta(days=500)


@pytest.fixture
def office(engine: Engine, clock: FixedClock, keys: MasterKeys, tmp_path: Path) -> Office:
    """Give an office on an empty database."""
    ensure_instance(engine, keys, clock.now())
    return Office(load(home=tmp_path), engine, clock, keys)


def received(office: Office, url: str, body: bytes, ago: timedelta) -> str:
    """Keep a body that was received so long ago; return its hash."""
    at = office.clock.now() - ago
    capture = Capture("cn-mfa", url, at, body, "text/html")
    office.archive.put(capture.sha256, body)
    with writing(office.engine) as connection:
        save_capture(connection, capture, at)
    (path,) = (office.settings.home / "captures").glob(f"??/{capture.sha256}.gz")
    os.utime(path, (at.timestamp(), at.timestamp()))
    return capture.sha256


def there(office: Office) -> set[str]:
    """Return the hashes of the bodies that are kept."""
    return {path.name.removesuffix(".gz") for path in (office.settings.home / "captures").glob("??/*.gz")}


def test_old_bodies_go_and_the_newest_of_an_address_stays(office: Office) -> None:
    """Of an old page and its successors only what is new, or the newest of its address, keeps its bytes; the books say why."""
    old = received(office, URL, b"old", LONG)
    back = received(office, URL, b"was there again", LONG)
    newest = received(office, OTHER, b"the only one of its address", LONG)
    fresh = received(office, URL, b"fresh", timedelta(days=1))
    received(office, URL, b"was there again", timedelta(days=2))
    assert would_tidy(office).bodies == 1
    assert there(office) == {old, back, newest, fresh}
    assert tidy(office).bodies == 1
    assert there(office) == {back, newest, fresh}
    assert tidy(office) == Tidied()
    with reading(office.engine) as connection:
        assert check(connection, office.archive, all_captures=True).let_go == 1
        assert check(connection, office.archive, all_captures=True).holds


def test_a_body_that_is_lost_is_not_taken_for_one_that_was_let_go(office: Office) -> None:
    """Bytes that are gone although they should be there are found, also after others were deleted in order."""
    received(office, URL, b"old", LONG)
    fresh = received(office, URL, b"fresh", timedelta(days=1))
    tidy(office)
    (office.settings.home / "captures" / fresh[:2] / f"{fresh}.gz").unlink()
    with reading(office.engine) as connection:
        found = check(connection, office.archive, all_captures=True)
    assert [(one.sha256, one.missing) for one in found.wrong_captures] == [(fresh, True)]


def test_a_body_received_again_meanwhile_stays(office: Office) -> None:
    """What comes again just as it is to be deleted is not: the archive looks once more at the file."""
    old = received(office, URL, b"old", LONG)
    office.archive.put(old, b"old")
    assert office.archive.drop(old, office.clock.now() - timedelta(days=400)) == 0
    assert office.archive.get(old) == b"old"


def test_whatever_is_in_the_database_the_proof_outlives_the_tidying(office: Office) -> None:
    """With rows in every table and two years gone by, what is over goes, and no row under the chain, of who was told, or of people."""
    with writing(office.engine) as connection:
        fill_all(connection, schema_of(connection), 1)
        connection.execute(update(CHANGES).values(decided_at=office.clock.now()))
        connection.execute(update(TOLD).values(change_id=select(func.min(CHANGES.c.id)).scalar_subquery()))
        proof.seal(connection, office.clock.now())
    later = replace(office, clock=FixedClock(office.clock.now() + timedelta(days=800)))
    before = counts(later)
    expected = would_tidy(later).rows
    done = tidy(later).rows
    after = counts(later)
    assert done == expected
    assert {name: before[name] - after[name] for name in before if before[name] != after[name]} == done
    assert set(done) == {
        "gap", "digest_told", "budget_use", "address_check", "registration", "api_call", "rate_window",
        "attempt_window", "resident_visit", "sign_in_link", "web_session", "office_set_up_link", "office_session",
    }  # fmt: skip
    with reading(later.engine) as connection:
        assert list(chain.verify(connection, CHAINED)) == []


def test_the_last_run_of_a_kind_stays(office: Office) -> None:
    """The watchdog asks for the last night, however long ago it was; earlier ones go, with their gaps."""
    runs, now = table(Run), office.clock.now()
    with writing(office.engine) as connection:
        for days in (900, 800, 500):
            at = now - timedelta(days=days)
            values: dict[str, Any] = {
                "kind": "night",
                "as_of": at,
                "started_at": at,
                "status": "Completed",
                "actor": "system",
            }
            number = connection.execute(insert(runs).values(values).returning(runs.c.id)).scalar_one()
            gap = {"run_id": number, "kind": "source", "subject": "cn-mfa", "message": {}, "created_at": at}
            connection.execute(insert(table(Gap)).values(gap))
    assert tidy(office).rows == {"run": 2, "gap": 3}
    with reading(office.engine) as connection:
        assert proof_day(connection.execute(select(runs.c.started_at)).scalars().all(), now) == [500]


def test_that_a_stay_was_confirmed_is_kept_for_a_time_and_what_was_changed_for_good(office: Office) -> None:
    """Of the history only old lines go that say no more than that all was as it was; the stay itself knows the last one."""
    now, old = office.clock.now(), office.clock.now() - LONG
    with writing(office.engine) as connection:
        secret = index_key(connection, office.keys)
        (one,) = enrol(connection, SYSTEM, [person("孙悟空")], keys=office.keys, index_key=secret, now=old)
        stay = connection.execute(select(POSTINGS.c.id)).scalar_one()
        confirms = between(one, "posting", stay, {"confirmed_at": old}, {"confirmed_at": now})
        both = Change(one, "posting", stay, {"confirmed_at": old, "city": ""}, {"confirmed_at": now, "city": "Paris"})
        moves = between(one, "posting", stay, {"city": ""}, {"city": "Paris"})
        new = Change(one, "posting", stay, None, {"confirmed_at": old})
        for change, at in ((confirms, old), (both, old), (moves, old), (new, old), (confirms, now)):
            add_changes(connection, [change], by="a", at=at)
    assert tidy(office).rows == {"register_change": 1}
    with reading(office.engine) as connection:
        assert len(history_of(connection, SYSTEM, one)) == 4
        assert connection.execute(select(POSTINGS.c.confirmed_at)).scalar_one() == old


def proof_day(moments: Any, now: datetime) -> list[int]:
    """Return how many days ago each moment was."""
    return [(now - one).days for one in moments]


def counts(office: Office) -> dict[str, int]:
    """Count the rows of every table, but for the audit, to which the deleting itself adds."""
    with reading(office.engine) as connection:
        tables = [one for one in schema_of(connection) if one.name != "audit"]
        return {one.name: connection.execute(select(func.count()).select_from(one)).scalar_one() for one in tables}
