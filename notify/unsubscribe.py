"""The link in a mail by which its owner stops mail to this address (RFC 8058): a ticket that names it without telling which."""

from __future__ import annotations

from core.errors import NotFound
from registry.signup.codes import read_ticket, ticket

KIND, PATH = "stop-mail", "/stop"


def link(base_url: str, index_key: bytes, address_id: int) -> str:
    """Return the address of the page."""
    return f"{base_url}{PATH}/{ticket(index_key, KIND, address_id)}"


def address_of(index_key: bytes, text: str) -> int | None:
    """Return the address a ticket names; None if it is none of ours."""
    try:
        return read_ticket(index_key, KIND, text)
    except NotFound:
        return None
