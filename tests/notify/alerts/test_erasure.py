"""Erasure of the whole house: the proof stays verifiable, a warning under way is not cut off, and no byte of the key is left."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from core.clock import FixedClock
from core.database import empty_log, reading, writing
from core.errors import NotAllowed, NotFound
from core.keys import KeyGone
from core.tables import table
from notify import erasure, ledger, proof, receipts
from notify.receipts import Word
from notify.store.outbox import DELIVERIES
from notify.tables import Alert, Attempt, DeliveryState, Receipt
from registry import scope
from registry.rights import store as requests
from registry.rights.model import RequestKind
from registry.tables import Address, PersonKey, Posting, PostingStatus
from tests.notify.alerts.scene import OFFICER, Scene, person
from tests.notify.made import draft
from tests.registry.people import AUDITOR

ONE, TWO = "+8613800138001", "+8613800138002"
RECEIPTS = table(Receipt)


def erase(scene: Scene, *people: int, kind: RequestKind = RequestKind.ERASURE) -> erasure.Erasure:
    """Erase people as an officer."""
    with writing(scene.engine) as connection:
        return erasure.erase_people(connection, OFFICER, people, kind=kind, now=scene.clock.now())


def told(scene: Scene) -> int:
    """Release an alert, and let a provider take and report every notice; return the version."""
    version = scene.by_rule(draft())
    for notice in scene.notices(version):
        scene.write(table(Attempt), delivery_id=notice.id, no=1, lease_token=1, worker="w", channel="sms",
                    body_sha256="a" * 64, started_at=scene.clock.now())  # fmt: skip
        scene.set_state(version, DeliveryState.ACCEPTED, provider="twilio_sms", provider_id="SM1", attempts=1)
        assert report(scene, notice.id)
    with writing(scene.engine) as connection:
        proof.seal(connection, scene.clock.now())
    return version


def report(scene: Scene, delivery: int, status: str = "delivered") -> bool:
    """Let the provider speak of a delivery; tell whether its word was kept."""
    word = Word(delivery, "twilio_sms", "SM1", status, "", {"To": ONE, "MessageStatus": status}, "callback")
    with writing(scene.engine) as connection:
        return receipts.accept(connection, word, scene.keys, scene.clock.now())


def test_the_proof_holds_and_says_that_the_person_is_erased(scene: Scene) -> None:
    """After erasure the chain verifies, the ledger tells what was sent and when the person was erased, and receipts stay shut."""
    one, two = scene.enrol(person(sms=(ONE,)), person(sms=(TWO,)))
    version = told(scene)
    wrapped = _wrapped(scene, one)
    assert erase(scene, one) == erasure.Erasure((one,))
    with writing(scene.engine) as connection:
        proof.seal(connection, scene.clock.now())
        assert proof.verify(connection) == []
        rows = {row["registrant_id"]: row for row in ledger.rows(connection, scene.acting(OFFICER))}
        shut = connection.execute(select(RECEIPTS).where(RECEIPTS.c.person_id == one)).one()
    assert (rows[one]["state"], rows[one]["provider_status"]) == ("accepted", "delivered")
    assert (rows[one]["erased_at"], rows[two]["erased_at"]) == ("2026-11-22T00:00:00Z", None)
    assert len(shut.payload) > 12
    with reading(scene.engine) as connection, pytest.raises(KeyGone):
        scene.keys.unwrap(scope.person_key(connection, one))
    assert wrapped
    assert scene.people(version) == [one, two]


def test_no_notice_keeps_a_number_that_nobody_has(scene: Scene) -> None:
    """The blind index of the address goes from the person's notices; where somebody else has the number too, it stays."""
    one, two, three = scene.enrol(person(sms=(ONE,)), person(sms=(TWO,)), person(sms=(TWO,)))
    version = told(scene)
    before = {row.id: row.address_index for row in scene.notices(version)}
    erase(scene, one, two)
    after = {row.id: row.address_index for row in scene.notices(version)}
    [alone], [shared] = scene.record_of(version, one), scene.record_of(version, three)
    assert after[alone] != before[alone]
    assert after[shared] == before[shared]
    erase(scene, three)
    assert {row.id: row.address_index for row in scene.notices(version)}[shared] != before[shared]


def test_a_late_receipt_of_an_erased_person_counts_and_is_not_kept(scene: Scene) -> None:
    """The provider's word still raises the status; what it holds of the person is not written down."""
    [one] = scene.enrol(person(sms=(ONE,)))
    version = told(scene)
    [notice] = scene.notices(version)
    erase(scene, one)
    assert not report(scene, notice.id, "read")
    assert scene.notices(version)[0].provider_status == "read"
    with reading(scene.engine) as connection:
        assert len(connection.execute(select(RECEIPTS)).all()) == 1


