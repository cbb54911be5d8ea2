"""The equation: expected = planned + not planned, and everybody planned for is in exactly one group."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from core.database import reading, writing
from core.errors import BadInput, NotAllowed, NotFound
from notify import night, proof, rundown
from notify.account import Account, in_words, of_alert
from notify.brief import brief
from notify.byhand.record import Told, add, holds_number, note_of, withdraw
from notify.byhand.store import one, rows
from notify.byhand.tables import Way
from notify.store.account import Reached
from notify.store.outbox import DELIVERIES
from notify.summary import RunFacts
from notify.tables import DeliveryState, VersionKind
from registry.actors import Actor
from tests.notify.alerts.scene import Scene
from tests.notify.alerts.scene import person as somebody
from tests.notify.made import NIGHT, draft
from tests.notify.proof.world import AUDITOR, OFFICER, World, person


def account(world: World) -> Account:
    """Return the account of the first version."""
    with reading(world.office.engine) as connection:
        return of_alert(connection, world.alert_id)[0]


def gaps(world: World) -> dict[str, str]:
    """Return the gaps of the alert by kind."""
    with reading(world.office.engine) as connection:
        return {gap.kind: str(gap.message) for gap in proof.gaps(connection, alert_id=world.alert_id)}


def hand(world: World, **told: Any) -> int:
    """Write down something told by hand, five minutes ago."""
    given = {"way": Way.PHONE, "at": world.clock.now() - timedelta(minutes=5)} | told
    with writing(world.office.engine) as connection:
        return add(connection, Told(world.alert_id, **given), world.office.acting(OFFICER), world.office.keys)


def test_everybody_is_in_one_group(told: World) -> None:
    """Six people: one delivered, three taken by the provider, one refused, one without a number; the words say so."""
    found = account(told)
    assert found.people == {Reached.DELIVERED: 1, Reached.ACCEPTED: 3, Reached.NOT_REACHED: 1, Reached.NO_WAY: 1}
    assert (found.expected, found.planned, found.missed, found.moved, found.open, found.holds) == (6, 6, 0, 0, 2, True)
    assert found.notices == {"accepted": 3, "failed": 1}
    assert in_words(found).render("zh") == (
        "预警 1.1：应通知 6 人 = 已计划 6 + 未列入 0。已计划 6 = 已送达 1 + 服务商已接收 3 + 未通知到 1 + 无可用联系方式 1。"
        "通知 4 条 = 服务商已接收 3 + 发送被拒 1。"
    )


def test_who_came_later_is_expected_and_not_planned(own: World) -> None:
    """Somebody enrolled for the place after the release makes the sum 7 = 6 + 1, and is listed."""
    own.enrol([person("李逵", own.employers[0], "+260970000011")])
    found = account(own)
    assert (found.expected, found.planned, found.missed) == (7, 6, 1)
    assert "not-planned" in gaps(own)


def test_a_person_told_by_hand_leaves_the_gaps(own: World) -> None:
    """Who has no number, whose number was refused and who came later: each told by telephone is in the sum, and no gap any more."""
    [late] = own.enrol([person("李逵", own.employers[0])])
    assert set(gaps(own)) == {"unreachable", "delivery-failed", "not-planned"}
    for one_person, kind in ((own.people[3], "unreachable"), (own.people[1], "delivery-failed"), (late, "not-planned")):
        assert kind in gaps(own)
        number = hand(own, person=one_person)
        assert kind not in gaps(own)
    assert gaps(own) == {}
    assert account(own).people[Reached.BY_HAND] == 2
    with writing(own.office.engine) as connection:
        withdraw(connection, number, "登记错人", own.office.acting(OFFICER), own.office.keys)
    assert set(gaps(own)) == {"not-planned"}


def test_a_company_counts_only_if_it_says_that_its_people_were_told(own: World) -> None:
    """Telling a company, or a group, tells nobody in particular; its word that all were told counts for its own people."""
    before = gaps(own)
    hand(own, employer="A-1", way=Way.WECHAT_GROUP)
    hand(own, group="赞比亚同乡群", way=Way.WECHAT_GROUP)
    hand(own, employer="B-1", confirmed=True)
    assert gaps(own) == before
    hand(own, employer="A-1", confirmed=True)
    assert gaps(own) == {}
    assert account(own).people == {Reached.DELIVERED: 1, Reached.ACCEPTED: 3, Reached.BY_COMPANY: 2}


def test_what_was_told_of_one_version_is_not_told_of_the_next(own: World) -> None:
    """A correction after the telephone call is news to the person again."""
    hand(own, person=own.people[3])
    assert "unreachable" not in gaps(own)
    own.release(
        draft(kind=VersionKind.CORRECTION, follows=own.alert_id, channels=("sms",), change_id=None, origin_key=None)
    )
    assert "unreachable" in gaps(own)


def test_notes_are_sealed_or_plain_without_numbers(own: World) -> None:
    """A person's note is ciphertext and opens with their key; a plain note with a number or a mail address is refused."""
    number = hand(own, person=own.people[0], note="本人电话 138 0013 8000，已告知")
    with reading(own.office.engine) as connection:
        row = one(connection, number)
        assert row is not None
        assert (row.note, b"138" in (row.note_sealed or b"")) == ("", False)
        assert note_of(connection, row, own.office.keys) == "本人电话 138 0013 8000，已告知"
    for note in ("打 +260 97 123 4567", "一三八不算，１３８００１３８０００算", "li@example.com", "tel:0211-555010"):
        with pytest.raises(BadInput):
            hand(own, employer="A-1", note=note)
    hand(own, employer="A-1", note="2026-11-22 08:30 联络员答应 30 分钟内转告 47 人")


