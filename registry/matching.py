"""Names and addresses in the form they are compared in, and the blind index over it. Pure.

The index is a keyed hash: equal values can be found, but not read. Changing a rule here makes the old rows unfindable.
"""

from __future__ import annotations

import unicodedata

from core.keys import blind_index
from registry.cells import visible
from registry.people import Channel

# The dot of transcribed names (阿依古丽·买买提) comes in several shapes.
DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅●᛫", "·"))


def plain_name(name: str) -> str:
    """Return a name for comparing: compatibility forms and dots joined (NFKC), nothing invisible, no blanks, no case."""
    return "".join(visible(unicodedata.normalize("NFKC", name)).translate(DOTS).split()).casefold()


def name_index(index_key: bytes, name: str) -> bytes:
    """Return the blind index of a name."""
    return blind_index(index_key, "name", plain_name(name))


def address_index(index_key: bytes, channel: str, value: str) -> bytes:
    """Return the blind index of an address. All channels that use a phone number share one index for that number."""
    if channel == Channel.EMAIL:
        return blind_index(index_key, "email", value.lower())
    return blind_index(index_key, "phone", value)
