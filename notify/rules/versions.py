"""Versions of the policy in the database: which one holds, and switching another one on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core import audit
from core.errors import BadInput, NotAllowed
from core.i18n import t
from notify.policy import Policy, parse_policy
from notify.rules.tables import PolicyVersion
from notify.store import policies as store
from registry.actors import Actor
from registry.tables import Role

MAY_ACTIVATE = (Role.APPROVER, Role.ADMINISTRATOR)
"""A policy speaks for everybody who is asleep: who may release an alert may change it, who only drafts may not."""
LONGEST_NOTE = 500


def of_version(version: PolicyVersion) -> Policy:
    """Return the policy that a stored version is.

    Raises:
        WrongSetting: a newer program wrote it, and this one does not know all of its fields.
    """
    return parse_policy(version.text, f"#{version.no}")


def activate(
    connection: Connection, actor: Actor, text: str, note: str, *, instead_of: int, now: datetime
) -> PolicyVersion:
    """Switch a policy on, from the next decision on; return its version.

    Args:
        note: why; it stands in the history.
        instead_of: number of the version that the actor has looked at and replaces; 0: none was ever switched on.

    Raises:
        NotAllowed: the actor is no approver.
        WrongSetting: the policy is wrong; the sentence names the route and the field.
        BadInput: no reason is given, it holds already, or somebody else switched one on meanwhile.
    """
    if actor.role not in MAY_ACTIVATE:
        raise NotAllowed(t("{user} may not switch a policy on: this needs the role approver.", user=actor.name))
    if not note.strip() or len(note) > LONGEST_NOTE:
        raise BadInput(t("Say in a few words why the policy changes (at most {most} characters).", most=LONGEST_NOTE))
    policy, stands = parse_policy(text, "?"), store.newest(connection)
    if stands is not None and stands.digest == policy.digest:
        raise BadInput(t("This policy holds already, as version {no}.", no=stands.no))
    values = {"no": instead_of + 1, "text": text, "digest": policy.digest, "note": note.strip(), "active_from": now,
              "created_by": actor.name}  # fmt: skip
    if (0 if stands is None else stands.no) != instead_of or not store.add(connection, values):
        raise BadInput(
            t("Somebody else switched a policy on meanwhile. Nothing was changed: look at it, and try again.")
        )
    audit.record(connection, actor=actor.name, action="policy.activate", subject=f"policy/{instead_of + 1}", now=now,
                 detail=policy.digest)  # fmt: skip
    added = store.newest(connection)
    assert added is not None
    return added
