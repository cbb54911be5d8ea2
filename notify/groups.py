"""Groups in which a robot posts: which of them an alert concerns, and how one is named as an address. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from core.group_bots import GroupBot

NO_ADDRESS = 0
"""`Delivery.address_id` of a post to a group: it is no address of the register."""

PREFIX = "group:"
VARIANT = "group"
"""The variant of texts for groups: about a country, nothing of a person."""


def address(name: str) -> str:
    """Return how a group is written as an address, also on the allow-list of a drill."""
    return f"{PREFIX}{name}"


def index_of(name: str) -> bytes:
    """Return what stands in `Delivery.address_index` for a group: its name in plain, which is nobody's personal datum."""
    return address(name).encode()


def name_of(address_index: bytes) -> str:
    """Return the name of the group that a delivery was posted to; empty if it is no post to a group."""
    if not address_index.startswith(PREFIX.encode()):
        return ""
    return address_index.decode("utf-8", "replace").removeprefix(PREFIX)


def way(address_id: int, address_index: bytes, addresses: Mapping[int, str]) -> str:
    """Return where a delivery goes: a group, or an address of the register; empty if that is gone."""
    if address_id == NO_ADDRESS:
        return address_index.decode("utf-8", "replace")
    return addresses.get(address_id, "")


def concerned(
    groups: Sequence[GroupBot], countries: Collection[str], level: int | None, told: Collection[str]
) -> list[GroupBot]:
    """Return the groups that hear of an alert.

    Args:
        told: names of groups that an earlier version was posted to: they hear of every later one, whatever its level.
    """
    return [one for one in groups if one.name in told or _concerns(one, countries, level)]


def _concerns(group: GroupBot, countries: Collection[str], level: int | None) -> bool:
    here = not group.countries or not set(group.countries).isdisjoint(countries)
    return here and (level or 0) >= group.min_level
