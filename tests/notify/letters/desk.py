"""An office that has told its people, with a mail channel that remembers what it sent and a company contact to write to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from core.database import reading, writing
from notify.channels.recorder import Recorder
from notify.mailings.store import MAILINGS
from notify.office import Office
from notify.rollup.send import RolledUp, send_rollups
from registry.actors import SYSTEM
from registry.contacts import add_contact
from registry.liaisons import Duty, NewLiaison
from tests.notify.proof.world import World


@dataclass
class Desk:
    """The office and what left it by mail."""

    world: World
    office: Office
    mail: Recorder

    def contact(self, place: int, *mails: str, language: str = "zh") -> None:
        """Name contacts of a company: 0 is A, 1 is B."""
        with writing(self.office.engine) as connection:
            for one in mails:
                new = NewLiaison(Duty.SECURITY, "端木崇远", mail=one, language=language)
                add_contact(connection, SYSTEM, self.world.employers[place], new, keys=self.office.keys,
                            now=self.office.clock.now())  # fmt: skip

    def later(self, **time: float) -> None:
        """Let time go by."""
        self.world.clock.advance(timedelta(**time))

    def roll_up(self, **more: Any) -> list[RolledUp]:
        """Send the roll-ups that are due."""
        return send_rollups(self.office, by="system", **more)

    def rows(self) -> list[tuple[str, str, str]]:
        """Return edition, reader and outcome of every letter."""
        with reading(self.office.engine) as connection:
            return [
                (row.edition, row.reader, row.outcome)
                for row in connection.execute(MAILINGS.select().order_by(MAILINGS.c.id))
            ]


def desk_of(world: World, **settings: Any) -> Desk:
    """Open the desk of an office."""
    mail = Recorder("email")
    office = world.office.with_channels({"sms": world.phones, "email": mail})
    given = office.settings.model_copy(update=settings)
    return Desk(world, replace(office, settings=given), mail)
