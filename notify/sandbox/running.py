"""A sandbox in a process of its own, for tests, the demo and benchmarks: started, watched, killed, started again."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from core.clock import parse_moment
from core.errors import WrongSetting
from core.i18n import t
from notify.sandbox.records import Called, Stats

HOST = "127.0.0.1"
ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "sandbox"  # noqa: S105 - the secret of a place without secrets
PATIENCE = 20.0
"""Seconds a start may take."""

TRIES = 5


@dataclass(frozen=True)
class SeenMessage:
    """A message as the sandbox lists it. `status` is Twilio's word, `error_code` 0 for none, `created` UTC."""

    sid: str
    to: str
    sender: str
    service: str
    body: str
    parts: int
    status: str
    error_code: int
    created: datetime
    callback: str


@dataclass(frozen=True)
class SeenCall:
    """A call as the sandbox lists it. `said` are the words, `digits` the keys that are pressed, `created` is UTC."""

    sid: str
    to: str
    sender: str
    said: str
    twiml: str
    status: str
    digits: str
    created: datetime
    callback: str


@dataclass(frozen=True)
class SeenMail:
    """A mail as the sandbox lists it: envelope, headers, decoded text and HTML, size in bytes. `received` is UTC."""

    received: datetime
    sender: str
    to: tuple[str, ...]
    message_id: str
    subject: str
    headers: Mapping[str, str]
    text: str
    html: str
    size: int


class Running:
    """One sandbox and its process. `url` is its address, `mail_port` its mail server's port."""

    def __init__(self, *, port: int, directory: Path, command: tuple[str, ...]) -> None:
        """Describe a sandbox; `start` starts it."""
        self.port = port
        self.mail_port = port + 1
        self.url = f"http://{HOST}:{port}"
        self.directory = directory
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._http = httpx.Client(base_url=self.url, timeout=30.0, trust_env=False)

    @property
    def pid(self) -> int:
        """Return the id of the process; 0 if it does not run."""
        return self._process.pid if self._process is not None else 0

    def start(self) -> None:
        """Start the process and wait until it answers.

        Raises:
            WrongSetting: it ended at once, or does not answer in time.
        """
        # Its words go nowhere: a pipe nobody reads would stop it when full.
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[2]
        )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self._process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                self._http.get("/_sandbox/health").raise_for_status()
                return
            time.sleep(0.05)
        self.kill()
        raise WrongSetting(t("The sandbox on port {port} did not start.", port=self.port))

    def stop(self) -> None:
        """End the process in good order."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def kill(self) -> None:
        """End the process as a crash does (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """End the process and the connection to it."""
        self.stop()
        self._http.close()

    def stats(self) -> Stats:
        """Return the counts of what reached the sandbox."""
        found = self._get("/_sandbox/stats")
        return Stats(**{one.name: int(found[one.name]) for one in fields(Stats)})

    def messages(self, to: str = "") -> list[SeenMessage]:
        """Return the messages, oldest first; those to one number if `to` is given."""
        return [_message(row) for row in self._get("/_sandbox/messages", {"to": to})]

    def calls(self, to: str = "") -> list[SeenCall]:
        """Return the calls, oldest first; those to one number if `to` is given."""
        return [_call(row) for row in self._get("/_sandbox/calls", {"to": to})]

    def mail(self, to: str = "") -> list[SeenMail]:
        """Return the mails, oldest first; those to one recipient if `to` is given."""
        return [_mail(row) for row in self._get("/_sandbox/mail", {"to": to})]

    def callbacks(self) -> list[Called]:
        """Return what became of each status callback, oldest first."""
        return [Called(**{**row, "at": parse_moment(row["at"])}) for row in self._get("/_sandbox/callbacks")]

    def faults(self, spec: str) -> None:
        """Turn the faults to `spec`.

        Raises:
            WrongSetting: the spec makes no sense.
        """
        answer = self._http.post("/_sandbox/faults", content=spec)
        if answer.status_code != 200:
            raise WrongSetting(t("The sandbox does not take the faults “{spec}”.", spec=spec))

    def reset(self) -> None:
        """Make the sandbox forget what reached it."""
        self._http.post("/_sandbox/reset").raise_for_status()

    def inbound(self, *, url: str, sender: str, to: str, body: str) -> str:
        """Play a reply to the webhook `url`; return what became of it, in the words of `Called.outcome`."""
        answer = self._http.post("/_sandbox/inbound", json={"url": url, "from": sender, "to": to, "body": body})
        answer.raise_for_status()
        return str(answer.json()["outcome"])

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        answer = self._http.get(path, params=params)
        answer.raise_for_status()
        return answer.json()


@contextlib.contextmanager
def running(
    directory: Path,
    *,
    port: int = 0,
    faults: str = "",
    seed: int = 1,
    auth_token: str = AUTH_TOKEN,
    account_sid: str = ACCOUNT_SID,
) -> Iterator[Running]:
    """Run a sandbox in a process of its own for as long as the block lasts; `port` 0 takes any free pair of ports.

    Raises:
        WrongSetting: it does not start.
    """
    sandbox = _started(directory, port, [
        f"--directory={directory}", f"--faults={faults}", f"--seed={seed}",
        f"--auth-token={auth_token}", f"--account-sid={account_sid}",
    ])  # fmt: skip
    try:
        yield sandbox
    finally:
        sandbox.close()


def _started(directory: Path, port: int, options: list[str]) -> Running:
    for left in reversed(range(TRIES)):
        chosen = port or _free_port()
        command = (sys.executable, "-m", "notify.sandbox", f"--port={chosen}", *options)
        sandbox = Running(port=chosen, directory=directory, command=command)
        try:
            sandbox.start()
        except WrongSetting:
            sandbox.close()
            # Somebody may have taken a free port between our look and the start.
            if port or not left:
                raise
        else:
            return sandbox
    raise AssertionError


def _free_port() -> int:
    """Return a port that is free now, and whose neighbour is."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind((HOST, 0))
            port = int(one.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                other.bind((HOST, port + 1))
                return port


def _message(row: dict[str, Any]) -> SeenMessage:
    return SeenMessage(**{**{k: v for k, v in row.items() if k != "from"}, "sender": row["from"],
                          "created": parse_moment(row["created"])})  # fmt: skip


def _call(row: dict[str, Any]) -> SeenCall:
    return SeenCall(**{**{k: v for k, v in row.items() if k != "from"}, "sender": row["from"],
                       "created": parse_moment(row["created"])})  # fmt: skip


def _mail(row: dict[str, Any]) -> SeenMail:
    return SeenMail(**{**{k: v for k, v in row.items() if k != "from"}, "sender": row["from"], "to": tuple(row["to"]),
                       "received": parse_moment(row["received"])})  # fmt: skip
