"""Callbacks in tests: signed as Twilio signs them, made inside this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlencode

import httpx
from fastapi import FastAPI
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from console import callbacks
from core.database import reading
from core.keys import unseal
from core.tables import table
from notify.office import Office
from notify.tables import Receipt
from registry import scope
from registry.actors import SYSTEM
from tests.notify.sending.house import House

SECRET = "not a secret"
BASE = "https://office.example.invalid"
RECEIPTS = table(Receipt)


def build(office: Office) -> FastAPI:
    """Return an application with these routes only."""
    app = FastAPI()
    app.include_router(callbacks.router(office))
    return app


class Caller:
    """Calls the application inside this process. `words` are those of the last answer."""

    def __init__(self, app: FastAPI) -> None:
        """Call `app`."""
        self._transport = httpx.ASGITransport(app)
        self.words = ""

    def __call__(self, method: str, path: str, content: str | AsyncIterator[bytes] = "", **headers: str) -> int:
        """Make one request; return the status of the answer."""

        async def ask() -> int:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://inside.invalid") as one:
                given = {name.replace("_", "-"): value for name, value in headers.items()}
                answer = await one.request(method, path, content=content, headers=given)
                self.words = answer.text
                return answer.status_code

        return asyncio.run(ask())


def signed(path: str, form: Mapping[str, str], secret: str = SECRET) -> dict[str, str]:
    """Return the headers of a callback as Twilio makes them, for the address it knows."""
    signature = RequestValidator(secret).compute_signature(BASE + path, dict(form))
    return {"X_Twilio_Signature": signature, "Content_Type": "application/x-www-form-urlencoded"}


def post(client: Caller, path: str, form: Mapping[str, str]) -> int:
    """Make a signed callback; return the status of the answer."""
    return client("POST", path, urlencode(form), **signed(path, form))


def opened(home: House) -> list[tuple[str, str]]:
    """Return status and words of every receipt that is kept, in order."""
    with reading(home.office.engine) as connection:
        rows = connection.execute(select(RECEIPTS).order_by(RECEIPTS.c.id)).all()
        owners = {
            row.address_id: scope.address_owner(connection, SYSTEM, row.address_id, home.office.keys)
            for row in home.rows()
        }
    keys = dict(one for one in owners.values() if one is not None)
    return [
        (row.status, unseal(keys[row.person_id], row.payload, f"receipt.payload/{row.delivery_id}")) for row in rows
    ]  # fmt: skip
