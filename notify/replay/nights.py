"""Where the nights of a replay come from: the office's own changes, its captures read anew, or a folder of captures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from core.database import reading, writing
from core.errors import SourceBroken, SourceSkipped
from core.i18n import Message, t
from notify.replay import store
from notify.replay.house import House
from notify.store.alerts import IN_FORCE
from sources.archive import Archive
from sources.fetch import Fetcher
from sources.model import Capture, Card
from sources.read import SourceStatus, read_source
from sources.replay import ReplayFetcher, moments


class Nights(Protocol):
    """Nights that can be gone through: each puts its changes into the database of the replay."""

    same_numbers: bool
    """Changes have the numbers they have in the office's database."""

    def work(self, house: House, since: datetime, until: datetime) -> Iterator[datetime]:
        """Yield each night before `until`, oldest first, once its changes wait to be decided; some before `since` too."""
        ...

    def remarks(self) -> tuple[Message, ...]:
        """Return what could not be read, a sentence each."""
        ...


class OwnChanges:
    """The changes that the office itself found, exactly as it found them.

    Nights up to 90 days before the first one that is asked for are worked too: alerts of then were still in force.
    """

    same_numbers = True

    def work(self, house: House, since: datetime, until: datetime) -> Iterator[datetime]:
        """Yield each night with changes."""
        with reading(house.real.engine) as office, writing(house.own.engine) as own:
            store.copy_versions(office, own, since - IN_FORCE, until)
            nights = store.nights_of_changes(office, since - IN_FORCE, until)
        for night in nights:
            with reading(house.real.engine) as office, writing(house.own.engine) as own:
                store.copy_changes(office, own, night)
            yield night

    def remarks(self) -> tuple[Message, ...]:
        """Return nothing: there is nothing to read."""
        return ()


class Reading:
    """Pages that are read anew with today's readers, from the office's archive or from a folder.

    A source is read in the nights in which it was captured, and once more later where a fall waits for a second look. All
    nights from the first capture on are worked: what a source says is news only against what it said before.
    """

    same_numbers = False

    def __init__(self, folder: Path | None = None) -> None:
        """Read a folder with a `captures.toml`; None: the office's archive."""
        self._folder = folder
        self._broken: dict[str, Message] = {}

    def work(self, house: House, since: datetime, until: datetime) -> Iterator[datetime]:
        """Yield each night with captures, after reading what was captured then."""
        nights = self._nights(house, until)
        for night, captured in sorted(nights.items()):
            with reading(house.own.engine) as own:
                wanted = captured | store.waiting_sources(own)
            desk = house.desk(self._fetcher(house, night))
            house.clock.moment = night
            for name in sorted(wanted & set(house.own.sources)):
                report = read_source(house.own.sources[name], desk, night)
                if report.status is SourceStatus.BROKEN and report.reason is not None and night >= since:
                    self._broken[name] = report.reason
            yield night

    def remarks(self) -> tuple[Message, ...]:
        """Return which sources could not be read in one of the nights, and why: the last reason of each."""
        return tuple(t("Not read in one of the nights: {reason}", reason=one) for one in self._broken.values())

    def _nights(self, house: House, until: datetime) -> Mapping[datetime, set[str]]:
        if self._folder is not None:
            return {at: names for at, names in moments(self._folder).items() if at < until}
        with reading(house.real.engine) as office:
            return store.nights_of_captures(office, until)

    def _fetcher(self, house: House, night: datetime) -> Fetcher:
        if self._folder is not None:
            return ReplayFetcher(self._folder, night)
        return ArchiveFetcher(house, night)


class ArchiveFetcher:
    """Answers with what the office itself received, as it stood at one moment. Fetches nothing."""

    def __init__(self, house: House, at: datetime) -> None:
        """Answer as of `at`."""
        self._house, self._at = house, at

    def get(self, card: Card, url: str, previous: Capture | None) -> Capture:
        """Return the newest capture of `url` that is not newer than the moment.

        Raises:
            SourceSkipped: the first page of the source was never received by then.
            SourceBroken: a further page was not, or its bytes are gone.
        """
        with reading(self._house.real.engine) as office:
            row = store.captured(office, card.id, url, self._at)
        if row is None:
            kind = SourceSkipped if url == card.url else SourceBroken
            raise kind(t("{source}: {url} was never received by then.", source=card.id, url=url))
        try:
            body = self._archive.get(row.sha256)
        except FileNotFoundError as error:
            raise SourceBroken(t("{source}: the bytes of {url} are gone.", source=card.id, url=url)) from error
        return Capture(card.id, url, row.fetched_at, body, row.content_type)

    @property
    def _archive(self) -> Archive:
        return self._house.captures
