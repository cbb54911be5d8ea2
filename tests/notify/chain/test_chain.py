"""Update, correction and all-clear: to exactly those who were told, where they were told; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.database import reading, writing
from core.errors import BadInput
from notify import alerts, pausing, proof
from notify.account import accounts
from notify.chain import Next, follow
from notify.rules.model import Quiet, Rules
from notify.store import alerts as later_store
from notify.tables import DeliveryState, VersionKind
from registry.actors import SYSTEM
from registry.people import NewPosting
from tests.notify.alerts.scene import OFFICER, person
from tests.notify.chain.newcomers import Later
from tests.notify.made import draft

ONE, TWO, THREE = "+260977000001", "+260977000002", "+260977000003"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
LEVEL_3 = {"level": 3, "every_channel": False, "quiet": False, "ask_safe": False, "as_of": NOW}


def _all_clear(later: Later, version: int) -> int:
    return later.next(later.alert_of(version), Next(VersionKind.ALL_CLEAR))


def test_it_goes_where_somebody_was_told(later: Later) -> None:
    """Who was told by mail, because the number did not work, is told the end by mail; the first channel is not tried again."""
    later.join(person(sms=(ONE,), email=("a@example.com",)), person(sms=(TWO,), email=("b@example.com",)))
    version = later.by_rule(draft(**LEVEL_3))
    refused = next(
        notice for notice in later.scene.notices(version) if later.scene.record_of(version, 2) == [notice.id]
    )
    later.accept(version, but=refused.id)
    later.put(refused.id, state=DeliveryState.FAILED)
    later.send()  # the ladder goes on to the mail
    assert [address for address, _ in later.sent("email")] == ["b@example.com"]
    ended = _all_clear(later, version)
    told = {notice.id: notice.channel for notice in later.scene.notices(ended)}
    assert [[told[one] for one in later.scene.record_of(ended, who)] for who in (1, 2)] == [["sms"], ["email"]]


def test_where_it_cannot_go_the_ladder_is_taken(later: Later) -> None:
    """A number that was stopped since is left alone, and the person's next address is used."""
    [one] = later.join(person(sms=(ONE,), email=("a@example.com",)))
    version = later.by_rule(draft(**LEVEL_3))
    later.send()
    later.stop(one, "sms")
    later.next(later.alert_of(version), Next(VersionKind.UPDATE, title_zh="情况有变，请留意通知"))
    later.send()
    assert [number for number, _ in later.sent("email")] == ["a@example.com"]
    assert len(later.sent()) == 1


def test_all_ways_that_told_somebody_tell_the_end_and_no_other(later: Later) -> None:
    """At level 4 both channels told them, so both tell the end; an address that came since does not."""
    [one] = later.join(person(sms=(ONE,), email=("a@example.com",)))
    version = later.by_rule(draft(as_of=NOW, ask_safe=False))
    later.send()
    later.give_number(one, THREE)
    ended = _all_clear(later, version)
    assert sorted(notice.channel for notice in later.scene.notices(ended)) == ["email", "sms"]


def test_the_end_goes_to_nobody_who_was_not_told(later: Later) -> None:
    """Who came since, and whose notice had not left, hear nothing of an all-clear; the alert is over."""
    [_, untold] = later.join(person(sms=(ONE,)), person(sms=(TWO,)))
    version = later.by_rule(draft(**LEVEL_3))
    later.accept(version, but=later.scene.record_of(version, untold)[0])
    later.join(person(sms=(THREE,)))
    ended = _all_clear(later, version)
    later.send()
    assert later.sent() == []  # it is night in Zambia: the end of a danger wakes nobody
    later.scene.clock.moment += timedelta(hours=6)
    later.send()
    assert [number for number, _ in later.sent()] == [ONE]
    assert len(later.scene.people(ended)) == 1
    assert "已解除" in later.sent()[0][1]


def test_another_country_corrects_the_told_and_spares_the_others(later: Later) -> None:
    """A wrong country is put right: the told there read it, those whose notice had not left hear nothing, the right ones are told."""
    [told, untold, right] = later.join(person(sms=(ONE,)), person(sms=(TWO,)), person(NewPosting("ZW"), sms=(THREE,)))
    version = later.by_rule(draft(**LEVEL_3))
    later.accept(version, but=later.scene.record_of(version, untold)[0])
    corrected = later.next(later.alert_of(version), Next(VersionKind.CORRECTION, countries=("ZW",)))
    assert later.scene.people(corrected) == [told, right]


def test_what_cannot_follow_says_so(later: Later) -> None:
    """Without anybody told, without a word that is new, and while a version waits, the next version is refused with words."""
    later.join(person(sms=(ONE,)))
    waiting = later.scene.open(draft(**LEVEL_3))
    with pytest.raises(BadInput, match="Nobody was told"):
        _follow(later, waiting, Next(VersionKind.ALL_CLEAR))
    version = later.by_rule(draft(**LEVEL_3, native_id="two"))
    with pytest.raises(BadInput, match="Say what is new"):
        _follow(later, version, Next(VersionKind.UPDATE))
    _follow(later, version, Next(VersionKind.UPDATE, title_zh="情况有变，请留意通知"))
    with pytest.raises(BadInput, match="send it or cancel it first"):
        _follow(later, version, Next(VersionKind.ALL_CLEAR))


