"""Two consoles on one database: who signed in at one is known at the other, and receipts may land at either."""

from __future__ import annotations

import re
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pyotp
import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from core.clock import SystemClock
from core.database import writing
from notify.channels.base import Accepted
from notify.channels.twilio_account import CALLBACK_PATH
from registry.accounts.credentials.set_up import make_set_up_link
from registry.actors import SYSTEM, Actor
from registry.tables import Role
from registry.users import add_user
from tests.console.hooks import BASE, RECEIPTS, SECRET
from tests.flows.running import free_port, process
from tests.notify.sending.house import House, Scripted
from tests.notify.several.fleet import filled, lingbao, machine, until

TOKEN = re.compile(r'name="form_token" value="([0-9a-f]*)"')
KEY = re.compile(r'<span class="token">([A-Z2-7 ]+)</span>')
CODE = re.compile(r"<code>([a-z2-9\-]{19})</code>")
WORDS = {"password": "four words in a row"}
WANG = Actor("wang", Role.ADMINISTRATOR, 1)
PEOPLE = 60
STATUSES = ("sent", "delivered")
TRIES = 40


class Site:
    """One address behind which there are two consoles; `turn` says which one is asked."""

    def __init__(self, database: str, directory: Path) -> None:
        """Name two consoles on two machines."""
        self.ports = [free_port(), free_port()]
        self.homes = [directory / "east", directory / "west"]
        more = {"public_base_url": BASE, "twilio_auth_token": SECRET}
        self.environments = [machine(database, home, **more) for home in self.homes]
        self.browser = httpx.Client(trust_env=False, follow_redirects=True, headers={"Accept-Language": "en"})

    def start(self, number: int) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Start a console."""
        command = lingbao("serve", "--port", str(self.ports[number]))
        return process(command, self.environments[number], self.homes[number] / "said.log")

    def ready(self, number: int) -> bool:
        """Tell whether a console answers."""
        with suppress(httpx.TransportError):
            return httpx.get(self.url(number, "/healthz"), trust_env=False).status_code == 200
        return False

    def url(self, number: int, path: str) -> str:
        """Return where a page is at a console."""
        return f"http://127.0.0.1:{self.ports[number]}{path}"

    def fill(self, number: int, path: str, to: str = "", **fields: str) -> httpx.Response:
        """Open a form at a console, and send it to the other one; `to` if it is for another page."""
        token = TOKEN.search(self.browser.get(self.url(number, path)).text)
        assert token is not None
        return self.browser.post(self.url(1 - number, to or path), data={"form_token": token.group(1), **fields})

    def tell(self, number: int, delivery: int, status: str) -> bool:
        """Bring a receipt to a console, as Twilio does; tell whether it was taken."""
        path = f"{CALLBACK_PATH}?d={delivery}.1"
        form = {"MessageSid": f"SM{delivery}", "MessageStatus": status, "To": "+992900000001", "AccountSid": "AC1"}
        signed = RequestValidator(SECRET).compute_signature(BASE + path, form)
        headers = {"X-Twilio-Signature": signed, "Content-Type": "application/x-www-form-urlencoded"}
        with suppress(httpx.TransportError):
            found = httpx.post(
                self.url(number, path), content=urlencode(form), headers=headers, trust_env=False, timeout=10
            )
            return found.is_success
        return False


@pytest.fixture
def home(database: str, tmp_path: Path) -> House:
    """Give an office whose notices a provider has taken."""
    made = filled(database, tmp_path / "office", PEOPLE)
    taken = Scripted(provider="twilio_sms", answer=lambda notice: Accepted(f"SM{notice.delivery_id}", "accepted"))
    made.with_channels(taken).drain()
    return made


def sign_in(site: Site, home: House) -> None:
    """Set up an account by its link, and sign in: each form is opened at one console and sent to the other."""
    with writing(home.office.engine) as connection:
        now = SystemClock().now()
        add_user(connection, SYSTEM, name="wang", role=Role.ADMINISTRATOR, now=now)
        page = f"/office/set-up/{make_set_up_link(connection, WANG, 'wang', now)}"
    key = KEY.search(site.browser.get(site.url(0, page)).text)
    assert key is not None
    code = pyotp.TOTP(key.group(1).replace(" ", "")).now()
    shown = site.fill(0, page, again=WORDS["password"], code=code, **WORDS)
    codes = CODE.findall(shown.text)
    assert codes, shown.text
    site.fill(1, "/office/sign-in", name="wang", code=codes[0], **WORDS)


def receipts(home: House) -> set[tuple[int, str]]:
    """Return the receipts that are kept; each must be kept once."""
    with writing(home.office.engine) as connection:
        rows = [tuple(row) for row in connection.execute(select(RECEIPTS.c.delivery_id, RECEIPTS.c.status))]
    assert len(rows) == len(set(rows))
    return set(rows)


def test_two_consoles(database: str, home: House, tmp_path: Path) -> None:
    """An account is set up, signed in and out across two consoles. Receipts land at either, repeated at both, while one of them is
    told to end and started again: each that was taken is kept, each is kept once, and the final states are the same."""
    site = Site(database, tmp_path)
    with site.start(0), site.start(1) as west:
        until(lambda: site.ready(0) and site.ready(1), 90, "a console does not start")
        sign_in(site, home)
        for number in (0, 1):
            assert "wang" in site.browser.get(site.url(number, "/office/me")).text
        told = [(row.id or 0, status) for status in STATUSES for row in home.rows()]
        with ThreadPoolExecutor(4) as calls:
            first = list(calls.map(lambda one: site.tell(one[0] % 2, *one), told[:PEOPLE]))
            rest = [calls.submit(bring, site, *one) for one in told]
            west.send_signal(signal.SIGTERM)
            west.wait(30)
            with site.start(1):
                assert all(one.result(120) for one in rest)
                until(lambda: site.ready(1), 90, "the console does not start again")
                again = list(calls.map(lambda one: [site.tell(number, *one) for number in (1, 0)], told[PEOPLE - 5 :]))
                assert "wang" in site.browser.get(site.url(1, "/office/me")).text
                site.fill(1, "/office/me", "/office/sign-out")
                assert site.browser.get(site.url(1, "/office/me")).url.path == "/office/sign-in"
    assert all(first)
    assert all(all(one) for one in again)
    assert receipts(home) == set(told)
    assert {row.provider_status for row in home.rows()} == {"delivered"}
    site.browser.close()


def bring(site: Site, delivery: int, status: str) -> bool:
    """Bring a receipt to one console, and to the other if that one does not take it, until one has."""
    return any(site.tell((delivery + turn) % 2, delivery, status) for turn in range(TRIES))
