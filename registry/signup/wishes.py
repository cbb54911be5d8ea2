"""What else a person may say who proves by code who they are: yes or no to providers abroad, or that they are still there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.audit import record
from core.errors import BadInput
from core.i18n import t
from registry.actors import RESIDENT, SYSTEM
from registry.enrol import Sealer
from registry.rights.consents import write_own_word
from registry.rights.still import confirm_stays
from registry.scope.residents import same_person
from registry.signup.model import Purpose, Refusal
from registry.signup.texts import current
from registry.signup.verify import pass_check


@dataclass(frozen=True)
class Agreed:
    """Whose consent to providers abroad was written: the person, and companions for whom they answer. `rows`: new words."""

    registrant_ids: tuple[int, ...]
    foreign: bool
    rows: int


@dataclass(frozen=True)
class StillThere:
    """Who said so, and how many stays that confirmed."""

    registrant_ids: tuple[int, ...]
    stays: int


def agree(
    connection: Connection, ticket_text: str, code: str, *, foreign: bool, text_version: str = "", sealer: Sealer
) -> Agreed | Refusal:
    """Give or withdraw the consent to providers abroad, wherever the person stands. The caller commits a refusal too.

    It holds for companions as well: the person consented for them when registering, and it is the person's number.

    Args:
        text_version: the text that was read and agreed to; a withdrawal needs none (PIPL art. 15: as easy as giving).

    Raises:
        NotFound: the ticket is none.
        BadInput: consent is given to a text that is not the one in use.
    """
    if foreign and text_version != current():
        raise BadInput(t("Please read and accept the text in use, version {version}.", version=current()))
    proven = pass_check(connection, ticket_text, code, index_key=sealer.index_key, now=sealer.now, kind=Purpose.CONSENT)
    if isinstance(proven, Refusal):
        return proven
    return agree_proven(connection, proven.address_id, foreign=foreign, text_version=text_version, sealer=sealer)


def agree_proven(
    connection: Connection, address_id: int, *, foreign: bool, text_version: str = "", sealer: Sealer
) -> Agreed:
    """Give or withdraw the consent of whoever has proven this address; see `agree`.

    Raises:
        BadInput: consent is given to a text that is not the one in use.
    """
    if foreign and text_version != current():
        raise BadInput(t("Please read and accept the text in use, version {version}.", version=current()))
    people = same_person(connection, SYSTEM, address_id, companions=True)
    written = write_own_word(connection, people, f"consent/{text_version}", foreign=foreign, sealer=sealer)
    for one in people:
        _note(connection, "resident.consent", one, sealer.now, "given" if foreign else "withdrawn")
    return Agreed(people, foreign, len(written))


def still_there(
    connection: Connection, ticket_text: str, code: str, *, index_key: bytes, now: datetime
) -> StillThere | Refusal:
    """Confirm every stay of the person that is not over, wherever they stand. The caller commits a refusal too.

    Raises:
        NotFound: the ticket is none.
    """
    proven = pass_check(connection, ticket_text, code, index_key=index_key, now=now, kind=Purpose.STILL_THERE)
    if isinstance(proven, Refusal):
        return proven
    people = same_person(connection, SYSTEM, proven.address_id, companions=False)
    stays = confirm_stays(connection, people, by=RESIDENT.name, now=now)
    for one in people:
        _note(connection, "resident.still-there", one, now, "")
    return StillThere(people, stays)


def _note(connection: Connection, action: str, one: int, now: datetime, detail: str) -> None:
    record(connection, actor=RESIDENT.name, action=action, subject=f"registrant/{one}", now=now, detail=detail)
