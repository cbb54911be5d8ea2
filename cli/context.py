"""What every command starts from: the settings, the office, and who acts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from core.database import reading, writing
from core.errors import NotAllowed, WrongUse
from core.i18n import t
from core.settings import Settings, load
from notify.alerts import Acting
from notify.office import Office, open_office
from registry import users
from registry.actors import Actor
from registry.tables import Role
from sources.catalog import publishers_with
from sources.model import Publisher

CONSOLE = Actor("console", Role.ADMINISTRATOR)
"""Whoever sits at the machine before the first user exists: may do everything, but not approve what they drafted."""


@dataclass
class Context:
    """The command line at work.

    Attributes:
        user: name given with `--as`; empty: nobody.
    """

    user: str = ""

    @cached_property
    def settings(self) -> Settings:
        """Return the settings."""
        return load()

    @cached_property
    def office(self) -> Office:
        """Return the office; the database is made on first use."""
        return open_office(self.settings)

    def close(self) -> None:
        """Let go of the database, if it was opened."""
        if "office" in self.__dict__:
            self.office.engine.dispose()

    @cached_property
    def actor(self) -> Actor:
        """Return who acts, proven by token.

        Raises:
            NotAllowed: there are users, and the name or the token is missing or wrong.
        """
        with reading(self.office.engine) as connection:
            if users.bootstrap_needed(connection):
                return CONSOLE
        token = self.settings.token.get_secret_value() or self._token_file()
        if not self.user or not token:
            raise NotAllowed(
                t("Say who acts: `--as USER`, with that user's token in LINGBAO_TOKEN or {path}.", path=self._path())
            )
        with writing(self.office.engine) as connection:
            return users.authenticate(connection, name=self.user, token=token, now=self.office.clock.now())

    def keep_companies_out(self) -> None:
        """Let whoever runs this machine pass, named or not, as schedules do; but nobody who says that they are a company's.

        Raises:
            NotAllowed: the user named with `--as` is a company contact.
        """
        if self.user and self.actor.role == Role.COMPANY:
            raise NotAllowed(t("Only the office may do this, not {actor}.", actor=self.actor.name))

    def publisher(self, name: str) -> Publisher:
        """Return a source by its id.

        Raises:
            WrongUse: there is none of that name.
        """
        known = publishers_with(self.settings.extra_sources, self.settings.posts)
        if name not in known:
            raise WrongUse(t("There is no source {name}. Known: {known}.", name=name, known=", ".join(sorted(known))))
        return known[name]

    @property
    def acting(self) -> Acting:
        """Return who acts, now, for the office."""
        return self.office.acting(self.actor)

    def _path(self) -> str:
        return str(self.settings.home / "tokens" / (self.user or "USER"))

    def _token_file(self) -> str:
        path = self.settings.home / "tokens" / self.user
        return path.read_text().strip() if self.user and path.is_file() else ""
