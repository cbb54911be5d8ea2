"""The sources: which are off, which were never read, which fail, and what to do about each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from cli.doctor.model import Finding, Patient, fault, ok, warning
from core.database import reading
from core.i18n import t
from notify.office import Office
from sources import store
from sources.catalog import is_on
from sources.health import advice, ailment
from sources.model import Authority, Card
from sources.tables import SourceState
from sources.wire import load_message

NAME = "sources"
LONG = timedelta(hours=36)
"""Every source is read once a night."""


def check(patient: Patient, office: Office) -> Iterable[Finding]:
    """Name every source that is on and has no fresh reading."""
    with reading(office.engine) as connection:
        states = store.states(connection)
    cards = [one.CARD for one in office.sources.values()]
    on = [card for card in cards if is_on(card, patient.settings)]
    read = [card for card in on if card.id in states]
    if on and not read:
        yield warning(NAME, t("No source was ever read."), t("Run `lingbao night` once, or wait for 02:30."))
        return
    found = [finding for card in on if (finding := _finding(patient, card, states.get(card.id))) is not None]
    yield from found
    unproven = [
        card.id for card in on if card.unproven and (card.id not in states or states[card.id].proven_at is None)
    ]
    if unproven:
        yield warning(NAME, t("Never read live, known from captures only: {names}.", names=", ".join(unproven)),
                      t("After the next night run `lingbao sources list`, and compare what they say with their pages."))  # fmt: skip
    yield ok(NAME, t("{good} of {on} sources that are on have a fresh reading; {off} are off.", good=len(on) - len(found), on=len(on),
                     off=len(cards) - len(on)))  # fmt: skip


def _finding(patient: Patient, card: Card, state: SourceState | None) -> Finding | None:
    last = None if state is None else state.last_good_at
    if last is not None and patient.clock.now() - last < LONG and state is not None and not state.failures:
        return None
    make = fault if card.authority is Authority.HOME else warning
    if state is not None and state.reason is not None:
        reason = load_message(state.reason)
        return make(NAME, t("{source}: {count} tries failed: {reason}", source=card.id, count=state.failures, reason=reason),
                    advice(ailment(reason)))  # fmt: skip
    todo = t("Run `lingbao sources check {source}`.", source=card.id)
    if last is None:
        return make(NAME, t("{source} was never read.", source=card.id), todo)
    return make(NAME, t("{source} was last read on {day}.", source=card.id, day=f"{last:%Y-%m-%d}"), todo)
