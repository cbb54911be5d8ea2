"""The clock of this machine, against the servers that we talk to anyway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from cli.doctor.model import Finding, Patient, fault, ok, skipped, warning
from core.i18n import t
from notify.office import Office
from sources.catalog import is_on
from sources.model import Authority

NAME = "clock"
TOLERATED, WRONG = timedelta(seconds=30), timedelta(minutes=2)
ASKED = 3
"""So many servers are tried, until one answers."""


def check(patient: Patient, office: Office) -> Iterable[Finding]:
    """Compare with the date in the answer of a source. How far it is behind the ledger the watchdog says."""
    if patient.wish.offline:
        yield skipped(NAME, t("No server was asked for the time (--offline)."))
        return
    for url in _addresses(office):
        try:
            theirs = patient.tools.date_of(url)
        except OSError:
            continue
        off = patient.clock.now() - theirs
        seconds = round(off.total_seconds())
        todo = t("Set the clock by NTP (`timedatectl set-ntp true`, or chrony).")
        if abs(off) <= TOLERATED:
            yield ok(NAME, t("The clock is right, within {seconds} seconds.", seconds=max(1, abs(seconds))))
        else:
            make = fault if abs(off) > WRONG else warning
            yield make(
                NAME,
                t(
                    "The clock is off by {seconds} seconds: leases, validity and codes are measured by it.",
                    seconds=seconds,
                ),
                todo,
            )
        return
    yield skipped(
        NAME, t("No server could be asked for the time."), t("Look at the network; compare the clock by hand.")
    )


def _addresses(office: Office) -> Iterator[str]:
    """Yield the addresses of the first sources that are on, those of the home authorities first."""
    cards = [one.CARD for one in office.sources.values() if is_on(one.CARD, office.settings)]
    ours = sorted(cards, key=lambda card: (card.authority is not Authority.HOME, card.id))
    yield from [card.url for card in ours if card.url.startswith("http")][:ASKED]
