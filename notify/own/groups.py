"""Saved groups: people by employer and kind of stay, or one by one, under a name an officer remembers at 3 a.m."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core import audit
from core.errors import BadInput, NotFound
from core.i18n import t
from notify.own import store
from notify.own.tables import AlertGroup
from registry.actors import Actor, require_office
from registry.employers import find_employer
from registry.scope.among import unknown_people

LONGEST = 60


@dataclass(frozen=True)
class NewGroup:
    """What a group is to be: codes of employers and kinds of stays (both must fit, of those given), and people by number."""

    name: str
    employers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    people: tuple[int, ...] = ()


def add(connection: Connection, actor: Actor, new: NewGroup, *, now: datetime, replace: bool = False) -> int:
    """Save a group; return its number. With `replace`, in the place of the one that has the name.

    Alerts written for the old one keep it: what was approved stays what it was.

    Raises:
        NotAllowed: the actor is not the office.
        BadInput: no name, nobody in it, or the name is taken. NotFound: no such employer or person.
    """
    require_office(actor)
    name = " ".join(new.name.split())
    if not 0 < len(name) <= LONGEST:
        raise BadInput(t("A group needs a name of at most {most} characters.", most=LONGEST))
    if not (new.employers or new.kinds or new.people):
        raise BadInput(
            t(
                "Say who is in group {name}: employers, kinds of stays, or people. A group is never everybody.",
                name=name,
            )
        )
    refuse_unknown(connection, actor, new.people)
    employers = [find_employer(connection, actor, code).employer_id for code in new.employers]
    if (old := store.group_named(connection, name)) is not None:
        if not replace:
            raise BadInput(t("There is a group {name} already: --replace puts this one in its place.", name=name))
        store.remove_group(connection, old.id or 0, by=actor.name, now=now)
    row = AlertGroup(name=name, employers=employers, kinds=list(new.kinds), created_at=now, created_by=actor.name)
    number = store.add_group(connection, row, new.people)
    _note(connection, actor, "group.add", number, now)
    return number


def remove(connection: Connection, actor: Actor, name: str, *, now: datetime) -> None:
    """Take the name of a group away; alerts written for it keep it.

    Raises:
        NotAllowed: the actor is not the office. NotFound: there is no such group.
    """
    require_office(actor)
    number = find(connection, name).id or 0
    store.remove_group(connection, number, by=actor.name, now=now)
    _note(connection, actor, "group.remove", number, now)


def find(connection: Connection, name: str) -> AlertGroup:
    """Return the group of a name.

    Raises:
        NotFound: there is none.
    """
    found = store.group_named(connection, " ".join(name.split()))
    if found is None:
        known = "、".join(one.name for one in store.groups(connection)) or "-"
        raise NotFound(t("There is no group {name}. Known: {known}.", name=name, known=known))
    return found


def refuse_unknown(connection: Connection, actor: Actor, people: Sequence[int]) -> None:
    """Stop at a number that is nobody's in the register: a slip of the hand would leave somebody out unseen.

    Raises:
        NotFound: it names the numbers.
    """
    if unknown := unknown_people(connection, actor, people):
        raise NotFound(
            t("Nobody in the register has the number: {numbers}.", numbers=", ".join(map(str, unknown[:20])))
        )


def _note(connection: Connection, actor: Actor, action: str, number: int, now: datetime) -> None:
    audit.record(connection, actor=actor.name, action=action, subject=f"alert_group/{number}", now=now)
