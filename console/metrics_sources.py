"""Figures of the sources for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import Connection

from notify.office import Office
from sources import store
from sources.catalog import is_on
from sources.model import Card
from sources.tables import SourceState

_MEANINGS = {
    "lingbao_source_on": "1 if the source is read at all.",
    "lingbao_source_up": "1 if the last try was believed, 0 if it was not or there was none.",
    "lingbao_source_proven": "1 if the real pages of the source were ever read and believed.",
    "lingbao_source_failures": "Tries that failed since the last good reading.",
    "lingbao_source_last_good_timestamp_seconds": "Night of the last good reading, as a Unix time; absent before it.",
    "lingbao_source_last_tried_timestamp_seconds": "Night of the last try, as a Unix time; absent before it.",
    "lingbao_source_entries": "Entries of the last good reading.",
    "lingbao_source_entries_fewest": "Fewest entries of a believable reading.",
    "lingbao_source_entries_most": "Most entries of a believable reading.",
    "lingbao_source_levels": "Entries with a numeric level in the last good reading.",
    "lingbao_source_levels_fewest": "Fewest entries with a numeric level in a believable reading.",
}


def families(connection: Connection, office: Office) -> Iterable[GaugeMetricFamily]:
    """Return the health of each source, by its id and authority."""
    states = store.states(connection)
    found = {name: GaugeMetricFamily(name, text, labels=["source", "authority"]) for name, text in _MEANINGS.items()}
    for publisher in office.sources.values():
        card = publisher.CARD
        state = states.get(card.id) or SourceState(source_id=card.id)
        for name, value in _figures(card, state, on=is_on(card, office.settings)).items():
            found[name].add_metric([card.id, card.authority.value], value)
    return found.values()


def _figures(card: Card, state: SourceState, *, on: bool) -> dict[str, float]:
    figures: dict[str, float] = {
        "lingbao_source_on": on,
        "lingbao_source_up": state.last_good_at is not None and state.failures == 0,
        "lingbao_source_proven": not card.unproven or state.proven_at is not None,
        "lingbao_source_failures": state.failures,
        "lingbao_source_entries": state.entries,
        "lingbao_source_entries_fewest": card.entries[0],
        "lingbao_source_entries_most": card.entries[1],
        "lingbao_source_levels": state.known_levels,
        "lingbao_source_levels_fewest": card.known_levels,
    }
    if state.last_good_at is not None:
        figures["lingbao_source_last_good_timestamp_seconds"] = state.last_good_at.timestamp()
    if state.last_tried_at is not None:
        figures["lingbao_source_last_tried_timestamp_seconds"] = state.last_tried_at.timestamp()
    return figures
