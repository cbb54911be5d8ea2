"""Who acts, and which part of the register that opens. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.errors import NotAllowed
from core.i18n import t
from registry.tables import Role

OFFICE_ROLES = frozenset({Role.OFFICER, Role.APPROVER, Role.ADMINISTRATOR})

CONTACT = "contact/"
"""How the name of a contact of a company begins who acts without a user: the rest is their number."""


@dataclass(frozen=True)
class Actor:
    """Somebody (or the program itself) who acts; every command and page knows its actor.

    Attributes:
        name: as audit lines show it: a login name, `system`, or `console` before there is any user.
        role: None for the program itself and for nobody in particular, who may see nothing.
        employer_id: the company of a company contact; None for everybody else.
        own: for a resident who proved by code who they are: the ids of themselves and of those they registered along.
    """

    name: str
    role: Role | None
    user_id: int | None = None
    employer_id: int | None = None
    own: frozenset[int] = frozenset()

    @property
    def is_office(self) -> bool:
        """Tell whether this is the office (officer, approver, administrator) or the program itself."""
        return self.role in OFFICE_ROLES or self == SYSTEM

    @property
    def sees_plain(self) -> bool:
        """Tell whether names and numbers are shown in full: to the office, and to those who see only their own people."""
        return self.is_office or self.role == Role.COMPANY or self.is_resident

    @property
    def is_resident(self) -> bool:
        """Tell whether this is somebody who acts for themselves; whom they may see is `own`."""
        return self.role is None and self.name == RESIDENT.name


SYSTEM = Actor("system", None)
RESIDENT = Actor("resident", None)
"""Somebody who registers themselves: may write people of no employer, and sees nobody, not even themselves."""


def proven_resident(registrant_ids: Iterable[int]) -> Actor:
    """Return a resident who proved by code who they are: they see, and may change, these people and nobody else."""
    return replace(RESIDENT, own=frozenset(registrant_ids))


def require_office(actor: Actor) -> None:
    """Let the office pass.

    Raises:
        NotAllowed: anybody else.
    """
    if not actor.is_office:
        raise NotAllowed(t("Only the office may do this, not {actor}.", actor=actor.name))


def require_reader(actor: Actor) -> None:
    """Let those pass who may look at the whole register: the office, and its auditor, who is shown it masked.

    Raises:
        NotAllowed: anybody else.
    """
    if not (actor.is_office or actor.role == Role.AUDITOR):
        raise NotAllowed(t("Only the office may do this, not {actor}.", actor=actor.name))


def require_writer(actor: Actor, employer_id: int | None) -> None:
    """Let those pass who may write people of this employer: the office, the company itself, and residents those of none.

    Raises:
        NotAllowed: another company, an auditor, nobody in particular; or a company writing people of no employer.
    """
    own = actor.role == Role.COMPANY and actor.employer_id is not None and actor.employer_id == employer_id
    alone = actor.is_resident and employer_id is None
    if not (actor.is_office or own or alone):
        raise NotAllowed(t("{actor} may not change people of this employer.", actor=actor.name))
