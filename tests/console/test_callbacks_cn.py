"""Receipts from providers at home: what is refused, what is kept, and whole conversations with the sandbox."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Engine, select

from console import callbacks_cn
from core.clock import FixedClock
from core.database import reading
from core.keys import MasterKeys
from core.tables import table
from notify.canary.store import BASE
from notify.channels import signing
from notify.channels.base import Accepted
from notify.ref import reference
from notify.store import alerts as alert_store
from notify.tables import Receipt
from registry.tables import Address
from tests.notify.sending.house import House, Scripted, enrol_people, house

SECRET, PUSH = "gateway-key-of-tests", "path-key-of-tests"
NUMBER = "+8613812345678"
RECEIPTS, ADDRESSES = table(Receipt), table(Address)
ALIYUN, TENCENT, GATEWAY = f"/hooks/sms-cn/aliyun/{PUSH}", f"/hooks/sms-cn/tencent/{PUSH}", "/hooks/gateway/status"


@pytest.fixture
def home(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """An office with one notice that a provider at home has taken."""
    made = house(
        engine, tmp_path, clock, keys, gateway_secret=SecretStr(SECRET), sms_cn_callback_secret=SecretStr(PUSH),
        channels=("sms", "sms_cn"),
    )  # fmt: skip
    enrol_people(made, [NUMBER])
    made.release()
    made.with_channels(Scripted("sms_cn", "tencent_sms", answer=lambda n: Accepted("5000:1", "accepted"))).drain()
    assert [(one.channel, one.state) for one in made.rows()] == [("sms_cn", "accepted")]
    return made


def build(home: House) -> FastAPI:
    """Return an application with these routes only."""
    app = FastAPI()
    app.include_router(callbacks_cn.router(home.office))
    return app


def call(home: House, path: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Make one push; return status and answer."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(build(home))
        async with httpx.AsyncClient(transport=transport, base_url="http://inside.invalid") as one:
            return await one.post(path, content=body, headers=headers or {})

    answer = asyncio.run(ask())
    return answer.status_code, answer.json()


def out_id(home: House) -> str:
    """Return what we asked the cloud to keep for the one notice."""
    with reading(home.office.engine) as connection:
        uid = alert_store.instance(connection).uid
    number = home.rows()[0].id
    assert number is not None
    return f"{number}.1.{reference(uid, number)}"


def aliyun(home: House, **values: Any) -> bytes:
    """Return a push of Alibaba Cloud with one receipt."""
    one = {
        "phone_number": "13812345678", "send_time": "2026-11-22 08:00:00", "report_time": "2026-11-22 08:00:05", "success": True,
        "err_code": "DELIVERED", "err_msg": "用户接收成功", "sms_size": "1", "biz_id": "9^0", "out_id": out_id(home),
    }  # fmt: skip
    return json.dumps([one | values]).encode()


def tencent(**values: Any) -> bytes:
    """Return a push of Tencent Cloud with one receipt."""
    one = {
        "user_receive_time": "2026-11-22 08:00:05", "nationcode": "86", "mobile": "13812345678", "report_status": "SUCCESS",
        "errmsg": "DELIVRD", "description": "用户短信送达成功", "sid": "5000:1",
    }  # fmt: skip
    return json.dumps([one | values]).encode()


def of_gateway(home: House, **values: Any) -> bytes:
    """Return a push of the city's gateway."""
    number, _, ref = out_id(home).split(".")
    return json.dumps(
        {"id": number, "ref": ref, "provider_id": "gw-1", "status": "delivered", "error": ""} | values
    ).encode()


def signed(home: House, body: bytes, secret: str = SECRET) -> dict[str, str]:
    """Return the headers of a push as the gateway makes them."""
    at = str(int(home.office.clock.now().timestamp()))
    return {"X-Lingbao-Timestamp": at, "X-Lingbao-Signature": signing.gateway(secret, at, body)}


def kept(home: House) -> int:
    """Count the receipts that are kept."""
    with reading(home.office.engine) as connection:
        return len(connection.execute(select(RECEIPTS.c.id)).all())


Push = Callable[[House], tuple[int, Any]]
PUSHES: dict[str, tuple[Push, Any]] = {
    "aliyun": (lambda home: call(home, ALIYUN, aliyun(home)), {"code": 0, "msg": "ok"}),
    "tencent": (lambda home: call(home, TENCENT, tencent()), {"result": 0, "errmsg": "OK"}),
    "gateway": (lambda home: call(home, GATEWAY, of_gateway(home), signed(home, of_gateway(home))), {"status": "kept"}),
}


