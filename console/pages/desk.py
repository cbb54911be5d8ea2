"""What every page behind a sign-in works with: the office, the moment, and who acts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import Request

from console.pages.frame import Frame
from core.keys import MasterKeys
from notify.office import Office
from registry.actors import Actor
from registry.enrol import Sealer


@dataclass(frozen=True)
class AtDesk(ABC):
    """One request by somebody who is signed in.

    Attributes:
        index_key: key of the blind index, in clear.
    """

    request: Request
    frame: Frame
    index_key: bytes

    @property
    @abstractmethod
    def actor(self) -> Actor:
        """Return who acts."""

    @property
    def office(self) -> Office:
        """Return the office."""
        return self.frame.office

    @property
    def keys(self) -> MasterKeys:
        """Return the master keys."""
        return self.office.keys

    @property
    def now(self) -> datetime:
        """Return the present moment."""
        return self.office.clock.now()

    @property
    def day(self) -> date:
        """Return today at the office."""
        return self.frame.local(self.now).date()

    @property
    def sealer(self) -> Sealer:
        """Return what it takes to write of people."""
        return Sealer(self.keys, self.index_key, self.actor.name, self.now)
