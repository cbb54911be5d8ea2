"""Consent to providers abroad is given and withdrawn at any time (PIPL art. 15 and 39). Each word is a row of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from core.errors import BadInput
from core.i18n import t
from registry import store
from registry.actors import SYSTEM
from registry.enrol import Sealer, add_consents
from registry.history import Change
from registry.people import GivenConsent
from registry.rights.model import BY_EMPLOYER, WITHDRAWAL
from registry.scope.consents import LastWord, last_words
from registry.tables import Ground

NOTHING_TOLD = LastWord(Ground.STATUTORY, foreign=False, own_no=False)
"""For somebody without any consent on record: the office holds them by its duty."""


class WithdrewThemselves(BadInput):
    """The person withdrew their consent; a company cannot give it in their place."""


def write_own_word(
    connection: Connection, registrant_ids: Sequence[int], text_version: str, *, foreign: bool, sealer: Sealer
) -> list[Change]:
    """Write what people themselves say of providers abroad, on the ground they are held on; return what was written.

    A withdrawal is written even where nothing was given: from then on no company's word counts.

    Args:
        text_version: the text that was agreed to, or `spoken/1`; a withdrawal has a version of its own.
    """
    last = last_words(connection, SYSTEM, registrant_ids)
    words = [(one, last.get(one, NOTHING_TOLD)) for one in registrant_ids]
    fresh = [(one, word.ground) for one, word in words if (not word.foreign if foreign else not word.own_no)]
    version = text_version if foreign else WITHDRAWAL
    return _write(connection, [(one, GivenConsent(ground, version, foreign)) for one, ground in fresh], sealer)


def write_employers_word(connection: Connection, registrant_id: int, *, foreign: bool, sealer: Sealer) -> list[Change]:
    """Write what a company says a person of its own told it; return what was written.

    Raises:
        WithdrewThemselves: it says yes, and the person said no.
    """
    last = last_words(connection, SYSTEM, [registrant_id]).get(registrant_id, NOTHING_TOLD)
    if foreign and last.own_no:
        raise WithdrewThemselves(
            t("The person withdrew their consent to providers abroad. Only they can give it again, to the office.")
        )
    if foreign == last.foreign:
        return []
    return _write(connection, [(registrant_id, GivenConsent(last.ground, BY_EMPLOYER, foreign))], sealer)


def own_noes(connection: Connection, registrant_ids: Sequence[int]) -> frozenset[int]:
    """Return those of these people who withdrew their consent themselves: a list of their company does not give it again."""
    return frozenset(one for one, word in last_words(connection, SYSTEM, registrant_ids).items() if word.own_no)


def _write(connection: Connection, given: list[tuple[int, GivenConsent]], sealer: Sealer) -> list[Change]:
    added = add_consents(connection, sealer, given)
    store.add_changes(connection, added, by=sealer.actor, at=sealer.now)
    return added
