"""Two companies with contacts, and somebody of the first at the portal."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from console.app import build
from core.clock import FixedClock
from core.database import empty_log, open_engine, writing
from core.settings import load
from notify.channels.recorder import Recorder
from notify.office import Office
from registry.actors import SYSTEM
from registry.contacts import add_contact
from registry.liaisons import Duty, NewLiaison
from tests.console.api.world import World, world
from tests.console.pages.surfer import Surfer
from tests.notify.sending.house import House, Scripted

MAILS = {"a": "liaison@a.example.com", "b": "liaison@b.example.com"}
LINK = re.compile(r"http://127\.0\.0\.1:8430(/company/sign-in/\S+)")


@dataclass
class Portal:
    """The two companies, the mails that went out, and a browser for each."""

    world: World
    mails: Recorder
    a: Surfer
    b: Surfer

    def link(self, mail: str) -> str:
        """Return the newest link that was sent to an address, without the host."""
        body = [one.body for one in self.mails.sent if one.address == mail][-1]
        found = LINK.search(body)
        assert found is not None
        return found.group(1)

    def sign_in(self, who: Surfer, mail: str) -> str:
        """Sign in by mail as a contact does; return the page it leads to."""
        who.get("/company/sign-in")
        who.post("/company/sign-in", mail=mail)
        link = self.link(mail)
        who.get(link)
        return who.post(link)


def portal(made: World) -> Portal:
    """Give both companies a contact, and both contacts a browser that is signed in."""
    mails = Recorder("email")
    home = made.home.with_channels(*(made.office.channels or {}).values(), mails)
    made = World(home, made.a, made.b, made.chief, made.rosters)
    app, office = build(made.office), made.office
    with writing(office.engine) as connection:
        for name, company in (("a", made.a), ("b", made.b)):
            new = NewLiaison(Duty.LIAISON, f"联络员{name}", "", MAILS[name])
            add_contact(connection, SYSTEM, company.employer_id, new, keys=office.keys, now=office.clock.now())
    found = Portal(made, mails, Surfer(app), Surfer(app))
    found.sign_in(found.a, MAILS["a"])
    found.sign_in(found.b, MAILS["b"])
    return found


def copied(made: Portal, home: Path) -> Portal:
    """Return the same office with a database, a clock, a sandbox and browsers of its own, as they are now: a copy of the file is
    quicker than two companies enrolled once more.
    """
    office = made.world.office
    empty_log(office.engine)
    shutil.copy(str(office.engine.url.database), home / "light.db")
    engine, mails = open_engine(f"sqlite:///{home / 'light.db'}"), Recorder("email", sent=list(made.mails.sent))
    channels = {"sms": Scripted(), "email": mails}
    settings = load(home=home, api_calls_per_minute=100_000)
    own = Office(settings, engine, FixedClock(office.clock.now()), office.keys, channels)
    app = build(own)
    world = replace(made.world, home=House(own), a=replace(made.world.a, app=app), b=replace(made.world.b, app=app))
    return Portal(world, mails, *(Surfer(app, httpx.Cookies(one.cookies)) for one in (made.a, made.b)))


__all__ = ["MAILS", "Portal", "portal", "world"]
