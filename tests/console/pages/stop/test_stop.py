"""The page that stops mail to one address: opened by a scanner it does nothing, pressed by a mail program it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from console.app import build
from core.clock import FixedClock
from core.database import reading, writing
from core.settings import load
from core.tables import Audit, table
from notify import unsubscribe
from notify.office import Office, open_office
from registry.actors import SYSTEM
from registry.enrol import enrol, index_key
from registry.people import GivenConsent, NewAddress, NewPerson, NewPosting
from registry.store import stop_addresses
from registry.tables import Address, Ground

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
MAIL = "someone@example.invalid"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give an office with two people behind one mail address, the first with a number too."""
    opened = open_office(load(home=tmp_path_factory.mktemp("office") / "home"), FixedClock(NOW))
    ways = [(NewAddress("email", MAIL), NewAddress("sms", "+992900000001")), (NewAddress("email", MAIL),)]
    consent = GivenConsent(Ground.EMPLOYMENT, "test/1")
    people = [
        NewPerson(name=f"示例{i}", addresses=way, postings=(NewPosting("TJ"),), consent=consent)
        for i, way in enumerate(ways)
    ]
    with writing(opened.engine) as connection:
        enrol(connection, SYSTEM, people, keys=opened.keys, index_key=index_key(connection, opened.keys), now=NOW)
    yield opened
    opened.engine.dispose()


def call(office: Office, method: str, path: str, **more: Any) -> httpx.Response:
    """Call the application once, as somebody without any cookie."""

    async def once() -> httpx.Response:
        """Make the call."""
        transport = httpx.ASGITransport(build(office))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, **more)

    return asyncio.run(once())


def link(office: Office, channel: str = "email", person: int = 1) -> str:
    """Return the path of the page for one address."""
    rows = table(Address).c
    with reading(office.engine) as connection:
        number = connection.execute(
            select(rows.id).where(rows.channel == channel, rows.registrant_id == person)
        ).scalar_one()
        return unsubscribe.link("", index_key(connection, office.keys), number)


def stopped(office: Office) -> dict[str, list[str]]:
    """Return the reasons of stops by channel."""
    rows = table(Address).c
    found: dict[str, list[str]] = {"email": [], "sms": []}
    with reading(office.engine) as connection:
        for channel, reason in connection.execute(
            select(rows.channel, rows.stop_reason).where(rows.stopped_at.is_not(None))
        ):
            found[channel].append(reason)
    return found


def test_stopped_by_one_press_and_taken_back(office: Office) -> None:
    """Opening the page changes nothing; the POST of a mail program, without a cookie, stops the address for everybody behind it
    and nothing else, and says so in the audit; its owner can take it back."""
    path = link(office)
    assert call(office, "GET", path).status_code == 200
    assert stopped(office) == {"email": [], "sms": []}
    answer = call(office, "POST", path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert stopped(office) == {"email": ["STOP by its owner"] * 2, "sms": []}
    rows = table(Audit).c
    with reading(office.engine) as connection:
        assert connection.execute(select(rows.action).where(rows.action == "address.stop")).all()
    assert call(office, "POST", path).status_code == 200, "pressed twice"
    assert call(office, "POST", f"{path}/again").status_code == 200
    assert stopped(office) == {"email": [], "sms": []}


def test_the_page_says_what_is_left(office: Office) -> None:
    """The page shows the address masked, and how its owner is reached besides, or that nobody could warn them any more."""
    page = call(office, "GET", link(office)).text
    assert "s***@example.invalid" in page
    assert MAIL not in page
    assert "短信" in page
    assert "没有其他方式可以联系到您" in call(office, "GET", link(office, person=2)).text


def test_what_bounced_is_not_taken_back_by_its_link(office: Office) -> None:
    """An address that was stopped because it bounced is not used again by the link."""
    rows = table(Address).c
    with writing(office.engine) as connection:
        numbers = list(connection.execute(select(rows.id).where(rows.channel == "email")).scalars())
        stop_addresses(connection, numbers, reason="mail: no such mailbox", now=NOW)
    call(office, "POST", f"{link(office)}/again")
    assert stopped(office)["email"] == ["mail: no such mailbox"] * 2
    with writing(office.engine) as connection:
        connection.execute(table(Address).update().values(stopped_at=None, stop_reason=""))


@pytest.mark.parametrize("ticket", ["x", "A" * 54, "%00", "..%2f..", "示例"])
def test_a_made_up_ticket_is_no_page(ticket: str, office: Office) -> None:
    """A ticket that is none of ours is a page that does not exist, opened or posted, and stops nothing."""
    assert call(office, "GET", f"/stop/{ticket}").status_code == 404
    assert call(office, "POST", f"/stop/{ticket}").status_code == 404
    assert stopped(office) == {"email": [], "sms": []}
