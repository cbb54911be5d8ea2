"""An office with a user of each role, each signed in at a browser, and two companies with people and an alert."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
from starlette.types import ASGIApp

from console.app import build
from console.pages.office.visit import COOKIE
from core.clock import FixedClock
from core.database import empty_log, writing
from core.settings import load
from notify.office import Office
from registry.accounts.office import begin
from registry.actors import Actor
from registry.tables import Role
from registry.users import add_user
from tests.console.api.world import World, world
from tests.console.pages.surfer import HOST, Surfer
from tests.databases import open_quickly
from tests.notify.sending.house import House, Scripted

NAMES: Mapping[Role, str] = {
    Role.ADMINISTRATOR: "chief", Role.OFFICER: "wang", Role.APPROVER: "li", Role.AUDITOR: "zhao",
}  # fmt: skip
SECOND = "sun"
"""Another officer."""
CHIEF = Actor("chief", Role.ADMINISTRATOR, 1)


@dataclass
class Desk:
    """The office, and its browsers by the name of who sits there.

    Attributes:
        world: the companies, their people, the alert (see `tests.console.api.world`).
        secrets: what each browser's session cookie holds.
    """

    world: World
    app: ASGIApp
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def office(self) -> Office:
        """Return the office."""
        return self.world.office

    @property
    def house(self) -> House:
        """Return the office in the short words of the tests of sending."""
        return self.world.home

    def as_(self, who: Role | str) -> Surfer:
        """Return a browser in which somebody is signed in: the user of a role, or one by name. Each call gives a new browser."""
        name = NAMES[who] if isinstance(who, Role) else who
        cookies = httpx.Cookies()
        cookies.set(COOKIE, self.secrets[name], domain=HOST.removeprefix("http://"))
        return Surfer(self.app, cookies)

    def actor(self, who: Role | str) -> Actor:
        """Return the same as one who acts."""
        name = NAMES[who] if isinstance(who, Role) else who
        role = next((role for role, one in NAMES.items() if one == name), Role.OFFICER)
        return Actor(name, role, list(self.secrets).index(name) + 1)

    def stranger(self) -> Surfer:
        """Return a browser in which nobody is signed in."""
        return Surfer(self.app)


def desk(made: World) -> Desk:
    """Give the office its users, and each a session."""
    office, now = made.office, made.office.clock.now()
    secrets: dict[str, str] = {}
    with writing(office.engine) as connection:
        ids = {"chief": 1}
        for role, name in (*NAMES.items(), (Role.OFFICER, SECOND)):
            if name not in ids:
                ids[name] = add_user(connection, CHIEF, name=name, role=role, now=now)
        for name, number in ids.items():
            secrets[name] = begin(connection, number, now, device="Firefox · Linux")
    return Desk(made, build(office), secrets)


def copied(made: Desk, home: Path) -> Desk:
    """Return the same office with a database, a clock and browsers of its own: a copy of the file is quicker than all of it anew."""
    office = made.office
    empty_log(office.engine)
    shutil.copy(str(office.engine.url.database), home / "desk.db")
    engine = open_quickly(home / "desk.db")
    settings = load(home=home, api_calls_per_minute=100_000)
    own = Office(settings, engine, FixedClock(office.clock.now()), office.keys, {"sms": Scripted()})
    app, world = build(own), made.world
    world = replace(world, home=House(own), a=replace(world.a, app=app), b=replace(world.b, app=app))
    return Desk(world, app, made.secrets)


__all__ = ["Desk", "copied", "desk", "world"]
