"""Callbacks of providers: what is refused, what is kept, and a whole conversation with the sandbox."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select

from core.clock import FixedClock, SystemClock
from core.database import open_engine, reading, set_mode, upgrade, writing
from core.keys import MasterKeys, unseal
from core.settings import load
from core.tables import Mode
from notify.channels.base import Accepted
from notify.channels.twilio_account import CALLBACK_PATH
from notify.channels.twilio_sms import TwilioSms
from notify.sandbox.running import running
from registry import scope
from registry.actors import SYSTEM
from tests.console.hooks import BASE, RECEIPTS, SECRET, Caller, build, signed
from tests.console.serving import serving
from tests.notify.sending.house import House, Scripted, enrol_people, house, numbers

FORM = {
    "MessageSid": "SM1", "SmsSid": "SM1", "MessageStatus": "delivered", "To": "+992900000001", "From": "+15005550006",
    "AccountSid": "AC1", "ApiVersion": "2010-04-01",
}  # fmt: skip


@pytest.fixture
def home(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """An office with one notice that a provider has taken."""
    made = house(engine, tmp_path, clock, keys, twilio_auth_token=SecretStr(SECRET), public_base_url=BASE)
    enrol_people(made, numbers(1))
    made.release()
    made.with_channels(Scripted(provider="twilio_sms", answer=lambda n: Accepted("SM1", "accepted"))).drain()
    return made


@pytest.fixture
def client(home: House) -> Caller:
    """The application, called inside this process."""
    return Caller(build(home.office))


def call(client: Caller, delivery: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> int:
    """Make a callback, signed if no headers are given; return the status of the answer."""
    path = f"{CALLBACK_PATH}?d={delivery}"
    sent = signed(path, form) if headers is None else dict(headers)
    return client("POST", path, urlencode(form), **sent)


def kept(home: House) -> list[bytes]:
    """Return the sealed receipts that are kept."""
    with reading(home.office.engine) as connection:
        return list(connection.execute(select(RECEIPTS.c.payload).order_by(RECEIPTS.c.id)).scalars())


def number(home: House) -> int:
    """Return the number of the notice."""
    found = home.rows()[0].id
    assert found is not None
    return found


def test_a_receipt_raises_the_status(home: House, client: Caller) -> None:
    """A signed callback is kept and raises the provider's status; the same one again is kept once."""
    assert [call(client, f"{number(home)}.1", FORM) for _ in range(3)] == [204] * 3
    row = home.rows()[0]
    assert (row.state, row.provider_status, row.provider_id) == ("accepted", "delivered", "SM1")
    assert len(kept(home)) == 1


@pytest.mark.parametrize("headers", [
    {}, {"X_Twilio_Signature": ""}, {"X_Twilio_Signature": "x"},
    signed(f"{CALLBACK_PATH}?d=1.1", FORM, "another secret"), signed(f"{CALLBACK_PATH}?d=2.1", FORM),
    signed(CALLBACK_PATH, FORM), signed(f"{CALLBACK_PATH}?d=1.1", FORM | {"MessageStatus": "failed"}),
])  # fmt: skip
def test_without_the_right_signature_nothing_is_stored(home: House, client: Caller, headers: dict[str, str]) -> None:
    """No signature, another secret, another delivery or changed fields: 403, and nothing is kept or changed."""
    before = home.rows()
    assert call(client, "1.1", FORM, {"Content_Type": "application/x-www-form-urlencoded"} | headers) == 403
    assert (home.rows(), kept(home)) == (before, [])


@pytest.mark.parametrize("mode, secret, answer", [
    (Mode.SANDBOX, "", 204), (Mode.DRILL, "", 403), (Mode.LIVE, "", 403), (Mode.LIVE, SECRET, 204),
])  # fmt: skip
def test_the_secret_that_everybody_knows_signs_nothing_outside_a_sandbox(
    home: House, mode: Mode, secret: str, answer: int
) -> None:
    """An office that never set its token at Twilio takes no callback for real: whoever read our source could have signed it."""
    settings = load(home=home.office.settings.home, public_base_url=BASE)
    if secret:
        settings = settings.model_copy(update={"twilio_auth_token": SecretStr(secret)})
    with writing(home.office.engine) as connection:
        set_mode(connection, mode)
    path, before = f"{CALLBACK_PATH}?d={number(home)}.1", home.rows()
    sent = signed(path, FORM, settings.twilio_auth_token.get_secret_value())
    client = Caller(build(replace(home.office, settings=settings)))
    assert client("POST", path, urlencode(FORM), **sent) == answer
    assert (home.rows() != before) is (answer == 204)


def test_an_empty_secret_signs_nothing(home: House) -> None:
    """With an empty token anybody could sign: then no signature holds."""
    settings = home.office.settings.model_copy(update={"twilio_auth_token": SecretStr("")})
    path = f"{CALLBACK_PATH}?d={number(home)}.1"
    client = Caller(build(replace(home.office, settings=settings)))
    assert client("POST", path, urlencode(FORM), **signed(path, FORM, "")) == 403


