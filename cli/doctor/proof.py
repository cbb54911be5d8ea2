"""The newest seals of the proof, recomputed. The whole chain is the business of `lingbao ledger verify`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from cli.doctor.model import Finding, Patient, fault, ok, warning
from core import chain
from core.database import reading
from core.i18n import t
from notify.office import Office
from notify.store import figures
from notify.store.proof import CHAINED

NAME = "proof"
SEALS = 20
OLD = timedelta(days=2)
"""Each night seals what was written since."""


def check(patient: Patient, office: Office) -> Iterable[Finding]:
    """Recompute the newest seals, and see that they are not old while there is something to seal."""
    with reading(office.engine) as connection:
        faults = list(chain.verify(connection, CHAINED, newest=SEALS))
        last, run = figures.last_seal(connection), figures.last_run(connection, "night")
    for one in faults:
        yield fault(
            NAME,
            t(
                "Seal {seal} does not hold: {table}, rows {first} to {last}.",
                seal=one.seal,
                table=one.table,
                first=one.first_id,
                last=one.last_id,
            ),
            t(
                "Somebody changed the ledger, or a disk did. Run `lingbao ledger verify`, keep a copy, and tell your head."
            ),
        )
    if faults:
        return
    if last is not None and run is not None and run.ended_at - last > OLD:
        yield warning(
            NAME,
            t("Nothing was sealed since {day}.", day=f"{last:%Y-%m-%d}"),
            t("Run `lingbao prove`; it seals what was written."),
        )
    elif last is None:
        yield ok(NAME, t("Nothing has been sealed yet; the first night does it."))
    else:
        yield ok(NAME, t("The newest seals of the proof hold; the last is of {day}.", day=f"{last:%Y-%m-%d}"))
