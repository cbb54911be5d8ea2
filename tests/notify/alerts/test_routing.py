"""Routing: which notice goes to which number, and on what ground; calling codes of old numbers are looked up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from core.database import reading, writing
from core.keys import KeyGone, MasterKeys
from core.tables import table
from notify import alerts
from notify.grounds import Transfer
from notify.routing import Route, Where, by_level, layers, may_take, routes, taken_from, text_channels
from notify.store.grounds import without_ground
from registry.actors import SYSTEM
from registry.enrol import PHONE_CHANNELS
from registry.people import NewAddress, NewPerson
from registry.phones import calling_code
from registry.scope.prefixes import fill_prefixes, with_prefix
from registry.tables import Address
from tests.notify.alerts.scene import Scene, person
from tests.notify.made import draft

HOME, ABROAD = "+8613800138001", "+260977000003"
LEVEL_3 = {"level": 3, "every_channel": False, "quiet": False, "ask_safe": False}
ADDRESSES = table(Address)


@pytest.mark.parametrize("listed, in_use, expected", [
    (["sms", "email"], ["sms", "email"], ["sms:any", "email:any"]),
    (["sms", "email"], ["sms", "sms_cn", "email"], ["sms:abroad", "sms_cn:home", "email:any"]),
    (["email", "sms"], ["sms", "sms_cn"], ["email:any", "sms:abroad", "sms_cn:home"]),
    (["sms", "sms_cn"], ["sms", "sms_cn"], ["sms:abroad", "sms_cn:home"]),
    (["sms_cn"], ["sms_cn"], ["sms_cn:home"]),
    (["voice", "sms"], ["voice", "sms"], ["voice:abroad", "sms:any"]),
    (["wecom", "wechat", "whatsapp"], [], ["wecom:any", "wechat:any", "whatsapp:any"]),
    (["sms", "wecom_bot"], ["sms", "wecom_bot"], ["sms:any"]),
])  # fmt: skip
def test_routes(listed: list[str], in_use: list[str], expected: list[str]) -> None:
    """An alert that lists SMS goes to +86 over the provider at home where there is one; groups have no addresses."""
    assert [f"{one.channel}:{one.where}" for one in routes(listed, in_use)] == expected


def test_text_channels() -> None:
    """Texts are written for what is listed, for the provider at home beside SMS, and for every group bot in use."""
    assert text_channels(["sms", "email"], {"sms"}) == ("sms", "email")
    assert text_channels(["sms", "email"], {"sms", "sms_cn", "feishu_bot"}) == ("sms", "sms_cn", "email", "feishu_bot")
    assert text_channels(["email"], {"sms_cn"}) == ("email",)


def test_calls_are_for_danger_to_life() -> None:
    """By itself an alert calls people only at level 4."""
    assert by_level(["sms", "voice", "email"], 3) == ("sms", "email")
    assert by_level(["sms", "voice"], None) == ("sms",)
    assert by_level(["sms", "voice"], 4) == ("sms", "voice")


def test_layers_take_an_address_once() -> None:
    """In one layer no address is taken by two routes; calls, which take the numbers of SMS, are a layer of their own."""
    whole = routes(["sms", "voice", "email"], {"sms", "sms_cn"})
    assert [[one.channel for one in layer] for layer in layers(whole)] == [["sms", "sms_cn", "email"], ["voice"]]
    assert layers([]) == []
    assert len(layers([Route("a", "sms"), Route("b", "sms", Where.HOME)])) == 2


def test_what_a_channel_may_take() -> None:
    """A text at home takes +86 only, a call takes anything else, other channels their own addresses."""
    assert [taken_from(one) for one in ("sms", "sms_cn", "voice", "whatsapp")] == ["sms", "sms", "sms", "whatsapp"]
    assert may_take("sms_cn", "sms", "86")
    assert not may_take("sms_cn", "sms", "")
    assert not may_take("voice", "sms", "86")
    assert may_take("email", "email", "")
    assert not may_take("email", "sms", "86")


@pytest.mark.parametrize("number, code", [
    (HOME, "86"), (ABROAD, "260"), ("+15550100", "1"), ("+78005550100", "7"), ("+85251234567", "852"), ("+4930123456", "49"),
    ("+992900000001", "992"), ("+9990000000", ""), ("+", ""),
])  # fmt: skip
def test_calling_codes(number: str, code: str) -> None:
    """Codes have one to three digits and none begins another."""
    assert calling_code(number) == code


def released(scene: Scene, transfer: Transfer, **values: object) -> int:
    """Release an alert as an office does that may do this with providers abroad."""
    acting = replace(scene.acting(SYSTEM), transfer=transfer)
    with writing(scene.engine) as connection:
        version = alerts.open_alert(connection, draft(**values), acting)
        assert version is not None
        alerts.release_by_rule(connection, version, acting)
    return version


IN_USE = Transfer(in_use=frozenset({"sms", "sms_cn", "email", "voice"}))


def told(scene: Scene, version: int) -> list[tuple[str, str]]:
    """Return channel and ground of every notice."""
    return [(one.channel, one.transfer_ground) for one in scene.notices(version)]


def test_a_number_of_home_needs_no_ground(scene: Scene) -> None:
    """+86 goes over the provider at home and crosses no border, at any level; a number abroad needs its ground as before."""
    at_home, abroad = scene.enrol(person(sms=(HOME,)), person(sms=(ABROAD,)))
    version = released(scene, IN_USE, level=2, every_channel=False, quiet=False, channels=("sms",))
    assert sorted((one.channel, one.state, one.reason) for one in scene.notices(version)) == [
        ("sms", "suppressed", "no-ground"), ("sms_cn", "ready", ""),
    ]  # fmt: skip
    with reading(scene.engine) as connection:
        assert list(without_ground(connection, version)) == [abroad]
    assert len(scene.record_of(version, at_home)) == 1


def test_without_a_provider_at_home_nothing_changes(scene: Scene) -> None:
    """Where no provider at home is in use, +86 goes out as any number does."""
    scene.enrol(person(sms=(HOME, ABROAD)))
    assert told(scene, released(scene, Transfer(), **LEVEL_3)) == [("sms", "emergency")]


def test_a_number_nobody_looked_at_counts_as_abroad(scene: Scene) -> None:
    """Until its calling code is known, a number goes where numbers went before; then +86 stays at home."""
    scene.enrol(person(sms=(HOME,)))
    with writing(scene.engine) as connection:
        connection.execute(update(ADDRESSES).values(prefix=""))
    assert told(scene, released(scene, IN_USE, **LEVEL_3)) == [("sms", "emergency")]
    with writing(scene.engine) as connection:
        fill_prefixes(connection, scene.keys, calling_code, PHONE_CHANNELS, after=0, limit=10)
    later = released(scene, IN_USE, **LEVEL_3, native_id="2026-11-21/two", change_id=None)
    assert told(scene, later) == [("sms_cn", "")]


def test_calls_take_the_numbers_of_messages(scene: Scene) -> None:
    """At level 4 a number abroad is written to and called, and a number at home only written to; each record points to both."""
    [one] = scene.enrol(person(sms=(HOME, ABROAD)))
    version = released(scene, IN_USE, channels=("sms", "voice"))
    assert sorted(told(scene, version)) == [("sms", "emergency"), ("sms_cn", ""), ("voice", "emergency")]
    assert len(scene.record_of(version, one)) == 3


def test_old_numbers_are_looked_up_in_portions(scene: Scene) -> None:
    """A run that is broken off goes on where it stood; mail has no code, a damaged number none, and a missing key stops it."""
    whatsapp = NewPerson("沙僧", person().consent, addresses=(NewAddress("whatsapp", ABROAD),))
    scene.enrol(person(sms=(HOME, ABROAD), email=("a@example.com",)), whatsapp)
    with writing(scene.engine) as connection:
        assert list(connection.execute(select(ADDRESSES.c.prefix).order_by(ADDRESSES.c.id)).scalars()) == [
            "86", "260", "", "260",
        ]  # fmt: skip
        connection.execute(update(ADDRESSES).values(prefix=""))
        damaged = ADDRESSES.update().where(ADDRESSES.c.id == 2)
        connection.execute(damaged.values(value_sealed=b"x" * 40))
    other = MasterKeys({"other": bytes(32)}, "other")
    with writing(scene.engine) as connection, pytest.raises(KeyGone):
        fill_prefixes(connection, other, calling_code, PHONE_CHANNELS, after=0, limit=10)
    after, filled = 0, []
    while True:
        with writing(scene.engine) as connection:
            after, count = fill_prefixes(connection, scene.keys, calling_code, PHONE_CHANNELS, after=after, limit=1)
        if not after:
            break
        filled.append(count)
    assert filled == [1, 0, 1]
    with reading(scene.engine) as connection:
        assert list(connection.execute(with_prefix("86")).scalars()) == [1]
        assert list(connection.execute(with_prefix("260")).scalars()) == [4]
