"""What somebody may mean by the words in the one field for finding: a person, a company, a country."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from core.errors import BadInput
from notify.manual import read_countries
from registry.accounts.companies import Asked, page_of_employers
from registry.actors import Actor
from registry.employers import EmployerView
from registry.matching import address_index, name_index
from registry.people import Channel
from registry.phones import Phone, read_phones
from registry.scope.listing import Exactly

NUMBER = re.compile(r"#?\s*(\d{1,9})")
SHORTEST, MOST = 2, 20
"""Characters of a part of a company's name, and companies that are shown."""


@dataclass(frozen=True)
class Meant:
    """What the words may mean. `person`: the number of a person, 0 if they are none."""

    person: int
    exactly: Exactly
    companies: tuple[EmployerView, ...]
    countries: Sequence[str]


def meant_by(connection: Connection, actor: Actor, text: str, index_key: bytes) -> Meant:
    """Return what the words may mean. A name, a number and a mail address count whole: they are kept sealed."""
    number = NUMBER.fullmatch(text)
    companies = page_of_employers(connection, Asked(text), limit=MOST) if len(text) >= SHORTEST else ()
    return Meant(int(number.group(1)) if number else 0, exactly(text, index_key), companies, _countries(text))


def exactly(text: str, index_key: bytes) -> Exactly:
    """Return who is wanted by a name, a mail address, or a number written in any of the usual ways."""
    if "@" in text:
        return Exactly(value_index=address_index(index_key, Channel.EMAIL, text))
    if not any(one.isdigit() for one in text):
        return Exactly(name_index=name_index(index_key, text))
    read = [one.e164 for one in read_phones(text, host_country=None) if isinstance(one, Phone)]
    return Exactly(value_index=address_index(index_key, Channel.SMS, read[0] if read else text.replace(" ", "")))


def _countries(text: str) -> Sequence[str]:
    try:
        return read_countries([text])
    except BadInput:
        return ()
