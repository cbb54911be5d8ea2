"""Dispatch through the ledger, against the same client without one: a bare loopback sink that accepts everything."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from cli.benches.measure import Measure
from cli.benches.sink import sink
from core.database import writing
from core.settings import Settings, load
from notify import alerts, engine
from notify.channels.base import Accepted, Outgoing
from notify.channels.twilio_sms import TwilioSms
from notify.manual import ManualAlert, draft_manual
from notify.office import Office, open_office
from notify.ref import fill, reference
from notify.store import alerts as store
from registry.actors import SYSTEM
from registry.enrol import enrol, index_key
from registry.people import GivenConsent, NewAddress, NewPerson, NewPosting
from registry.tables import Ground

COUNTRY = "TJ"


def run(notices: int, latency: float) -> list[Measure]:
    """Send `notices` bare, then through the ledger, to a sink in a process of its own that waits `latency` seconds."""
    with tempfile.TemporaryDirectory() as home, sink(latency) as url:
        settings = load(
            home=Path(home),
            twilio_base_url=url,
            twilio_auth_token=SecretStr("bench"),
            channels=("sms",),
            poll_after=86_400,
        )
        office = open_office(settings)
        fill_register(office, notices)
        version_id = release(office, "sms")
        bare = asyncio.run(_bare(settings, _examples(office, version_id, notices)))
        tools = office.tools()  # The libraries of the providers are loaded here, once for the life of a process.
        begun = time.perf_counter()
        done = asyncio.run(engine.run(tools, moment=datetime.now(UTC), within=timedelta(0)))
        ledger = done.accepted / (time.perf_counter() - begun)
        office.engine.dispose()
    note = f"{notices} notices, {settings.dispatch_concurrency} calls at once, {latency * 1000:.0f} ms latency"
    return [Measure("dispatch", ledger, "notices/s", bare, ledger / bare, note)]


async def _bare(settings: Settings, notices: list[Outgoing]) -> float:
    """Send with the same channel and concurrency and no database; return notices per second."""
    channel = TwilioSms(settings, settings.twilio_base_url)
    todo = iter(notices)

    async def caller() -> int:
        """Send notices one after another until none is left."""
        count = 0
        for one in todo:
            assert isinstance(await channel.send(one), Accepted)
            count += 1
        return count

    begun = time.perf_counter()
    sent = sum(await asyncio.gather(*(caller() for _ in range(settings.dispatch_concurrency))))
    took = time.perf_counter() - begun
    await channel.close()
    return sent / took


def fill_register(office: Office, people: int, channel: str = "sms") -> None:
    """Enrol that many people in one country, each with an address of their own."""
    now = office.clock.now()
    with writing(office.engine) as connection:
        secret = index_key(connection, office.keys)
        values = {"sms": "+99290{:07d}", "email": "u{:07d}@example.invalid"}
        new = [
            NewPerson(
                name=f"示例{i}", addresses=(NewAddress(channel, values[channel].format(i)),), postings=(NewPosting(COUNTRY),),
                consent=GivenConsent(Ground.EMPLOYMENT, "bench/1"),
            )
            for i in range(people)
        ]  # fmt: skip
        enrol(connection, SYSTEM, new, keys=office.keys, index_key=secret, now=now)


def release(office: Office, *channels: str) -> int:
    """Open and release one alert to everybody in the country; return its version."""
    manual = ManualAlert(countries=[COUNTRY], level=4, title_zh="示例：测速用的提醒，请勿理会", channels=list(channels))
    draft = draft_manual(manual, office.name, office.clock.now())
    with writing(office.engine) as connection:
        version_id = alerts.open_alert(connection, draft, office.acting(SYSTEM))
        assert version_id is not None
        alerts.release_by_rule(connection, version_id, office.acting(SYSTEM))
    return version_id


def _examples(office: Office, version_id: int, count: int) -> list[Outgoing]:
    with writing(office.engine) as connection:
        body = next(t.body for t in store.texts(connection, version_id) if t.variant == "abroad" and t.language == "zh")
    codes = [reference("bench", i + 1) for i in range(count)]
    return [
        Outgoing(i + 1, 1, code, f"+99290{i:07d}", "zh", "", fill(body, code), "", 3600) for i, code in enumerate(codes)
    ]