@pytest.mark.parametrize(
    "text", ["2026-11-22 08:30", "2026年11月22日", "47 人，3 组", "第 12308 号", ""],
)  # fmt: skip
def test_dates_times_and_counts_are_no_numbers(text: str) -> None:
    """What an officer naturally writes in a note is let through."""
    assert not holds_number(text)


def test_what_makes_no_sense_is_refused(own: World) -> None:
    """Nobody or two told at once, a moment to come, an unknown alert, person or company; and whoever is not the office."""
    now = own.clock.now()
    for told in (
        {}, {"person": 1, "employer": "A-1"}, {"person": 1, "confirmed": True}, {"person": 1, "at": now + timedelta(hours=1)},
        {"group": "群 13800138000"}, {"person": 1, "note": "x" * 1001},
    ):  # fmt: skip
        with pytest.raises(BadInput):
            hand(own, **told)
    for told in ({"person": 99}, {"employer": "Z-1"}):
        with pytest.raises(NotFound):
            hand(own, **told)
    for actor in (AUDITOR, own.company(0), Actor("nobody", None)):
        with writing(own.office.engine) as connection, pytest.raises(NotAllowed):
            add(
                connection, Told(own.alert_id, Way.PHONE, now, own.people[0]), own.office.acting(actor), own.office.keys
            )


def test_a_record_is_withdrawn_once_and_never_changed(own: World) -> None:
    """The first row stays as it was, the second says why; a withdrawal of a withdrawal is refused."""
    number = hand(own, person=own.people[3], note="已告知")
    acting, keys = own.office.acting(OFFICER), own.office.keys
    with writing(own.office.engine) as connection:
        before = one(connection, number)
        second = withdraw(connection, number, "打错电话", acting, keys)
        assert one(connection, number) == before
        assert [(row.id, row.withdraws) for row in rows(connection)] == [(number, None), (second, number)]
        for again in (number, second):
            with pytest.raises(BadInput):
                withdraw(connection, again, "再次", acting, keys)
        with pytest.raises(NotFound):
            withdraw(connection, 99, "没有", acting, keys)


def test_the_books_are_the_same_on_both_databases(scene: Scene) -> None:
    """The sums and the gaps of a ladder that goes on: a failed notice is no gap while another one of the person is open."""
    scene.enrol(somebody(sms=("+8613800138001",), email=("a@example.com",)), somebody(sms=("+8613800138002",)))
    version = scene.by_rule(draft())
    numbers = [one for one in scene.notices(version) if one.channel == "sms"]
    with writing(scene.engine) as connection:
        for row in numbers:
            connection.execute(update(DELIVERIES).where(DELIVERIES.c.id == row.id).values(state=DeliveryState.FAILED))
    with reading(scene.engine) as connection:
        [found] = of_alert(connection, 1)
        assert found.people == {Reached.WAITING: 1, Reached.NOT_REACHED: 1}
        assert [(gap.kind, str(gap.message)[:18]) for gap in proof.gaps(connection)] == [
            ("delivery-failed", "Alert 1: 1 notices"), ("delivery-ready", "Alert 1: 1 notices"),
        ]  # fmt: skip
    mails = update(DELIVERIES).where(DELIVERIES.c.channel == "email")
    for status, failed in (("", 2), ("delivered", 1)):
        with writing(scene.engine) as connection:
            connection.execute(mails.values(state=DeliveryState.ACCEPTED, provider_status=status))
            [gap] = proof.gaps(connection)
        assert str(gap.message).startswith(f"Alert 1: {failed} notices are refused")


@pytest.fixture
def scene(engine: Any, keys: Any, index_key: bytes, clock: Any) -> Scene:
    """Give an office with an empty register, on both databases."""
    made = Scene(engine, keys, index_key, clock)
    made.open_for_business()
    return made


def test_the_night_carries_its_accounts_and_the_brief_shows_them(own: World) -> None:
    """The JSON of a run has the equation of each version it sent, and the brief the same words."""
    office = own.office
    run_id = rundown.begin(office, NIGHT)
    facts = RunFacts(NIGHT, (), [own.version_id], (), night.NightStatus.COMPLETED)
    summary = rundown.close(office, run_id, facts)
    [told] = summary["proof"]
    assert (told["expected"], told["planned"], told["open"], told["holds"]) == (6, 6, 2, True)
    text = brief(summary, "花果山市外办", "Asia/Shanghai", "zh")
    assert "## 核对" in text
    assert "应通知 6 人" in text
    assert rundown.last_night(office)["proof"] == summary["proof"]