def test_blank_and_unknown_fields_are_signed_and_kept(home: House, client: Caller) -> None:
    """Empty fields belong to the signature, and fields nobody knows are kept as they came."""
    form = FORM | {"ErrorCode": "", "RawDlrDoneDate": "", "BrandNewField": "新 &=+"}
    assert call(client, f"{number(home)}.1", form) == 204
    with reading(home.office.engine) as connection:
        owner = scope.address_owner(connection, SYSTEM, home.rows()[0].address_id, home.office.keys)
    assert owner is not None
    words = unseal(owner[1], kept(home)[0], f"receipt.payload/{number(home)}")
    assert '"BrandNewField": "新 &=+"' in words
    assert '"RawDlrDoneDate": ""' in words


@pytest.mark.parametrize("delivery, form, answer", [
    ("999999.1", FORM, 204), ("999999999999999999.1", FORM, 204), ("9999999999999999999999.1", FORM, 400),
    ("²", FORM, 400), ("", FORM, 400), ("x.1", FORM, 400), ("-1.1", FORM, 400),
    ("1.1", FORM | {"MessageStatus": ""}, 400), ("1.1", {"MessageSid": "SM1"}, 400),
])  # fmt: skip
def test_callbacks_that_name_nothing(
    home: House, client: Caller, delivery: str, form: dict[str, str], answer: int
) -> None:
    """A delivery we do not know is taken and forgotten; one that cannot be is refused; nothing breaks and nothing is kept."""
    path = f"{CALLBACK_PATH}?{urlencode({'d': delivery})}"
    status = client("POST", path, urlencode(form), **signed(path, form))
    assert (status, kept(home)) == (answer, [])


def test_what_is_too_large_is_not_read(home: House, client: Caller) -> None:
    """Anybody may call: a body beyond the limit is refused before the rest of it is read, signed or not."""
    read = []

    async def body() -> AsyncIterator[bytes]:
        for _ in range(100):
            read.append(40_000)
            yield b"a" * 40_000

    assert client("POST", f"{CALLBACK_PATH}?d=1.1", body()) == 413
    assert len(read) < 5
    assert call(client, "1.1", FORM | {"x": "a" * 70_000}) == 413
    assert kept(home) == []


def test_get_changes_nothing(home: House, client: Caller) -> None:
    """A callback is a POST; a GET of its address is refused."""
    assert client("GET", f"{CALLBACK_PATH}?d={number(home)}.1") == 405
    assert kept(home) == []


def test_an_erased_person_leaves_no_receipt(home: House, client: Caller) -> None:
    """With a person's key gone nothing of the person is kept, but the notice still learns how it ended."""
    with home.office.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM person_key")
    assert call(client, f"{number(home)}.1", FORM) == 204
    assert (kept(home), home.rows()[0].provider_status) == ([], "delivered")


def test_a_locked_database_asks_for_another_try(tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> None:
    """While the database cannot be written the answer is 503, and the poller will find what was not kept."""
    engine = open_engine(f"sqlite:///{tmp_path / 'busy.db'}", busy_ms=20)
    upgrade(engine)
    made = house(engine, tmp_path, clock, keys, twilio_auth_token=SecretStr(SECRET), public_base_url=BASE)
    with engine.begin():
        assert call(Caller(build(made.office)), "1.1", FORM) == 503
    engine.dispose()


def test_a_whole_conversation(tmp_path: Path, keys: MasterKeys) -> None:
    """Sent to the sandbox, notices become delivered by its real callbacks, doubled, early and in disorder; no number in clear."""
    engine = open_engine(f"sqlite:///{tmp_path / 'test.db'}")
    upgrade(engine)
    door = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{door.getsockname()[1]}"
    made = house(engine, tmp_path, SystemClock(), keys, public_base_url=base)
    enrol_people(made, [*numbers(20), "+15005553003"])
    made.release()
    faults = "step=0.05,dup-callback=0.3,reorder-callback=0.3,early-callback=0.3,extra-field=0.3"
    with running(tmp_path / "sandbox", faults=faults) as sandbox, serving(build(made.office), door):
        made.with_channels(TwilioSms(made.office.settings, sandbox.url)).run(within=30)
        until = time.monotonic() + 30
        while time.monotonic() < until and any(
            row.provider_status not in {"delivered", "undelivered"} for row in made.rows()
        ):
            time.sleep(0.05)
        assert {one.outcome for one in sandbox.callbacks()} == {"http 204"}
        assert (sandbox.stats().messages, sandbox.stats().duplicates) == (21, 0)
    rows = made.rows()
    assert [row.provider_status for row in rows].count("delivered") == 20
    assert [row.error_code for row in rows if row.provider_status == "undelivered"] == ["30003"]
    assert len(kept(made)) >= 21
    engine.dispose()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("test.db*"))
    assert stored
    assert b"99290000" not in stored
    assert b"15005553003" not in stored
