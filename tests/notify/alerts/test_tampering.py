"""One byte changed anywhere in the proof is found, and said where: every column of every row, and of the seals themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Table, select, update

from core import audit, chain
from core.database import writing
from notify import proof
from notify.bulletin.tables import Bulletin
from notify.byhand.tables import ByHand
from notify.rules.tables import PolicyVersion
from notify.safety.tables import SafeWord
from notify.store.proof import CHAINED
from notify.tables import Attempt, AttemptOutcome, Receipt
from sources.tables import CaptureRow
from tests.notify.alerts.scene import Scene


class Undone(Exception):
    """Ends a trial: the change is rolled back."""


def write_proof(scene: Scene) -> None:
    """Write two rows of each table of the proof, sealed in two batches."""
    for turn in (1, 2):
        now = scene.clock.now()
        with writing(scene.engine) as connection:
            audit.record(connection, actor="li", action="look", subject=f"alert/{turn}", now=now, detail="x")
            rows: list[tuple[Any, dict[str, Any]]] = [
                (Attempt, {"delivery_id": 1, "no": turn, "lease_token": 1, "worker": "w", "channel": "sms",
                           "body_sha256": "a" * 64, "started_at": now}),
                (AttemptOutcome, {"attempt_id": turn, "delivery_id": 1, "outcome": "accepted", "by": "worker",
                                  "provider_id": "SM1", "http_status": 201, "error_code": "x", "request_id": "RQ",
                                  "detail": "d", "ended_at": now}),
                (Receipt, {"delivery_id": 1, "person_id": 1, "provider": "twilio_sms", "provider_id": "SM1",
                           "status": f"s{turn}", "error_code": "x", "via": "callback", "payload": bytes(40),
                           "payload_sha256": "b" * 64, "received_at": now}),
                (ByHand, {"alert_id": 1, "version_id": 1, "registrant_id": 1, "employer_id": 1, "group_name": "g",
                          "way": "phone", "confirmed": True, "at": now, "note": "n", "note_sealed": bytes(40),
                          "withdraws": 1, "created_at": now, "created_by": "li"}),
                (CaptureRow, {"source_id": "one", "url": "https://one.example/", "fetched_at": now, "as_of": now,
                              "sha256": "c" * 64, "size": 1, "content_type": "x", "etag": "x", "last_modified": "x"}),
                (PolicyVersion, {"no": turn, "text": "x", "digest": "d" * 64, "note": "n", "active_from": now,
                                 "created_by": "li"}),
                (Bulletin, {"week": f"2026-W{turn:02}", "title": "x", "language": "zh", "markdown": "x", "sha256": "e" * 64,
                            "released_at": now, "released_by": "li"}),
                (SafeWord, {"alert_id": 1, "registrant_id": 1, "answer": "safe", "means": "sms", "by": "person",
                            "key": f"k{turn}", "shared": True, "late": True, "words_sealed": bytes(40), "at": now}),
            ]  # fmt: skip
            for model, values in rows:
                connection.execute(model.__table__.insert().values(values))
            proof.seal(connection, now)
        scene.clock.advance(timedelta(minutes=1))


def changed(value: Any) -> Any:
    """Return a value with one byte, or one unit, of difference."""
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    if isinstance(value, bool):
        return not value
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, int):
        return value + 100
    return value[:-1] + chr(ord(value[-1]) ^ 1)


def faults_after(scene: Scene, table: Table, row_id: int, column: Column[Any]) -> list[chain.Fault]:
    """Change one value, verify, and undo the change."""
    found: list[chain.Fault] = []
    try:
        with writing(scene.engine) as connection:
            value = connection.execute(select(column).where(table.c.id == row_id)).scalar_one()
            assert value is not None, f"{table.name}.{column.name} is not covered by this test"
            connection.execute(update(table).where(table.c.id == row_id).values({column.name: changed(value)}))
            found = proof.verify(connection)
            raise Undone
    except Undone:
        return found


def ids(connection: Connection, table: Table) -> list[int]:
    """Return the numbers of the rows of a table."""
    return list(connection.execute(select(table.c.id).order_by(table.c.id)).scalars())


def test_a_changed_byte_is_found_and_located(scene: Scene) -> None:
    """Whichever column of whichever row of the proof is changed, exactly the seal over that row says so, with table and range."""
    write_proof(scene)
    with writing(scene.engine) as connection:
        assert proof.verify(connection) == []
        rows = {table: ids(connection, table) for table in CHAINED}
    tried = 0
    for table, numbers in rows.items():
        assert len(numbers) >= 2
        for number in numbers:
            for column in table.columns:
                found = faults_after(scene, table, number, column)
                assert [(one.table, one.first_id <= number <= one.last_id) for one in found] == [(table.name, True)], (
                    column
                )
                tried += 1
    assert tried > 50


def test_a_changed_seal_is_found_and_located(scene: Scene) -> None:
    """Whichever column of whichever seal is changed, that seal is named, or the one that hangs on it."""
    write_proof(scene)
    with writing(scene.engine) as connection:
        seals = ids(connection, chain.SEALS)
    for number in seals:
        for column in chain.SEALS.columns:
            found = {one.seal for one in faults_after(scene, chain.SEALS, number, column)}
            assert found & {number, number + 1, number + 100}, (number, column.name)
