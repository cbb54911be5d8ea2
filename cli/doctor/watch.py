"""What the watchdog finds now, the holes of the duty table among it, and what runs by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from cli.doctor.model import Finding, Patient, fault, ok, warning
from core.database import reading
from core.i18n import t
from notify import watchdog
from notify.duty.findings import Finding as Watched
from notify.office import Office
from notify.store import figures
from notify.store.alerts import instance

NAME, BEATS = "watchdog", "running"
LONG_SILENT = timedelta(minutes=5)


def check(patient: Patient, office: Office) -> Iterable[Finding]:
    """Let the watchdog look; it calls nobody."""
    found = watchdog.look(office, patient.clock.now(), free=patient.tools.free_mb)
    for one in found:
        yield _finding(one)
    if not found:
        yield ok(
            NAME,
            t(
                "The watchdog finds nothing: night, home sources, sweep, alerts, doubts, budgets, canaries, duty table, disk."
            ),
        )


def _finding(one: Watched) -> Finding:
    make = fault if one.wanted else warning
    return make(NAME, one.words, one.todo)


def check_beats(patient: Patient, office: Office) -> Iterable[Finding]:
    """See when the dispatcher that stays and the sweep last ran: without both nothing leaves by itself."""
    now = patient.clock.now()
    with reading(office.engine) as connection:
        beats, founded = figures.beats(connection), instance(connection).created_at
    ages = {name: now - at for name, at in beats.items() if name in {"dispatcher", "sweep"}}
    alive = [name for name, age in ages.items() if age <= LONG_SILENT]
    shown = ", ".join(f"{name} {int(age.total_seconds())} s" for name, age in sorted(ages.items()))
    if alive:
        yield ok(BEATS, t("At work (last seen): {shown}.", shown=shown))
    elif now - founded < LONG_SILENT:
        yield ok(BEATS, t("The office was founded just now; nothing runs yet."))
    else:
        yield fault(
            BEATS,
            t(
                "Neither a dispatcher nor the sweep runs: due notices stay where they are. Last seen: {shown}.",
                shown=shown or "–",
            ),
            t("Start `lingbao up`; until then run `lingbao dispatch --until-empty` by hand."),
        )
