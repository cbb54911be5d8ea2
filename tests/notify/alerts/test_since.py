"""A draft that waits while its source changes its mind says so, where an officer looks before releasing it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.database import reading, writing
from core.settings import Settings
from notify import night, proof
from notify.office import Office
from notify.since import said_since
from notify.store import alerts as store
from sources import store as source_store
from sources.change import Comparison, Entry
from sources.model import Advisory, AdvisoryChange, ChangeKind
from tests.notify.alerts.scene import Scene, person
from tests.notify.made import NIGHT, advisory, change

SAID = advisory(source="us-state", native_id="ZM", level_national=4, language="en")


@pytest.fixture
def office(scene: Scene, tmp_path: Path) -> Office:
    """Give the office with its default policy, and a draft: another government went to level 4 for Zambia."""
    scene.enrol(person(sms=("+8613800138001",)))
    made = Office(Settings(home=tmp_path), scene.engine, scene.clock, scene.keys)
    say(made, change(ChangeKind.RAISED, SAID, replace(SAID, level_national=2)), Entry(SAID, NIGHT))
    [done] = night.act_on_changes(made)
    assert done.version_id is not None
    return made


def say(office: Office, said: AdvisoryChange, stands: Entry) -> None:
    """Write down what a source says, and where it stands then."""
    with writing(office.engine) as connection:
        known = source_store.entries(connection, said.source)
        source_store.save_comparison(connection, known, Comparison([said], {said.native_id: stands}), None, NIGHT)


def since(office: Office) -> str:
    """Return what is said of the one draft; "" if nothing is."""
    with reading(office.engine) as connection:
        [version] = store.versions(connection)
        message = said_since(connection, version)
        [gap] = [gap for gap in proof.waiting(connection) if gap.kind == "alert-waiting"]
    assert message is None or str(message) in str(gap.message)
    return "" if message is None else str(message)


def after(office: Office, kind: ChangeKind, now: Advisory, **state: bool) -> str:
    """Let the source say something else, and return what is said of the draft."""
    gone = kind in {ChangeKind.WITHDRAWN, ChangeKind.EXPIRED}
    entry = Entry(now, NIGHT + timedelta(days=1), **state)
    say(office, change(kind, None if gone else now, SAID), entry)
    night.act_on_changes(office)
    return since(office)


def test_a_draft_whose_source_stands_by_its_word_says_nothing(office: Office) -> None:
    """Nothing has changed since it was drafted."""
    assert since(office) == ""


def test_other_words_of_the_same_level_change_nothing(office: Office) -> None:
    """The level is what the release is about."""
    assert after(office, ChangeKind.REWORDED, replace(SAID, title="Other words")) == ""


def test_a_withdrawn_notice_is_named(office: Office) -> None:
    """The source took it back: nobody was told, so no follow-up goes out, but the draft says so."""
    assert after(office, ChangeKind.WITHDRAWN, SAID, gone=True) == "The source has withdrawn it since."


def test_a_notice_past_its_validity_is_named(office: Office) -> None:
    """The source's own end has passed."""
    assert after(office, ChangeKind.EXPIRED, SAID, expired=True) == "Its validity has ended since."


def test_a_lower_level_is_named(office: Office) -> None:
    """The source went down to 2 while the draft says 4."""
    assert after(office, ChangeKind.LOWERED, replace(SAID, level_national=2)) == "The source now says level 2."
