"""The check of the books: it says what it looked at, and finds and names whatever was changed afterwards."""

from __future__ import annotations

import gzip

from sqlalchemy import update

from core.database import reading, writing
from notify import proof
from notify.ledger.check import Checked, WrongCapture, WrongText, check
from notify.safety.links import Links
from notify.store.deliveries import ATTEMPTS
from notify.store.facts import TEXTS
from registry.actors import SYSTEM
from registry.enrol import index_key
from registry.rights.erase import erase
from registry.rights.model import RequestKind
from sources.store import CAPTURES
from tests.notify.proof.world import BODY, World, sha256


def checked(world: World) -> Checked:
    """Check the books of an office."""
    with reading(world.office.engine) as connection:
        links = Links.under(index_key(connection, world.office.keys))
        return check(connection, world.office.archive, links=links)


def test_it_says_what_it_looked_at(told: World) -> None:
    """Four texts as sent, one capture, and the sealed rows by table; nothing is left unsealed, and nothing is wrong."""
    found = checked(told)
    assert found.holds
    assert (found.texts, found.captures, found.unsealed) == (4, 1, 0)
    assert {name: found.rows[name] for name in ("attempt", "attempt_outcome", "receipt", "capture")} == {
        "attempt": 4, "attempt_outcome": 4, "receipt": 1, "capture": 1,
    }  # fmt: skip
    assert found.seals == len(found.rows)


def test_a_changed_text_is_found_by_the_hashes_of_its_attempts(own: World) -> None:
    """The text lies outside the chain, yet cannot be changed: each attempt that carried it is named, with its alert."""
    with writing(own.office.engine) as connection:
        connection.execute(update(TEXTS).where(TEXTS.c.variant.like("abroad%")).values(body=TEXTS.c.body + "。"))
    found = checked(own)
    assert found.faults == ()
    assert len(found.wrong_texts) == 3
    assert {(one.alert_id, one.missing) for one in found.wrong_texts} == {(own.alert_id, False)}


def test_a_changed_hash_breaks_both_seal_and_text(own: World) -> None:
    """Whoever changes the hash to fit another text breaks the seal over it."""
    with writing(own.office.engine) as connection:
        connection.execute(update(ATTEMPTS).where(ATTEMPTS.c.id == 2).values(body_sha256="0" * 64))
    found = checked(own)
    assert [(one.table, one.kind) for one in found.faults] == [("attempt", "digest")]
    assert [one.attempt_id for one in found.wrong_texts] == [2]


def test_a_text_that_is_gone_is_named(own: World) -> None:
    """A text that was taken out leaves attempts that nobody can read: each is named as such."""
    with writing(own.office.engine) as connection:
        connection.exec_driver_sql("DELETE FROM alert_text")
    assert {type(one) is WrongText and one.missing for one in checked(own).wrong_texts} == {True}


def test_captures_are_held_against_their_hashes(own: World) -> None:
    """A body that was changed, cut off or lost is found; so is a hash in the table that was changed to fit."""
    [path] = (own.home / "captures").rglob("*.gz")
    good = path.read_bytes()
    wrong = WrongCapture(1, "cn-mfa", sha256(BODY), missing=False)
    for bad in (gzip.compress(b"another page"), good[: len(good) // 2], b"no gzip"):
        path.write_bytes(bad)
        assert checked(own).wrong_captures == (wrong,)
    path.unlink()
    assert checked(own).wrong_captures == (WrongCapture(1, "cn-mfa", sha256(BODY), missing=True),)
    path.write_bytes(good)
    with writing(own.office.engine) as connection:
        connection.execute(update(CAPTURES).values(sha256=sha256(b"another page")))
    own.office.archive.put(sha256(b"another page"), b"another page")
    found = checked(own)
    assert found.wrong_captures == ()
    assert [one.table for one in found.faults] == ["capture"]


def test_the_books_hold_after_everybody_is_erased(own: World) -> None:
    """All keys destroyed: every seal, every text and every capture still checks."""
    with writing(own.office.engine) as connection:
        erase(connection, SYSTEM, own.people, kind=RequestKind.ERASURE, now=own.clock.now())
        proof.seal(connection, own.clock.now())
    found = checked(own)
    assert (found.holds, found.texts, found.captures) == (True, 4, 1)
