"""One call to the API: who calls, for which company, in which language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from console.api.ids import Ids
from core.i18n import Language
from notify.office import Office
from registry.actors import Actor

bearer = HTTPBearer(
    scheme_name="token",
    description="Token of a user of the role company; the office issues it (`lingbao user token`).",
    auto_error=False,
)


@dataclass(frozen=True)
class Call:
    """A call that was let in.

    Attributes:
        index_key: key of the blind index, in clear.
        ids: the public ids of this company.
    """

    office: Office
    actor: Actor
    user_id: int
    employer_id: int
    index_key: bytes
    language: Language

    @property
    def ids(self) -> Ids:
        """Return the public ids of the company."""
        return Ids(self.index_key, self.employer_id)

    @property
    def now(self) -> datetime:
        """Return the present moment."""
        return self.office.clock.now()

    def day(self, moment: datetime) -> date:
        """Return the day of the office on which `moment` lies."""
        return moment.astimezone(ZoneInfo(self.office.settings.zone)).date()


def _call(request: Request, proof: Annotated[object, Security(bearer)]) -> Call:
    # The proof was taken at the door; naming it here puts it into the description.
    call = request.state.call
    assert isinstance(call, Call)
    return call


Caller = Annotated[Call, Depends(_call)]
"""The call at hand. The door has proven the token before any route is looked for."""
