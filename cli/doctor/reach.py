"""How the doctor reaches other machines: a line that is opened and closed again, and the date in an answer."""

from __future__ import annotations

import socket
import ssl
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

from cli.doctor.model import Tools
from notify.watchdog import free_mb

SECONDS = 5.0


def connect(host: str, port: int, tls: bool) -> None:
    """Open a line and close it; with `tls` its certificate must hold. Nothing is said on it.

    Raises:
        OSError: nobody listens, the name is unknown, or the certificate does not hold.
    """
    with socket.create_connection((host, port), SECONDS) as line:
        if tls:
            ssl.create_default_context().wrap_socket(line, server_hostname=host).close()


def date_of(url: str) -> datetime:
    """Return the date that a server puts on its answer, whatever it answers.

    Raises:
        OSError: it cannot be reached, or says no date.
    """
    try:
        answer = httpx.head(url, timeout=SECONDS, follow_redirects=False)
        return parsedate_to_datetime(answer.headers.get("date", ""))
    except (httpx.HTTPError, ValueError) as error:
        raise OSError(type(error).__name__) from error


TOOLS = Tools(connect, date_of, free_mb)
"""The real ones."""
