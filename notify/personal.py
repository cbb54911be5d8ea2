"""Everything that is held of one person, for them to see or to take away: the register's rows, the notices, the answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import Connection

from core.keys import MasterKeys
from notify import ledger
from notify.alerts import Acting
from notify.safety.own import answers_of
from registry.rights.access import give_file
from registry.rights.model import RequestKind
from registry.tables import Role


def everything_held(
    connection: Connection, acting: Acting, registrant_id: int, *, keys: MasterKeys, kind: RequestKind
) -> dict[str, Any]:
    """Return what is held of a person as JSON has it; the look is in the audit, and the request beside the person.

    What they were told by hand comes with its note: both are theirs to know. A company is shown neither notices nor answers.

    Args:
        kind: `access` to look, `export` to take away.

    Raises:
        NotFound: there is no such person, not for this actor, or they were erased.
        KeyGone: something does not open.
    """
    actor = acting.actor
    found = give_file(connection, actor, registrant_id, keys=keys, now=acting.now, kind=kind)
    seen = actor.is_office or actor.role == Role.AUDITOR
    notices = ledger.rows(connection, acting, registrant_id=registrant_id, keys=keys) if seen else []
    answers = answers_of(connection, registrant_id, keys) if actor.is_office else []
    plain: dict[str, Any] = orjson.loads(orjson.dumps(asdict(found), option=orjson.OPT_UTC_Z))
    return plain | {"notices": notices, "answers": answers}
