"""An office with an administrator who can let others in, and a phone that shows codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pyotp
from sqlalchemy import Engine, select

from core.clock import FixedClock
from core.database import ensure_instance, reading, set_mode, writing
from core.keys import MasterKeys, blind_index
from core.tables import Audit, Mode, table
from registry import users
from registry.accounts.credentials.proving import WINDOW, Claim
from registry.accounts.credentials.set_up import finish_set_up, make_set_up_link, set_up_of
from registry.accounts.credentials.sign_in import SignedIn, sign_in
from registry.accounts.limits import count_attempt
from registry.accounts.office import OfficeSession, session_of
from registry.actors import Actor
from registry.enrol import index_key
from registry.tables import Role

PASSWORD = "four words in a row"
ADMIN = "jiamu"


@dataclass
class House:
    """The office. `phones`: the app of each user who has set up; `codes`: their recovery codes."""

    engine: Engine
    keys: MasterKeys
    clock: FixedClock
    admin: Actor
    phones: dict[str, pyotp.TOTP] = field(default_factory=dict)
    codes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, name: str, role: Role = Role.OFFICER) -> int:
        """Add a user."""
        with writing(self.engine) as connection:
            return users.add_user(connection, self.admin, name=name, role=role, now=self.clock.now())

    def link(self, name: str) -> str:
        """Make a link to set up."""
        with writing(self.engine) as connection:
            return make_set_up_link(connection, self.admin, name, self.clock.now())

    def set_up(self, name: str, password: str = PASSWORD) -> tuple[str, ...]:
        """Set up a user with the code their phone shows."""
        token = self.link(name)
        with reading(self.engine) as connection:
            found = set_up_of(connection, self.keys, token, self.clock.now())
        self.phones[name] = pyotp.TOTP(found.secret)
        chosen = (password, self.code(name))
        self.codes[name] = finish_set_up(self.engine, self.keys, token, chosen, self.clock.now())
        self.pass_time()
        return self.codes[name]

    def code(self, name: str) -> str:
        """Return what the phone shows now."""
        return self.phones[name].at(self.clock.now())

    def pass_time(self, seconds: int = 30) -> None:
        """Wait: for the next code, unless told otherwise."""
        self.clock.advance(timedelta(seconds=seconds))

    def sign_in(self, name: str, password: str = PASSWORD, code: str = "", **more: str) -> SignedIn:
        """Try to sign in. Without a code: with the one that the phone shows, and the next one is awaited first."""
        if not code and name in self.phones:
            self.pass_time()
            code = self.code(name)
        return sign_in(self.engine, self.keys, Claim(name, password, code, **more), "Firefox", self.clock.now())

    def tried(self, what: str, times: int, kind: str = "office-name") -> None:
        """Count tries as if they had been made: without the time that their hashes would take."""
        with writing(self.engine) as connection:
            key = blind_index(index_key(connection, self.keys), kind, what)
            for _ in range(times):
                count_attempt(connection, key, self.clock.now(), window=WINDOW)

    def session(self, secret: str) -> OfficeSession:
        """Return the session behind a secret."""
        with reading(self.engine) as connection:
            return session_of(connection, secret, self.clock.now())

    def go(self, mode: Mode) -> None:
        """Set the mode."""
        with writing(self.engine) as connection:
            set_mode(connection, mode)

    def audit(self, *actions: str) -> list[tuple[str, str, str, str]]:
        """Return what stands in the audit under these actions: who, what, of whom, and more."""
        rows = table(Audit)
        query = select(rows.c.actor, rows.c.action, rows.c.object, rows.c.detail).where(rows.c.action.in_(actions))
        with reading(self.engine) as connection:
            return [tuple(row) for row in connection.execute(query.order_by(rows.c.id))]


def house(engine: Engine, keys: MasterKeys, clock: FixedClock) -> House:
    """Give an office with its first administrator, not set up yet."""
    ensure_instance(engine, keys, clock.now())
    console = Actor("console", Role.ADMINISTRATOR)
    with writing(engine) as connection:
        number = users.add_user(connection, console, name=ADMIN, role=Role.ADMINISTRATOR, now=clock.now())
    return House(engine, keys, clock, Actor(ADMIN, Role.ADMINISTRATOR, number))
