"""What can be done with an alert now, by this reader: one main step, the others, and why not the one they may look for. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core.i18n import Message, t
from notify.alerts import APPROVERS
from notify.model import BASELINE
from notify.tables import AlertStatus, AlertVersion, VersionKind
from registry.actors import Actor

OPEN = (AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED)
OUT = (AlertStatus.SENDING, AlertStatus.DONE)


class Act(StrEnum):
    """A step an officer can take."""

    EDIT = "edit"
    SUBMIT = "submit"
    RELEASE = "release"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    UPDATE = "update"
    CORRECT = "correction"
    ALL_CLEAR = "all-clear"


@dataclass(frozen=True)
class Case:
    """What decides of the steps.

    Attributes:
        version: the newest one. `told`: an earlier or this one was released, and the kind of the last such.
        hands: who wrote, edited or submitted it. `second`: why a second person is needed; None: none is.
        placed: it names a country. `leaves_at`: when its schedule lets it leave.
        approvers: who else in the office could approve it.
        out: the version that went out last, if the newest is another, which waits or was put away.
    """

    version: AlertVersion
    actor: Actor
    now: datetime
    hands: frozenset[str]
    second: Message | None
    placed: bool
    told: VersionKind | None
    leaves_at: datetime | None = None
    approvers: tuple[str, ...] = ()
    out: AlertVersion | None = None


@dataclass(frozen=True)
class Choice:
    """The steps: `main` has the one strong button; `why` says in words what stands in the way, or whom it waits for."""

    main: Act | None
    others: tuple[Act, ...] = ()
    why: tuple[Message, ...] = ()


def choice(case: Case) -> Choice:
    """Say what the reader can do now. What is out can be stopped, whatever waits to follow it."""
    own, out = _choice(case), case.out
    if out is None:
        return own
    if out.paused_at is not None:
        told = t("Version {no} was paused by {user}: nothing more of it leaves. Its validity goes on running.",
                 no=out.no, user=out.paused_by or "?")  # fmt: skip
        return replace(own, others=(Act.RESUME, *own.others), why=(told, *own.why))
    going = out.status in OUT and out.send_by is not None and out.send_by > case.now
    return replace(own, others=(Act.PAUSE, *own.others)) if going else own


def _choice(case: Case) -> Choice:
    status = case.version.status
    if status == AlertStatus.DRAFT:
        return _draft(case)
    if status == AlertStatus.SUBMITTED:
        return _submitted(case)
    if status == AlertStatus.APPROVED:
        return _approved(case)
    if status in OUT:
        return _out(case)
    return Choice(None, _followups(case))


def _draft(case: Case) -> Choice:
    others = (Act.EDIT, Act.CANCEL)
    if not case.placed:
        return Choice(Act.EDIT, (Act.CANCEL,), (t("It names no country yet: nobody can be told."),))
    if case.second is None and case.leaves_at is None:
        alone = t("It is small enough for one person: you may send it, or hand it to another.")
        return Choice(Act.RELEASE, (Act.SUBMIT, *others), (alone,))
    why = [] if case.second is None else [case.second]
    if _is_free(case):
        why.append(t("If you submit it yourself, another person must approve it."))
    return Choice(Act.SUBMIT, others, tuple(why))


def _submitted(case: Case) -> Choice:
    if _is_free(case) or (case.second is None and case.leaves_at is None):
        return Choice(Act.RELEASE, (Act.CANCEL,))
    if case.actor.name in case.hands:
        why = t("You wrote, changed or submitted it: another person must approve it.")
    else:
        why = t("To approve it needs the role of an approver.")
    return Choice(None, (Act.CANCEL,), (why, *_who(case.approvers)))


def _approved(case: Case) -> Choice:
    if case.leaves_at is None:
        return Choice(Act.RELEASE, (Act.CANCEL,), (t("It is approved and has not been sent."),))
    return Choice(None, (Act.CANCEL,), (t("It is approved and leaves by itself at its moment."),))


def _out(case: Case) -> Choice:
    version = case.version
    valid = version.send_by is not None and version.send_by > case.now
    ends = (Act.CANCEL,) if valid or version.status == AlertStatus.SENDING or version.rule == BASELINE else ()
    if version.paused_at is not None:
        told = t(
            "Paused by {user}: nothing more of it leaves. Its validity goes on running.", user=version.paused_by or "?"
        )
        return Choice(Act.RESUME, (*_followups(case), *ends), (told,))
    main = Act.PAUSE if version.status == AlertStatus.SENDING and valid else None
    pause = (Act.PAUSE,) if valid and main is None else ()
    return Choice(main, (*_followups(case), *pause, *ends))


def _followups(case: Case) -> tuple[Act, ...]:
    if case.told is None:
        return ()
    over = case.told is VersionKind.ALL_CLEAR
    return (Act.UPDATE, Act.CORRECT) if over else (Act.UPDATE, Act.CORRECT, Act.ALL_CLEAR)


def _is_free(case: Case) -> bool:
    """Tell whether the reader is the second person it needs."""
    return case.actor.role in APPROVERS and case.actor.name not in case.hands


def _who(approvers: Sequence[str]) -> tuple[Message, ...]:
    if not approvers:
        return (t("Nobody else in the office has the role of an approver: an administrator can give it."),)
    return (t("These can approve it: {names}.", names="、".join(approvers)),)
