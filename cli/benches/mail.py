"""Mail through the ledger, against bare smtplib with as many connections, to a relay that keeps nothing.

Bare twice: as the documentation of smtplib shows it, each mail made by the library and handed over with `send_message`; and with
the very bytes we send, made beforehand, which is the relay and the sockets alone.
"""

from __future__ import annotations

import asyncio
import smtplib
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import TypeVar

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
Mail = TypeVar("Mail")


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
        plain = _bare(port, _message, [_words(text, number) for number in range(notices)])
        ready = _bare(port, _bytes, [_letter(text, number) for number in range(notices)])
        tools = office.tools()
        begun = time.perf_counter()
        done = asyncio.run(engine.run(tools, moment=datetime.now(UTC), within=timedelta(0)))
        ledger = done.accepted / (time.perf_counter() - begun)
        office.engine.dispose()
    assert done.accepted == notices
    size = f"{notices} mails of {len(_letter(text, 0)[1])} bytes over {POOL} connections"
    return [
        Measure(
            "mail", ledger, "mails/s", plain, ledger / plain, f"{size}; limit: smtplib, EmailMessage and send_message"
        ),
        Measure(
            "mail-ready-made",
            ledger,
            "mails/s",
            ready,
            ledger / ready,
            f"{size}; limit: smtplib, the bytes made before",
        ),
    ]


def _words(text: AlertText, number: int) -> tuple[str, str, str, str]:
    code = f"{number:06d}"
    return f"u{number:07d}@example.invalid", text.subject, fill(text.body, code), fill(text.html, code)


def _letter(text: AlertText, number: int) -> tuple[str, bytes]:
    to, code = f"u{number:07d}@example.invalid", f"{number:06d}"
    body, html = fill(text.body, code), fill(text.html, code)
    return to, mail(
        Letter(SENDER, to, f"<1.{number}.{code}@example.invalid>", datetime.now(UTC), text.subject, body, html, "zh")
    )


def _message(line: smtplib.SMTP, one: tuple[str, str, str, str]) -> None:
    to, subject, body, html = one
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, SENDER, to
    message["Date"], message["Message-ID"] = format_datetime(datetime.now(UTC)), f"<{to}>"
    message.set_content(body)
    message.add_alternative(html, subtype="html")
    assert not line.send_message(message)


def _bytes(line: smtplib.SMTP, one: tuple[str, bytes]) -> None:
    to, whole = one
    line.mail(SENDER)
    line.rcpt(to)
    assert line.data(whole)[0] == 250


def _bare(port: int, send: Callable[[smtplib.SMTP, Mail], None], mails: list[Mail]) -> float:
    """Return mails per second of smtplib alone."""
    todo = iter(mails)

    def caller() -> int:
        """Send mails one after another over one connection until none is left."""
        count = 0
        with smtplib.SMTP("127.0.0.1", port) as line:
            line.ehlo()
            for one in todo:
                send(line, one)
                count += 1
        return count

    begun = time.perf_counter()
    with ThreadPoolExecutor(POOL) as threads:
        sent = sum(one.result() for one in [threads.submit(caller) for _ in range(POOL)])
    return sent / (time.perf_counter() - begun)
