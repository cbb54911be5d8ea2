"""The order of the checks. What one of them cannot do is a finding of its own, and stops none of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import httpx
from sqlalchemy.exc import SQLAlchemyError

from cli.doctor import (
    backups,
    channels,
    clock,
    configuration,
    files,
    prefect_server,
    proof,
    secrets,
    sources,
    store,
    versions,
    watch,
)
from cli.doctor.model import Check, Finding, OfficeCheck, Patient, Status, fault, skipped
from core.errors import LingbaoError
from core.i18n import Message, t
from core.keys import load_master_keys
from notify.office import Office

BEFORE: Sequence[tuple[str, Check]] = (
    (versions.NAME, versions.check), (versions.ZONES, versions.check_zones), (files.NAME, files.check),
)  # fmt: skip
INSIDE: Sequence[tuple[str, OfficeCheck]] = (
    (store.WHOLE, store.check_whole), (secrets.NAME, secrets.check), (configuration.NAME, configuration.check),
    (sources.NAME, sources.check), (channels.NAME, channels.check), (watch.BEATS, watch.check_beats),
    (watch.NAME, watch.check), (proof.NAME, proof.check), (backups.NAME, backups.check), (clock.NAME, clock.check),
)  # fmt: skip
AFTER: Sequence[tuple[str, Check]] = ((prefect_server.NAME, prefect_server.check),)


def examine(patient: Patient) -> Iterator[Finding]:
    """Look at everything, in order; give each finding as it is made."""
    for name, check in BEFORE:
        yield from _careful(name, partial(check, patient))
    found = list(_careful(store.NAME, partial(store.check, patient)))
    yield from found
    if all(one.status is Status.OK for one in found):
        yield from _careful(secrets.NAME, partial(_inside, patient))
    else:
        yield skipped(store.WHOLE, t("Everything that is in the database was left out: it cannot be opened."),
                      t("Mend what is above, and run the doctor again."))  # fmt: skip
    for name, check in AFTER:
        yield from _careful(name, partial(check, patient))


def _inside(patient: Patient) -> Iterator[Finding]:
    """Open the office with its keys, and look at what is in it."""
    # Not by `open_office`, which would bring the schema up to date.
    office = Office(patient.settings, patient.engine, patient.clock, load_master_keys(patient.settings))
    for name, check in INSIDE:
        yield from _careful(name, partial(check, patient, office))


def _careful(name: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Give what a check finds. If it breaks, say so in its place."""
    try:
        yield from check()
    except LingbaoError as error:
        yield _broke(name, error.message)
    except (SQLAlchemyError, httpx.HTTPError, OSError) as error:
        yield _broke(name, type(error).__name__)


def _broke(name: str, why: Message | str) -> Finding:
    words = t("This could not be looked at: {why}", why=why)
    return fault(name, words, t("Mend that first; then run the doctor again, with --verbose if it stays."))
