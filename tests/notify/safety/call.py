"""A small roll call, and how the tests answer to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.database import reading, writing
from core.i18n import Message
from notify.alerts import Acting
from notify.duty import store as duty
from notify.safety.board import Board, board
from notify.safety.model import PERSON, Answer, Counted, Means, Said
from notify.safety.take import Mark, mark, take_answer
from notify.safety.tally import Entry, State
from registry.actors import CONTACT, SYSTEM, Actor
from registry.people import NewPosting
from registry.tables import Role
from sources.wire import load_message
from tests.notify.alerts.scene import OFFICER, Scene, person
from tests.notify.made import draft

SHARED = "+260970000999"
"""The telephone of a foreman and his two men."""


@dataclass
class Call:
    """A roll call.

    Attributes:
        people: nine with a number of their own (the first five with company A, then four with B), then three behind one.
        a, b: the companies; the first three people and those behind one number are in Zambia, the others in Kenya.
    """

    scene: Scene
    alert_id: int
    version_id: int
    people: list[int]
    a: int
    b: int

    @property
    def now(self) -> datetime:
        """Return the present moment."""
        return self.scene.clock.now()

    def say(
        self, answer: Answer, *people: int, means: Means = Means.SMS, after: int = 0, ref: str = "", words: str = ""
    ) -> Counted:
        """Let an answer come in, so many seconds after now."""
        said = Said(answer, means, PERSON, words, self.now + timedelta(seconds=after), ref)
        with writing(self.scene.engine) as connection:
            return take_answer(connection, self.alert_id, people, said, self.scene.keys)

    def mark(self, actor: Actor, answer: Answer, *people: int, note: str = "", after: int = 0) -> Counted:
        """Let somebody say it of others."""
        acting = Acting(actor, self.now + timedelta(seconds=after), self.scene.acting(OFFICER).office)
        with writing(self.scene.engine) as connection:
            return mark(connection, Mark(self.alert_id, people, answer, note), acting, self.scene.keys)

    def board(self, actor: Actor = SYSTEM, country: str | None = None) -> Board:
        """Return the board as an actor sees it."""
        with reading(self.scene.engine) as connection:
            return board(connection, self.alert_id, actor, country=country)

    def of(self, registrant_id: int, actor: Actor = SYSTEM) -> Entry:
        """Return one person on the board."""
        return next(one for one in self.board(actor).entries if one.place.registrant_id == registrant_id)

    def states(self, people: Sequence[int]) -> list[State]:
        """Return where people stand."""
        found = {one.place.registrant_id: one.state for one in self.board().entries}
        return [found[one] for one in people]

    def pages(self) -> list[str]:
        """Return the causes of the pages that are open."""
        with reading(self.scene.engine) as connection:
            return sorted(one.cause for one in duty.open_pages(connection))

    def words(self) -> list[Message]:
        """Return what the open pages say."""
        with reading(self.scene.engine) as connection:
            return [load_message(one.words) for one in duty.open_pages(connection)]


def contact(employer_id: int) -> Actor:
    """Return somebody of a company."""
    return Actor(f"{CONTACT}{employer_id}", Role.COMPANY, None, employer_id)


def asked(scene: Scene) -> Call:
    """Enrol twelve people, and release an alert that asks them."""
    a, b = scene.employer("A-1"), scene.employer("B-1")
    own = [
        person(NewPosting("ZM" if number < 3 else "KE"), sms=(f"+26097000000{number}",), employer=a if number < 5 else b,
               name=f"示例{number}")
        for number in range(9)
    ]  # fmt: skip
    crew = [person(sms=(SHARED,), employer=b, name=f"工友{number}") for number in range(3)]
    people = scene.enrol(*own, *crew)
    version_id = scene.by_rule(draft(countries=("KE", "ZM"), channels=("sms",)))
    return Call(scene, scene.alert_of(version_id), version_id, people, a, b)
