"""One source that speaks through many sites (embassies): each is read alone, and fails alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import soupsieve

from core.errors import SourceBroken, SourceSkipped, SourceTransient, WrongSetting
from core.i18n import Message, t
from core.places.names import codes
from core.settings_tables import PostSite
from sources.model import Advisory, Capture, Get, Known, Reading


def read_sites(get: Get, known: Known, addresses: Iterable[str], parse: Callable[[Capture], Reading]) -> Reading:
    """Read each address with `get` and `parse`, in turn, one request each.

    Returns:
        The sites that could be read as one reading, each entry once; those that could not are named in `unread`. What a site
        brings that is read for the first time is a first sight, unless a known site has it too.

    Raises:
        SourceBroken: no site could be read. `SourceSkipped` if it was a replay without captures of the first one,
            `SourceTransient` if one of them may be reached at another try.
    """
    read: dict[str, Reading] = {}
    faults: list[SourceBroken] = []
    for address in addresses:
        try:
            read[address] = parse(get(address))
        except SourceBroken as error:
            faults.append(error)
    if not read:
        raise _worst(faults)
    return _together(
        read, known, tuple(t("One site could not be read: {reason}", reason=one.message) for one in faults)
    )


def _together(read: Mapping[str, Reading], known: Known, unread: tuple[Message, ...]) -> Reading:
    first: dict[str, Advisory] = {}
    for one in (one for reading in read.values() for one in reading.advisories):
        first.setdefault(one.native_id, one)
    seen = {one.native_id for url, reading in read.items() if url in known.parts for one in reading.advisories}
    built = [reading.built_at for reading in read.values() if reading.built_at is not None]
    return Reading(
        tuple(first.values()),
        tuple(bad for reading in read.values() for bad in reading.quarantined),
        tuple(note for reading in read.values() for note in reading.notes),
        built_at=max(built, default=None),
        unread=unread,
        parts=tuple(read),
        first_sights=frozenset(first) - seen,
    )


def check_post(post: PostSite) -> None:
    """Refuse a post of the settings that cannot be read.

    Raises:
        WrongSetting: a country there is not, or a selector that is none.
    """
    if unknown := sorted(set(post.countries) - codes()):
        raise WrongSetting(t("Post {name}: unknown country codes: {codes}", name=post.post, codes=", ".join(unknown)))
    for selector in filter(None, (post.links, post.body)):
        try:
            soupsieve.compile(selector)
        except soupsieve.SelectorSyntaxError as error:
            reason = str(error).splitlines()[0]
            raise WrongSetting(t("Post {name}: no selector: {reason}", name=post.post, reason=reason)) from error


def check_posts(source: str, hosts: list[str]) -> None:
    """Refuse a list of posts that leaves none, or two on one host: a page is known by its host.

    Raises:
        WrongSetting: as said.
    """
    if not hosts:
        raise WrongSetting(t("{source}: no post is left to read; switch the source off instead.", source=source))
    if twice := sorted({host for host in hosts if hosts.count(host) > 1}):
        raise WrongSetting(t("{source}: two posts on one host: {hosts}", source=source, hosts=", ".join(twice)))


def _worst(faults: list[SourceBroken]) -> SourceBroken:
    """Return the fault that says best what to do: nothing was to be read, try again, or the first."""
    for kind in (SourceSkipped, SourceTransient):
        if found := next((fault for fault in faults if isinstance(fault, kind)), None):
            return found
    return faults[0]
