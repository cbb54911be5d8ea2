"""Mail through the ledger, against bare smtplib with as many connections and the same mails, to a relay that keeps nothing."""

from __future__ import annotations

import asyncio
import smtplib
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cli.benches.dispatch import fill_register, release
from cli.benches.measure import Measure
from cli.benches.relay import relay
from core.database import reading
from core.settings import load
from notify import engine
from notify.channels.email import POOL
from notify.channels.mime import Letter, mail
from notify.office import open_office
from notify.ref import fill
from notify.store import alerts as store
from notify.tables import AlertText

SENDER = "alerts@example.invalid"


def run(notices: int) -> list[Measure]:
    """Send `notices` bare, then through the ledger, over `POOL` connections each."""
    with tempfile.TemporaryDirectory() as home, relay() as port:
        settings = load(home=Path(home), smtp_host="127.0.0.1", smtp_port=port, channels=("email",), mail_from=SENDER)
        office = open_office(settings)
        fill_register(office, notices, "email")
        version_id = release(office, "email")
        with reading(office.engine) as connection:
            text = next(
                one for one in store.texts(connection, version_id) if one.variant == "abroad" and one.language == "zh"
            )
        bare = _bare(port, [_letter(text, number) for number in range(notices)])
        begun = time.perf_counter()
        done = asyncio.run(engine.run(office.tools(), moment=datetime.now(UTC), within=timedelta(0)))
        ledger = done.accepted / (time.perf_counter() - begun)
        office.engine.dispose()
    assert done.accepted == notices
    note = f"{notices} mails of {len(_letter(text, 0)[1])} bytes over {POOL} connections; limit: smtplib, the mails ready made"
    return [Measure("mail", ledger, "mails/s", bare, ledger / bare, note)]


def _letter(text: AlertText, number: int) -> tuple[str, bytes]:
    to, code = f"u{number:07d}@example.invalid", f"{number:06d}"
    body, html = fill(text.body, code), fill(text.html, code)
    return to, mail(
        Letter(SENDER, to, f"<1.{number}.{code}@example.invalid>", datetime.now(UTC), text.subject, body, html, "zh")
    )


def _bare(port: int, mails: list[tuple[str, bytes]]) -> float:
    """Return mails per second of smtplib alone."""
    todo = iter(mails)

    def caller() -> int:
        """Send mails one after another over one connection until none is left."""
        count = 0
        with smtplib.SMTP("127.0.0.1", port) as line:
            line.ehlo()
            for to, whole in todo:
                line.mail(SENDER)
                line.rcpt(to)
                assert line.data(whole)[0] == 250
                count += 1
        return count

    begun = time.perf_counter()
    with ThreadPoolExecutor(POOL) as threads:
        sent = sum(one.result() for one in [threads.submit(caller) for _ in range(POOL)])
    return sent / (time.perf_counter() - begun)
