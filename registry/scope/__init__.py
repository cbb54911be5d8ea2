"""The one door to people's data: every query about persons, keys, postings, addresses and consent is in this package
(DESIGN promise 11).

Selects are handed out unexecuted where another room builds an `INSERT … SELECT` on them, so that a million people never
pass through Python.
"""

from registry.scope.addresses import address_owner, open_addresses, same_values, standing_consents, usable_addresses
from registry.scope.door import ADDRESS_CONTEXT, CHUNK, NAME_CONTEXT
from registry.scope.keys import free_ids, person_key, person_keys
from registry.scope.people import find_exact, known_people, list_people
from registry.scope.whereabouts import HERE, NOT_THERE, SOON, UNSURE, count_by_country, people_in

__all__ = [
    "ADDRESS_CONTEXT", "CHUNK", "HERE", "NAME_CONTEXT", "NOT_THERE", "SOON", "UNSURE", "address_owner", "count_by_country",
    "find_exact", "free_ids", "known_people", "list_people", "open_addresses", "people_in", "person_key", "person_keys",
    "same_values", "standing_consents", "usable_addresses",
]  # fmt: skip
