"""The SQL of the proof does on PostgreSQL what it does on SQLite."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock
from core.database import reading, writing
from core.keys import MasterKeys
from core.tables import table
from notify import ledger, proof
from notify.account import of_alert
from notify.byhand.record import Told, add, withdraw
from notify.byhand.tables import Way
from notify.canary import store as canaries
from notify.ledger.check import check
from notify.ledger.collect import hands, lines
from notify.ledger.model import About, Look
from notify.ledger.words import exact, sha256_of
from notify.store import ledger as store
from notify.store.account import Reached
from notify.store.cap import chains
from notify.tables import Attempt
from sources.archive import Archive
from tests.notify.alerts.scene import OFFICER, Scene, person
from tests.notify.made import draft


@pytest.fixture
def scene(engine: Engine, keys: MasterKeys, index_key: bytes, clock: FixedClock) -> Scene:
    """Give an office with an empty register."""
    made = Scene(engine, keys, index_key, clock)
    made.open_for_business()
    return made


def test_a_proof_from_end_to_end(scene: Scene, tmp_path: Path) -> None:
    """Lines, words by hand, the equation, the check and the messages of one alert, each with the same outcome."""
    company = scene.employer("A-1")
    first, second = scene.enrol(person(sms=("+8613800138001",), employer=company), person(employer=company))
    version = scene.by_rule(draft(channels=("sms",)))
    [notice] = scene.notices(version)
    acting = scene.acting(OFFICER)
    with writing(scene.engine) as connection:
        text = store.texts(connection, [notice.text_id])[notice.text_id]
        [row] = store.version_rows(connection, [version])
        right = sha256_of(exact(text, row.instance_uid, notice.id))
    for turn, words in enumerate((right, "0" * 64), 1):
        scene.write(table(Attempt), delivery_id=notice.id, no=turn, lease_token=turn, worker="w", channel="sms",
                    body_sha256=words, started_at=scene.clock.now())  # fmt: skip
    with writing(scene.engine) as connection:
        one = add(connection, Told(1, Way.PHONE, acting.now, second, note="已接通"), acting, scene.keys)
        wrong = add(connection, Told(1, Way.VISIT, acting.now, employer="A-1", confirmed=True), acting, scene.keys)
        withdraw(connection, wrong, "误登", acting, scene.keys)
        proof.seal(connection, acting.now)
    look = Look(acting, scene.keys, plain=True)
    with reading(scene.engine) as connection:
        found = list(lines(connection, About(1), look))
        assert [(line.registrant_id, line.name) for line in found] == [(first, "孙悟空"), (second, "孙悟空")]
        assert found[0].notice is not None
        assert [call.holds for call in found[0].notice.tried] == [True, False]
        told = hands(connection, About(employer_id=company), look)
        assert [(hand.number, hand.note, hand.withdrawn) for hand in told] == [
            (one, "已接通", False), (wrong, "", True), (wrong + 1, "误登", False),
        ]  # fmt: skip
        [account] = of_alert(connection, 1)
        assert (account.people, account.missed) == ({Reached.WAITING: 1, Reached.BY_HAND: 1}, 0)
        checked = check(connection, Archive(tmp_path))
        assert (checked.texts, checked.unsealed, [one.attempt_id for one in checked.wrong_texts]) == (2, 0, [2])
        assert [[said.no for said in chain] for chain in chains(connection, frozenset({"cn-mfa"}))] == [[1]]
        assert ledger.seals(connection) == checked.seals


def test_a_canary_is_kept_and_heard(scene: Scene) -> None:
    """Written, ended, heard twice in any order: the status only rises, and the first receipt's time stays."""
    now = scene.clock.now()
    row = {"channel": "sms", "mode": "sandbox", "ref": "ABC123", "sent_at": now, "due_at": now, "outcome": "begun", "code": "",
           "provider_id": "", "status": "", "rank": 0, "created_by": "li"}  # fmt: skip
    with writing(scene.engine) as connection:
        number = canaries.begin(connection, row)
        canaries.end(connection, number, outcome="accepted", code="", provider_id="SM1")
        assert canaries.hear(connection, number, "delivered", code="", at=now)
        assert canaries.hear(connection, number, "sent", code="", at=now + timedelta(minutes=1))
        assert not canaries.hear(connection, number + 1, "sent", code="", at=now)
        found = canaries.newest(connection, "sandbox")["sms"]
        assert (found.status, found.heard_at, canaries.newest(connection, "live")) == ("delivered", now, {})