def test_a_correction_of_an_end_puts_the_alert_back_in_force(later: Later) -> None:
    """The danger is not over after all: the told read so, and newcomers are told again."""
    later.join(person(sms=(ONE,)))
    version = later.by_rule(draft(**LEVEL_3))
    later.send()
    _all_clear(later, version)
    with pytest.raises(BadInput, match="over already"):
        _all_clear(later, version)
    later.send()
    later.next(later.alert_of(version), Next(VersionKind.CORRECTION, title_zh="危险尚未解除，请勿返回"))
    later.send()
    later.join(person(sms=(TWO,)))
    assert later.catch_up(timedelta(minutes=2)) == 1


def _follow(later: Later, version: int, wanted: Next) -> None:
    with writing(later.scene.engine) as connection:
        follow(connection, later.alert_of(version), wanted, later.office.acting(OFFICER))


def test_what_was_raised_is_as_loud_as_the_policy_says(later: Later) -> None:
    """Where officers' level 3 breaks the night, an update from 2 to 3 does; where the policy says nothing, it waits."""
    later.join(person(sms=("+260977000001",)))
    low = later.by_rule(draft(level=2, quiet=True, every_channel=False, as_of=later.scene.clock.now()))
    acting = later.office.acting(OFFICER)
    for rules, quiet in ((Rules(), True), (Rules(quiet=Quiet(broken_by=3)), False)):
        with writing(later.scene.engine) as connection:
            version = follow(
                connection, later.alert_of(low), Next(VersionKind.UPDATE, level=3), replace(acting, rules=rules)
            )
            assert later_store.version(connection, version).quiet is quiet
            alerts.cancel(connection, version, acting)


def test_who_has_no_address_has_not_moved(later: Later) -> None:
    """A correction is planned for somebody without an address as the first word was: the account does not say they have left."""
    later.join(person(sms=("+260977000001",)), person())
    version = later.by_rule(draft(as_of=later.scene.clock.now()))
    later.send()
    correction = later.next(later.alert_of(version), Next(VersionKind.CORRECTION, title_zh="无需撤离"))
    with reading(later.scene.engine) as connection:
        [account] = accounts(connection, [correction])
    assert (account.planned, account.moved, account.missed) == (2, 0, 0)


def test_a_correction_ends_the_pause_of_what_it_corrects(later: Later) -> None:
    """A wrong word is paused and then corrected: nothing more of it leaves, and nobody is asked for ever to let it go on."""
    later.join(person(sms=("+260977000001",)))
    version = later.by_rule(draft(as_of=later.scene.clock.now()))
    alert = later.alert_of(version)
    with writing(later.scene.engine) as connection:
        pausing.pause(connection, alert, later.office.acting(SYSTEM))
        assert "alert-paused" in {one.kind for one in proof.gaps(connection)}
    later.next(alert, Next(VersionKind.CORRECTION, title_zh="无需撤离"))
    with reading(later.scene.engine) as connection:
        assert later_store.version(connection, version).send_by == later.scene.clock.now()
        assert "alert-paused" not in {one.kind for one in proof.gaps(connection)}


def test_a_chinese_text_alone_is_not_told_in_english(later: Later) -> None:
    """A correction, an update or an end whose text is given in Chinese only has no text for those who read English: neither Chinese nor
    what is being mended; with an English text they read that; without a new text the old ones stay."""
    later.join(person(sms=(ONE,)))
    version = later.by_rule(draft(**(LEVEL_3 | {"body_zh": "旧文", "body_en": "The old text"})))
    alert_id, scene = later.alert_of(version), later.scene
    for kind, body_en, expected in (
        (VersionKind.CORRECTION, "", ""), (VersionKind.UPDATE, "Go south", "Go south"), (VersionKind.ALL_CLEAR, "", ""),
    ):  # fmt: skip
        number = later.next(alert_id, Next(kind, title_zh="请往南走", title_en="News", body_zh="新文", body_en=body_en))
        assert (scene.version(number).body_zh, scene.version(number).body_en) == ("新文", expected)
        with reading(scene.engine) as connection:
            english = [one.body for one in later_store.texts(connection, number) if one.language == "en"]
        assert english
        assert not any("新文" in body or "old text" in body for body in english)
    number = later.next(
        alert_id, Next(VersionKind.CORRECTION, title_zh="请往南走", title_en="News", body_zh="文", body_en="Text")
    )
    number = later.next(alert_id, Next(VersionKind.UPDATE, title_zh="请往北走", title_en="News"))
    assert scene.version(number).body_en == "Text"