OPEN = ["planned", "ready", "sending", "unknown", "unresolved"]


@pytest.mark.parametrize("state", list(DeliveryState))
def test_nobody_is_erased_while_a_warning_to_them_is_under_way(scene: Scene, state: DeliveryState) -> None:
    """With an open notice of an alert in force the erasure waits, and the next retention run does it once that has ended."""
    [one] = scene.enrol(person(sms=(ONE,)))
    version = scene.by_rule(draft())
    scene.set_state(version, state)
    done = erase(scene, one)
    assert done == (erasure.Erasure((), (one,)) if state in OPEN else erasure.Erasure((one,)))
    scene.set_state(version, DeliveryState.EXPIRED)
    again = erasure.run_retention(scene.engine, scene.clock, 180)
    assert again.erased == ((one,) if state in OPEN else ())
    with reading(scene.engine) as connection:
        assert requests.waiting(connection) == []
        assert scope.person_key(connection, one) is None


def test_an_alert_that_is_over_holds_nobody(scene: Scene) -> None:
    """A notice in doubt for ever does not keep a person for ever: only alerts in force count."""
    [one] = scene.enrol(person(sms=(ONE,)))
    scene.set_state(scene.by_rule(draft()), DeliveryState.UNRESOLVED)
    with writing(scene.engine) as connection:
        connection.execute(update(table(Alert)).values(in_force_until=scene.clock.now() - timedelta(days=1)))
    assert erase(scene, one).erased == (one,)


def test_only_the_office_erases_and_only_who_is_there(scene: Scene) -> None:
    """An auditor may not, and nobody is erased twice."""
    [one] = scene.enrol(person(sms=(ONE,)))
    with writing(scene.engine) as connection, pytest.raises(NotAllowed):
        erasure.erase_people(connection, AUDITOR, [one], kind=RequestKind.ERASURE, now=scene.clock.now())
    erase(scene, one)
    with pytest.raises(NotFound):
        erase(scene, one)


def test_retention_erases_who_has_been_back_long_enough(scene: Scene) -> None:
    """Those back for the time of keeping go, in one run; whoever is abroad, or a warning is on its way to, stays."""
    back, abroad, warned = scene.enrol(person(sms=(ONE,)), person(sms=(TWO,)), person(sms=(TWO,), name="猪八戒"))
    long_ago = scene.clock.now() - timedelta(days=200)
    version = scene.by_rule(draft())
    scene.set_state(version, DeliveryState.ACCEPTED)
    with writing(scene.engine) as connection:
        shared = scene.record_of(version, warned)
        connection.execute(update(DELIVERIES).where(DELIVERIES.c.id.in_(shared)).values(state=DeliveryState.UNKNOWN))
        postings = table(Posting)
        theirs = update(postings).where(postings.c.registrant_id.in_([back, warned]))
        connection.execute(theirs.values(status=PostingStatus.RETURNED, updated_at=long_ago, confirmed_at=long_ago))
    assert erasure.run_retention(scene.engine, scene.clock, 180) == erasure.Erasure((back,), (warned,))
    with reading(scene.engine) as connection:
        assert set(scope.person_keys(connection, [back, abroad, warned])) == {abroad, warned}
        assert requests.waiting(connection) == []
    assert erasure.run_retention(scene.engine, scene.clock, 180) == erasure.Erasure((), (warned,))


def _wrapped(scene: Scene, one: int) -> bytes:
    with reading(scene.engine) as connection:
        found = scope.person_key(connection, one)
    assert found is not None
    return found


def test_no_byte_of_the_key_is_left_in_the_files(
    tmp_path: Path, engine: Engine, scene: Scene, clock: FixedClock
) -> None:
    """On SQLite the destroyed key and the sealed values are overwritten in the file and gone from its log."""
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL rewrites its files in its own time")
    [one] = scene.enrol(person(sms=(ONE,)))
    scene.enrol(*(person(sms=(f"+86138{n:08}",)) for n in range(200)))
    wrapped = _wrapped(scene, one)
    with reading(engine) as connection:
        addresses = table(Address)
        sealed = connection.execute(
            select(addresses.c.value_sealed).where(addresses.c.registrant_id == one)
        ).scalar_one()
        assert connection.execute(select(table(PersonKey).c.wrapped)).first() is not None

    def found() -> list[bool]:
        files = b"".join(path.read_bytes() for path in sorted(tmp_path.glob("test.db*")))
        return [secret in files for secret in (wrapped, sealed)]

    assert found() == [True, True]
    erase(scene, one)
    empty_log(engine)
    assert found() == [False, False]
