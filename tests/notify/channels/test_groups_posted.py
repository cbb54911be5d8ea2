"""Posts to groups: who hears of what, one post a group and version, drills, and that no group counts as a person."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from core.clock import FixedClock
from core.database import reading, writing
from core.errors import WrongSetting
from core.group_bots import GroupBot
from core.keys import MasterKeys
from core.settings import load
from core.tables import Mode, table
from notify import alerts, groups
from notify import posts as planned
from notify.channels.base import Answer, InDoubt, NoLookup, Outgoing
from notify.channels.recorder import Recorder
from notify.gate import Gate
from notify.manual import ManualAlert, draft_manual
from notify.proof import gaps
from notify.store import alerts as alert_store
from notify.store import totals
from notify.tables import RecipientDelivery, VersionKind
from registry.actors import SYSTEM
from tests.notify.sending.house import COUNTRY, House, Scripted, enrol_people, house, numbers

LINKS = table(RecipientDelivery)
OFFICERS = {"name": "联络员群", "kind": "wecom_bot", "url": "https://a.invalid/x?key=1"}
ELSEWHERE = {"name": "别处群", "kind": "wecom_bot", "url": "https://a.invalid/x?key=2", "countries": ["FR"]}
HERE = {
    "name": "驻外群",
    "kind": "dingtalk_bot",
    "url": "https://a.invalid/x?access_token=1",
    "countries": [COUNTRY],
    "min_level": 2,
}


def a_group(**values: object) -> GroupBot:
    """Return a group of the settings."""
    return GroupBot.model_validate(OFFICERS | values)


@dataclass
class Posted(Recorder):
    """A robot that keeps what it posts."""

    name: str = "wecom_bot"
    provider: str = "wecom_bot"
    sent: list[Outgoing] = field(default_factory=list)


class Silent(Posted):
    """A robot like the real ones: it cannot be asked."""

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """Say that there is no way to ask."""
        return NoLookup()


@pytest.fixture
def home(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """An office with two people in one country, and three groups."""
    made = house(
        engine, tmp_path, clock, keys, channels=("sms", "wecom_bot", "dingtalk_bot"), groups=[OFFICERS, ELSEWHERE, HERE]
    )
    enrol_people(made, numbers(2))
    return made


def posts(home: House) -> list[tuple[str, str]]:
    """Return channel and group of every post, in order."""
    return [
        (one.channel, groups.name_of(one.address_index)) for one in home.rows() if one.address_id == groups.NO_ADDRESS
    ]


@pytest.mark.parametrize("values, countries, level, told, concerned", [
    ({}, ["TJ"], 3, [], True), ({}, ["TJ"], 2, [], False), ({}, ["TJ"], None, [], False), ({"min_level": 0}, ["TJ"], None, [], True),
    ({"countries": ["FR"]}, ["TJ"], 4, [], False), ({"countries": ["FR", "TJ"]}, ["TJ", "DE"], 3, [], True),
    ({}, ["TJ"], 1, ["联络员群"], True), ({}, ["TJ"], 1, ["别处群"], False), ({}, [], 4, [], True),
])  # fmt: skip
def test_whom_an_alert_concerns(
    values: dict[str, object], countries: list[str], level: int | None, told: list[str], concerned: bool
) -> None:
    """A group hears by country and level; one that heard before hears of whatever follows."""
    assert bool(groups.concerned([a_group(**values)], countries, level, told)) is concerned


def test_a_release_posts_once_to_each_group(home: House) -> None:
    """Each group concerned gets one post, in its own channel; planning again makes no second one, and nobody is linked to it."""
    version = home.release(3)
    assert sorted(posts(home)) == [("dingtalk_bot", "驻外群"), ("wecom_bot", "联络员群")]
    acting = home.office.acting(SYSTEM)
    with writing(home.office.engine) as connection:
        row = alert_store.version(connection, version)
        assert planned.plan(connection, row, acting.groups, acting.now) == 0
        ours = [one.id for one in home.rows() if one.address_id == groups.NO_ADDRESS]
        assert connection.execute(select(LINKS.c.delivery_id).where(LINKS.c.delivery_id.in_(ours))).all() == []
        assert totals.people_by_country(connection, version) == {COUNTRY: 2}
    assert [one.people for one in home.rows()] == [1, 1, 0, 0]


def test_a_post_is_sent_by_the_same_outbox(home: House) -> None:
    """The dispatcher finds the group, hands the robot a text about the country with a reference, and writes down what came."""
    home.release(3)
    robot = Posted()
    home.with_channels(robot, Scripted()).drain()
    (sent,) = robot.sent
    assert sent.address == "group:联络员群"
    assert sent.ref in sent.body
    assert len(sent.body.encode()) <= 2_000
    assert "99290" not in sent.body
    row = next(one for one in home.rows() if one.channel == "wecom_bot")
    assert (row.state, row.people, row.provider) == ("accepted", 0, "wecom_bot")


@pytest.mark.parametrize("level, state", [(3, "unresolved"), (4, "ready")])
def test_a_doubt_about_a_post_is_kept_by_severity(level: int, state: str, home: House, clock: FixedClock) -> None:
    """A robot cannot be asked: below level 4 a doubt stays unresolved for the officer, at level 4 it is posted again and marked."""
    home.release(level)
    robot = Silent(answer=lambda notice: InDoubt("answer"))
    home.with_channels(robot, Scripted()).drain()
    clock.advance(timedelta(minutes=10))
    home.with_channels(robot, Scripted()).reconcile()
    row = next(one for one in home.rows() if one.channel == "wecom_bot")
    assert (row.state, row.doubtful) == (state, state == "ready")


def test_who_heard_hears_the_end(home: House) -> None:
    """An all-clear goes to the groups that heard, whatever its level, and to no other."""
    home.release(3)
    home.with_channels(Posted(), Scripted()).drain()  # the other group's robot is not there: it hears nothing
    office = home.office
    manual = ManualAlert.model_validate(
        {"countries": [COUNTRY], "level": 1, "title_zh": "示例：解除", "channels": ["sms"]}
    )
    draft = replace(
        draft_manual(manual, office.name, office.clock.now()), kind=VersionKind.ALL_CLEAR, follows=1, told_only=True
    )
    with writing(office.engine) as connection:
        version = alerts.open_alert(connection, draft, office.acting(SYSTEM))
        assert version is not None
        alerts.release_by_rule(connection, version, office.acting(SYSTEM))
    rows = [one for one in home.rows() if one.version_id == version and one.address_id == groups.NO_ADDRESS]
    assert [groups.name_of(one.address_index) for one in rows] == ["联络员群"]


def test_a_drill_posts_to_allowed_groups_only(home: House) -> None:
    """In a drill a group must be on the list of allowed addresses, written `group:NAME`."""
    gate = Gate("u", Mode.DRILL, frozenset({"group:联络员群"}))
    for name, refused in (("联络员群", ""), ("驻外群", "gate-drill")):
        assert (
            gate.refuse(alert_uid="u", alert_mode="drill", endpoint="a.invalid", address=groups.address(name))
            == refused
        )


def test_posts_leave_no_gap(home: House) -> None:
    """A post that was made is no gap; a person whom only a group could have told is one."""
    home.release(4)
    home.with_channels(Posted(), Posted("dingtalk_bot", "dingtalk_bot"), Scripted()).run()
    with reading(home.office.engine) as connection:
        assert [one for one in gaps(connection) if "delivery" in one.kind or "unreach" in one.kind] == []


@pytest.mark.parametrize("given", [
    {"groups": [OFFICERS, OFFICERS | {"kind": "feishu_bot"}], "channels": ("wecom_bot", "feishu_bot")},
    {"groups": [OFFICERS], "channels": ("sms",)},
    {"groups": [OFFICERS | {"url": "http://a.invalid/x"}], "channels": ("wecom_bot",)},
    {"groups": [OFFICERS | {"kind": "irc"}], "channels": ("wecom_bot",)},
    {"groups": [OFFICERS | {"countries": ["France"]}], "channels": ("wecom_bot",)},
    {"groups": [OFFICERS | {"name": " "}], "channels": ("wecom_bot",)},
])  # fmt: skip
def test_groups_that_make_no_sense_are_refused(given: dict[str, object], tmp_path: Path) -> None:
    """Two of one name, a channel that is not in use, no https, an unknown kind: said at the start, without any key in the words."""
    with pytest.raises(WrongSetting) as wrong:
        load(home=tmp_path, **given)
    assert "key=" not in str(wrong.value)
