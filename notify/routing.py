"""Which notice goes to which address: a channel of notices takes addresses of a channel of the register. Pure.

Twilio cannot reach mainland China two ways, and not by voice at all (its guideline for CN, and support article
360016488474): a number under +86 goes to the provider at home when the office has one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

SMS, SMS_CN, VOICE = "sms", "sms_cn", "voice"
GROUP_BOTS = ("wecom_bot", "dingtalk_bot", "feishu_bot")
"""Channels that post to groups, never to a person: they have no addresses in the register."""

HOME_PREFIX = "86"
CALLED_FROM = 4
"""The level from which people are called by default: a call at night is for danger to life."""


class Where(StrEnum):
    """Which numbers a channel takes."""

    ANY = "any"
    HOME = "home"
    ABROAD = "abroad"


@dataclass(frozen=True)
class Route:
    """One way from a notice to addresses.

    Attributes:
        channel: of the notice, and so its provider.
        takes: the channel of the address in the register.
        where: by the calling code of the number; one that nobody looked at counts as abroad.
    """

    channel: str
    takes: str
    where: Where = Where.ANY


TAKEN_FROM = {SMS_CN: SMS, VOICE: SMS}
"""The channels of notices that take the addresses of another channel of the register."""


def taken_from(channel: str) -> str:
    """Return the channel of the register whose addresses a channel of notices takes."""
    return TAKEN_FROM.get(channel, channel)


def may_take(channel: str, address_channel: str, prefix: str) -> bool:
    """Tell whether a channel of notices can reach an address at all, whatever the office would rather use."""
    if taken_from(channel) != address_channel:
        return False
    return {SMS_CN: prefix == HOME_PREFIX, VOICE: prefix != HOME_PREFIX}.get(channel, True)


def text_channels(channels: Sequence[str], in_use: Collection[str]) -> tuple[str, ...]:
    """Return the channels an alert needs texts for: what it lists, with `sms` the provider at home, and the groups.

    Args:
        in_use: channels that are open at this office.
    """
    bots = [one for one in GROUP_BOTS if one in in_use]
    return tuple(dict.fromkeys([*_spelled_out(channels, in_use), *bots]))


def _spelled_out(channels: Sequence[str], in_use: Collection[str]) -> list[str]:
    wanted: list[str] = []
    for one in channels:
        wanted += [one, SMS_CN] if one == SMS and SMS_CN in in_use else [one]
    return list(dict.fromkeys(wanted))


def routes(channels: Sequence[str], in_use: Collection[str]) -> tuple[Route, ...]:
    """Return the ways of an alert that lists `channels`, in order of preference.

    Args:
        in_use: channels that are open at this office, and for which the alert has texts.
    """
    listed = [one for one in _spelled_out(channels, in_use) if one not in GROUP_BOTS]
    return tuple(Route(one, taken_from(one), _where(one, in_use)) for one in listed)


def _where(channel: str, in_use: Collection[str]) -> Where:
    if channel == SMS_CN:
        return Where.HOME
    apart = channel == VOICE or (channel == SMS and SMS_CN in in_use)
    return Where.ABROAD if apart else Where.ANY


def layers(ways: Sequence[Route]) -> list[list[Route]]:
    """Part routes so that in each layer one address is taken by one route at most: then one look at each address will do.

    All routes are in one layer but for calls, which take numbers that text messages take too.
    """
    found: list[list[Route]] = []
    for route in ways:
        free = (layer for layer in found if not any(_overlap(route, other) for other in layer))
        layer = next(free, None)
        if layer is None:
            found.append([route])
        else:
            layer.append(route)
    return found


def _overlap(one: Route, other: Route) -> bool:
    return one.takes == other.takes and (Where.ANY in {one.where, other.where} or one.where is other.where)


def by_level(channels: Sequence[str], level: int | None) -> tuple[str, ...]:
    """Return the channels of the settings that an alert of a level lists by itself: calls only from level 4 up."""
    return tuple(one for one in channels if one != VOICE or (level or 0) >= CALLED_FROM)
