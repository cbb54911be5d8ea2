"""The end of the demo: what was done, where the proof is, and what to type next."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.demo_stage import CALLER
from cli.sample import APPROVER, OFFICER
from cli.show import language, out, say, table
from core.database import reading, writing
from core.i18n import Message, t
from core.places.names import display
from notify import ledger, proof
from notify.brief import STATES
from notify.channels.base import FINAL
from notify.office import Office
from notify.sandbox.running import Running
from notify.tables import AlertStatus

PROVIDER = "provider_"
DRAFTS = {AlertStatus.DRAFT.value, AlertStatus.SUBMITTED.value}


@dataclass(frozen=True)
class Books:
    """The proof chain as it stands: how many seals it has, and how many of them do not hold."""

    seals: int
    faults: int


def check_books(office: Office) -> Books:
    """Seal what is open and recompute the whole chain."""
    with writing(office.engine) as connection:
        proof.seal(connection, office.clock.now())
    with reading(office.engine) as connection:
        return Books(ledger.seals(connection), len(proof.verify(connection)))


def released(summary: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the alerts of a night that went out."""
    return [one for one in summary["alerts"] if one["status"] not in DRAFTS]


def drafts(summary: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the alerts of a night that wait for an officer."""
    return [one for one in summary["alerts"] if one["status"] in DRAFTS]


def closing(summary: Mapping[str, Any], books: Books, sandbox: Running, brief: Path) -> None:
    """Print the closing table of the demo."""
    reached = sandbox.stats()
    rows: list[tuple[Message, object]] = [(t("Sent by rule"), _sent(one)) for one in released(summary)]
    rows += [(t("Waits for an officer"), _draft(one)) for one in drafts(summary)]
    rows += [
        (
            t("Arrived in the sandbox"),
            t("{sms} text messages, {mails} mails", sms=reached.messages, mails=reached.mail),
        ),
        (t("Ledger"), t("holds: {seals} seals recomputed", seals=books.seals)),
        (t("Morning brief"), brief),
    ]
    table([t("What was done"), t("Result")], rows)


def _sent(one: Mapping[str, Any]) -> Message:
    notices = one["notices"]
    ours = _counted({name: number for name, number in notices.items() if not name.startswith(PROVIDER)})
    # What a provider merely took is counted in our own states already; a mail server never says more than that.
    theirs = _counted(
        {
            name: number
            for name, number in notices.items()
            if name.startswith(PROVIDER) and name.removeprefix(PROVIDER) in FINAL
        }
    )
    return t(
        "#{id} {where}: {people} people. Notices: {ours}. Receipts: {theirs}.",
        id=one["id"],
        where=_where(one),
        people=one["people"],
        ours=ours,
        theirs=theirs,
    )


def _counted(numbers: Mapping[str, int]) -> str:
    between = "，" if language() == "zh" else ", "
    return (
        between.join(f"{STATES[name].render(language())} {number}" for name, number in sorted(numbers.items())) or "–"
    )


def _draft(one: Mapping[str, Any]) -> Message:
    title = one["title_zh"] if language() == "zh" else one["title_en"]
    return t("#{id} {where}: {title}", id=one["id"], where=_where(one), title=title)


def _where(one: Mapping[str, Any]) -> object:
    names = [display(code, language()) for code in one["countries"]]
    return ("、" if language() == "zh" else ", ").join(names) or t("no place named")


def program() -> str:
    """Return how the command was called, so that what is shown can be typed: `.venv/bin/lingbao`, or `lingbao` if it is found."""
    called = Path(sys.argv[0])
    if called.name != "lingbao" or shutil.which("lingbao") == str(called.absolute()):
        return "lingbao"
    here = Path.cwd()
    return (
        str(called.absolute().relative_to(here)) if called.absolute().is_relative_to(here) else str(called.absolute())
    )


def commands(home: Path, summary: Mapping[str, Any], hidden: Sequence[str], *, serving: bool) -> list[str]:
    """Return what to type next. `hidden`: variables of the reader's shell that would lead to the office's own database.

    What sends is only shown while the sandbox is there to take it.
    """
    unset = "".join(f" -u {name}" for name in hidden)
    start = f"env{unset} LINGBAO_HOME={shlex.quote(str(home))} {shlex.quote(program())}"
    sent = next((one["id"] for one in released(summary)), 0)
    found = [f"--as {OFFICER} alert status", f"--as {OFFICER} ledger export --alert {sent}", "ledger verify"]
    found += [f"--as {OFFICER} safe phone {sent}", f"--as {OFFICER} why --person {CALLER} --alert {sent}"]
    placed = next((one for one in drafts(summary) if one["countries"]), None)
    if placed is not None:
        number = placed["id"]
        found.append(f"levels {placed['countries'][0]}")
        found.append(f"--as {OFFICER} alert preview {number}")
        if serving:
            found.append(f"--as {OFFICER} alert submit {number}")
            found.append(f"--as {APPROVER} alert approve {number} --confirm {placed['countries'][0]}")
            found.append(f"--as {APPROVER} alert send {number}")
    return [f"{start} {one}" for one in found]


def what_next(lines: Sequence[str]) -> None:
    """Print commands to copy: one to a line, never broken."""
    say(t("Next, in another terminal:"))
    for line in lines:
        out.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