@pytest.mark.parametrize("provider", PUSHES)
def test_a_push_raises_the_status(provider: str, home: House) -> None:
    """A receipt is kept once however often it comes, raises the status, and is answered as the provider wants it."""
    push, answer = PUSHES[provider]
    assert [push(home) for _ in range(3)] == [(200, answer)] * 3
    assert (home.rows()[0].provider_status, kept(home)) == ("delivered", 1)


@pytest.mark.parametrize("path, body", [
    (ALIYUN, {"success": False, "err_code": "MK:0001"}), (TENCENT, {"report_status": "FAIL", "errmsg": "MK:0001"}),
])  # fmt: skip
def test_a_failure_keeps_its_code(path: str, body: dict[str, Any], home: House) -> None:
    """A message that did not arrive is told so, with the carrier's code; the number is not stopped for it."""
    sent = aliyun(home, **body) if path is ALIYUN else tencent(**body)
    assert call(home, path, sent)[0] == 200
    row = home.rows()[0]
    assert (row.provider_status, row.error_code) == ("undelivered", "MK:0001")
    assert stopped(home) == [""]


def test_without_the_secret_nothing_is_read(home: House) -> None:
    """A wrong secret in the path, or no signature: refused, nothing kept."""
    for path in ("/hooks/sms-cn/aliyun/wrong", "/hooks/sms-cn/tencent/wrong", "/hooks/sms-cn/aliyun/示例", GATEWAY):
        assert call(home, path, aliyun(home))[0] == 403
    assert (home.rows()[0].provider_status, kept(home)) == ("accepted", 0)


def test_an_office_without_a_secret_takes_no_push(
    engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys
) -> None:
    """With an empty setting no path is right, not even an empty one, and no signature holds."""
    made = house(engine, tmp_path, clock, keys)
    for path in ("/hooks/sms-cn/aliyun/x", "/hooks/sms-cn/tencent/x", GATEWAY):
        assert call(made, path, b"[]", signed(made, b"[]", ""))[0] == 403


def test_what_is_no_push_is_refused(home: House) -> None:
    """No list of objects, or too long a one: 400, and nothing changes."""
    for body in (b"", b"{}", b"[1]", b"null", b"[" * 100_000, json.dumps([{}] * 1_001).encode()):
        assert [call(home, path, body)[0] for path in (ALIYUN, TENCENT)] == [400, 400]
    assert kept(home) == 0


def test_too_much_is_not_read(home: House) -> None:
    """Half a megabyte is the most that is read."""
    body = json.dumps([{"out_id": "x" * 600_000}]).encode()
    assert [call(home, path, body, signed(home, body))[0] for path in (ALIYUN, TENCENT, GATEWAY)] == [413] * 3


def test_strangers_are_answered_and_left(home: House) -> None:
    """A receipt of somebody else's message, or with a made-up reference, changes nothing; the account may be shared."""
    number = out_id(home).partition(".")[0]
    for wrong in ("", "77", f"{number}.1.000000", f"{number}.1", "示例"):
        assert call(home, ALIYUN, aliyun(home, out_id=wrong))[0] == 200
    assert call(home, TENCENT, tencent(sid="5000:2"))[0] == 200
    for body in (of_gateway(home, ref="000000"), of_gateway(home, status="gone"), of_gateway(home, provider_id="")):
        assert call(home, GATEWAY, body, signed(home, body))[0] == 200
    assert (home.rows()[0].provider_status, kept(home)) == ("accepted", 0)


def test_a_canary_is_let_through(home: House) -> None:
    """The number of a canary is no delivery's: it is handed on, and no notice is touched."""
    assert call(home, ALIYUN, aliyun(home, out_id=f"{BASE + 1}.1.7K2QFX"))[0] == 200
    assert (home.rows()[0].provider_status, kept(home)) == ("accepted", 0)


def test_the_gateway_may_stop_an_address(home: House) -> None:
    """Who left the official account is told by the gateway: a stop, as for a number that does not exist."""
    body = of_gateway(home, status="failed", error="opted_out")
    assert call(home, GATEWAY, body, signed(home, body))[0] == 200
    assert stopped(home) != [""]


def stopped(home: House) -> list[str]:
    """Return why addresses are stopped."""
    with reading(home.office.engine) as connection:
        return [row[0] or "" for row in connection.execute(select(ADDRESSES.c.stop_reason))]
