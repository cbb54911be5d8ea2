"""The office at work: settings, database, keys, policy and channels, opened once and handed to the operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from core.clock import Clock, SystemClock
from core.database import at_head, check_not_newer, ensure_instance, open_engine, reading, schema_version, upgrade
from core.errors import WrongSetting
from core.i18n import t
from core.keys import MasterKeys, load_master_keys
from core.settings import Settings
from core.tables import Mode
from notify.alerts import Acting
from notify.backups import before_upgrade
from notify.channels.base import Channel
from notify.dispatch import Tools
from notify.doors import doors_of
from notify.gate import Gate
from notify.grounds import transfer_of
from notify.model import OfficeName
from notify.numbers import from_abroad
from notify.policy import Policy, load_policy
from notify.providers import open_channels
from notify.rules.versions import of_version
from notify.store import alerts as alert_store
from notify.store import policies as policy_store
from notify.texts.rules import text_rules
from registry.actors import Actor
from sources.archive import Archive
from sources.catalog import publishers_with
from sources.fetch import HttpFetcher
from sources.model import Publisher
from sources.read import Desk
from sources.replay import ReplayFetcher


@dataclass(frozen=True)
class Office:
    """Everything an operation may need. `channels` are given by tests; else they follow the settings and the mode."""

    settings: Settings
    engine: Engine
    clock: Clock
    keys: MasterKeys
    channels: Mapping[str, Channel] | None = None

    @property
    def policy(self) -> Policy:
        """Return the policy in force now: the version that was switched on last, else the office's file, else the shipped one."""
        with reading(self.engine) as connection:
            version = policy_store.newest(connection)
        return self._policy_of_file if version is None else of_version(version)

    @cached_property
    def _policy_of_file(self) -> Policy:
        return load_policy(self.settings.policy_file)

    @property
    def sources(self) -> dict[str, Publisher]:
        """Return every source by its id: ours, and those added in the settings.

        Raises:
            WrongSetting: an added source makes no sense.
        """
        return publishers_with(self.settings.extra_sources, self.settings.posts)

    @property
    def name(self) -> OfficeName:
        """Return how the office calls itself."""
        return OfficeName(
            self.settings.office_name,
            self.settings.office_name_en,
            from_abroad(self.settings.office_phone),
            self.settings.zone,
        )

    @property
    def archive(self) -> Archive:
        """Return where captures are kept."""
        return Archive(self.settings.home / "captures")

    def acting(self, actor: Actor) -> Acting:
        """Return `actor` acting now for this office."""
        rules = text_rules(self.settings)
        return Acting(
            actor, self.clock.now(), self.name, transfer_of(self.settings), rules, self.settings.groups, self.policy,
            doors_of(self.settings),
        )  # fmt: skip

    @contextmanager
    def desk(self, as_of: datetime, captures: Path | None) -> Iterator[Desk]:
        """Give what a reading needs: live fetching, or the replay of a directory of captures at `as_of`."""
        wait = timedelta(seconds=self.settings.confirm_after)
        if captures is not None:
            yield Desk(self.engine, self.archive, ReplayFetcher(captures, as_of), wait)
            return
        with HttpFetcher(self.settings, self.clock) as fetcher:
            yield Desk(self.engine, self.archive, fetcher, wait, live=True)

    def tools(self) -> Tools:
        """Return what a dispatcher works with: channels are opened for the mode the database is in now."""
        with reading(self.engine) as connection:
            here = alert_store.instance(connection)
        mode = Mode(here.mode)
        channels = self.channels if self.channels is not None else open_channels(self.settings, mode)
        gate = Gate(here.uid, mode, self.settings.drill_allow)
        night = self.policy.quiet.night
        return Tools(self.engine, self.clock, self.settings, self.keys, channels, gate, night)

    def with_channels(self, channels: Mapping[str, Channel]) -> Office:
        """Return the same office with other channels."""
        return replace(self, channels=channels)


def open_office(settings: Settings, clock: Clock | None = None) -> Office:
    """Open the office, making the database and the key on first use.

    Raises:
        WrongSetting: the database is newer than this program, or the keys are not here.
        BackupFailed: its schema is older, and what is in it could not be written down first.
    """
    clock = clock or SystemClock()
    engine = open_engine(settings.database)
    try:
        check_not_newer(engine)
    except WrongSetting:
        engine.dispose()
        raise
    fresh = schema_version(engine) is None
    if not at_head(engine):
        before_upgrade(engine, settings, clock.now())
        upgrade(engine)
    # A key is made only together with a database: with an existing one a new key would open nothing.
    keys = load_master_keys(settings, create=fresh)
    ensure_instance(engine, keys, clock.now())
    if not settings.home.exists():
        raise WrongSetting(t("home: {path} does not exist.", path=settings.home))
    return Office(settings, engine, clock, keys)
