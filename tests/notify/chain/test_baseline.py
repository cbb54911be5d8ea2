"""What stands at first sight (promise 6): told to nobody, in force for whoever comes later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from core.database import reading, writing
from notify import night
from notify.later.baseline import keep_baseline
from notify.night import act_on_changes
from notify.rules.silences import NewSilence, add
from notify.store import alerts as store
from notify.store.outbox import DELIVERIES
from notify.summary import alert_json
from notify.tables import AlertStatus, VersionKind
from sources.change import Comparison, Entry
from sources.model import Advisory, ChangeKind
from sources.store import save_comparison, save_state
from sources.tables import SourceState
from tests.notify.alerts.scene import OFFICER, person
from tests.notify.chain.newcomers import Later
from tests.notify.made import advisory, change

ONE, TWO = "+260977000001", "+260977000002"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
STANDS = advisory(level_national=3, level_words="谨慎前往", title="提醒中国公民谨慎前往赞比亚")


def _first_sight(later: Later, *said: Advisory) -> None:
    entries = {one.native_id: Entry(one, NOW) for one in said}
    with writing(later.scene.engine) as connection:
        save_comparison(connection, {}, Comparison(entries=entries), None, NOW)
        save_state(connection, SourceState(source_id="cn-mfa", baseline_at=NOW, last_good_at=NOW, proven_at=NOW))


def _changes(later: Later, kind: ChangeKind, before: Advisory, after: Advisory | None) -> None:
    known = {before.native_id: Entry(before, NOW)}
    new = {before.native_id: Entry(after or before, later.scene.clock.now(), gone=after is None)}
    found = Comparison(changes=[change(kind, after, before)], entries=new)
    with writing(later.scene.engine) as connection:
        save_comparison(connection, known, found, None, later.scene.clock.now())


def _notices(later: Later) -> int:
    with reading(later.scene.engine) as connection:
        return connection.execute(select(func.count()).select_from(DELIVERIES)).scalar_one()


def test_only_who_comes_later_is_told(later: Later) -> None:
    """At first sight nobody is; a newcomer is, once; whoever was there is not told the next day either; no gap is named."""
    later.join(person(sms=(ONE,)))
    low = replace(STANDS, native_id="low", level_national=2, title="提醒注意安全")
    old = replace(STANDS, native_id="old", published_at=NOW - timedelta(days=100))
    _first_sight(later, STANDS, low, old)
    assert act_on_changes(later.office) == []
    assert keep_baseline(later.office) == 0
    version = later.scene.version(1)
    assert (version.status, version.rule, version.kind) == (AlertStatus.DONE, "baseline", VersionKind.FIRST)
    with reading(later.scene.engine) as connection:
        assert alert_json(connection, 1)["for_newcomers"]  # never shown as sent
    assert later.catch_up() == later.catch_up(timedelta(days=1)) == _notices(later) == 0
    assert later.gaps() == []
    later.join(person(sms=(TWO,)))
    assert later.catch_up() == 1
    later.scene.clock.moment += timedelta(hours=6)  # it keeps the night where people are
    later.send()
    [(number, body)] = later.sent()
    assert number == TWO
    assert STANDS.title in body
    assert "2026-11-21发布，现仍有效" in body
    assert later.catch_up(timedelta(days=1)) == 0
    with reading(later.scene.engine) as connection:
        assert len(store.versions(connection)) == 1


@pytest.mark.parametrize("told", [False, True])
def test_a_rise_is_a_first_word_unless_a_newcomer_was_told(later: Later, told: bool) -> None:
    """Raised to 4 it goes to everybody there: as a first notice, or as an update if anybody has read the lower level."""
    later.join(person(sms=(ONE,)))
    _first_sight(later, STANDS)
    act_on_changes(later.office)
    if told:
        later.join(person(sms=(TWO,)))
        assert later.catch_up() == 1
        later.send()
    _changes(later, ChangeKind.RAISED, STANDS, advisory())
    [done] = act_on_changes(later.office)
    assert done.version_id is not None
    version = later.scene.version(done.version_id)
    assert (version.kind, version.alert_id) == (VersionKind.UPDATE if told else VersionKind.FIRST, 1)
    assert len(later.scene.people(done.version_id)) == 1 + told
    assert later.catch_up() == 0


def test_its_end_is_silent_if_nobody_was_told(later: Later) -> None:
    """Withdrawn before anybody came, it is over without a word, and newcomers are not told of it any more."""
    _first_sight(later, STANDS)
    act_on_changes(later.office)
    _changes(later, ChangeKind.WITHDRAWN, STANDS, None)
    [done] = act_on_changes(later.office)
    assert done.version_id is None
    later.join(person(sms=(ONE,)))
    assert later.catch_up() == 0


def test_a_copy_of_it_is_told_as_news(later: Later) -> None:
    """What stood silently hides nothing: the same notice, new with another home source, goes out as its first word."""
    later.join(person(sms=(ONE,)))
    _first_sight(later, STANDS)
    act_on_changes(later.office)
    copy = replace(STANDS, source="cn-mofcom", native_id="copy", url="https://two.example/c.html")
    found = Comparison(changes=[change(ChangeKind.NEW, copy)], entries={copy.native_id: Entry(copy, NOW)})
    with writing(later.scene.engine) as connection:
        save_comparison(connection, {}, found, None, NOW)
        state = SourceState(source_id="cn-mofcom", baseline_at=NOW, last_good_at=NOW, proven_at=NOW)
        save_state(connection, state)
    [done] = night.act_on_changes(later.office)
    assert done.notices == 1
    assert done.version_id is not None
    assert later.scene.version(done.version_id).kind == VersionKind.FIRST


def test_a_silence_holds_for_what_stands_at_first_sight_too(later: Later) -> None:
    """What an officer silenced is not told to newcomers by another door; when the silence is over, it stands for those who come."""
    wanted = NewSilence("领保处", "试验", NOW, NOW + timedelta(days=1), countries=("ZM",))
    with writing(later.scene.engine) as connection:
        add(connection, wanted, OFFICER, NOW)
    _first_sight(later, STANDS)
    assert keep_baseline(later.office) == 0
    later.join(person(sms=(ONE,)))
    assert later.catch_up() == 0
    later.scene.clock.moment += timedelta(days=1)
    assert keep_baseline(later.office) == 1
    later.join(person(sms=(TWO,)))
    assert later.catch_up() == 1
