"""How often somebody may ask from one address of the network, counted in the database and by the hour."""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request
from sqlalchemy import Connection

from console.pages.frame import frame_of
from core.errors import BadInput
from core.i18n import t
from core.keys import blind_index
from registry.accounts.limits import count_attempt

HOUR = timedelta(hours=1)


class TooMany(BadInput):
    """Too much was asked from one address of the network within the hour."""


def count_caller(connection: Connection, request: Request, secret: bytes) -> None:
    """Count one more try of this caller, whoever they are and whatever becomes of it. The caller's address is not kept.

    Raises:
        TooMany: over the limit of the settings.
    """
    office = frame_of(request).office
    caller = request.client.host if request.client is not None else ""
    key = blind_index(secret, "resident-caller", caller)
    if count_attempt(connection, key, office.clock.now(), window=HOUR) > office.settings.resident_calls_per_hour:
        raise TooMany(t("Too many tries from your network. Please try again in an hour, or call the office."))
