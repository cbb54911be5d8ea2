"""The one door to people's data: every query about persons, keys, postings, addresses and consent is in this package
(DESIGN promise 11).

Selects are handed out unexecuted where another room builds an `INSERT … SELECT` on them, so that a million people never
pass through Python.
"""

from registry.scope.addresses import (
    address_owner,
    addresses_of,
    addresses_with,
    agreed_abroad,
    open_addresses,
    people_with,
    same_values,
    standing_consents,
    stopped_because,
    stopped_for,
    usable_addresses,
    ways_beside,
)
from registry.scope.door import ADDRESS_CONTEXT, CHUNK, CONTACT_NAME_CONTEXT, CONTACT_PHONE_CONTEXT, NAME_CONTEXT
from registry.scope.freshness import past_their_end, stale_by_employer, standing, standing_of, unconfirmed_employers
from registry.scope.keys import free_ids, person_key, person_keys
from registry.scope.people import find_exact, known_people, list_people, names_of
from registry.scope.whereabouts import HERE, NOT_THERE, SOON, STALE, UNSURE, count_by_country, people_in

__all__ = [
    "ADDRESS_CONTEXT", "CHUNK", "CONTACT_NAME_CONTEXT", "CONTACT_PHONE_CONTEXT", "HERE", "NAME_CONTEXT", "NOT_THERE",
    "SOON", "STALE", "UNSURE", "address_owner", "addresses_of", "addresses_with", "agreed_abroad",
    "count_by_country", "find_exact", "free_ids", "known_people", "list_people", "names_of", "open_addresses", "past_their_end",
    "people_in", "people_with", "person_key", "person_keys", "same_values", "stale_by_employer", "standing", "standing_consents",
    "standing_of", "stopped_because", "stopped_for", "unconfirmed_employers", "usable_addresses", "ways_beside",
]  # fmt: skip
