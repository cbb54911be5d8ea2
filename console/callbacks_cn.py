"""Receipts pushed by the providers at home: the two clouds at an address with a secret in it, the city's gateway signed.

Sources: help.aliyun.com/document_detail/101867 (SmsReport: answered with 200 and a number in `code`, else pushed again after 1, 5
and 10 minutes); cloud.tencent.com/document/product/382/5807 (answered with `result` 0).
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Callable

import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import SecretStr
from sqlalchemy import Connection

from console.bodies import read_body
from core.database import writing
from core.errors import StoreBusy
from notify import pushes, receipts
from notify.channels.webhook import signature_holds
from notify.office import Office
from notify.pushes import Pushed
from notify.store import alerts as alert_store

log = structlog.get_logger(__name__)
LARGEST = 512_000
ALIYUN_PATH, TENCENT_PATH = "/hooks/sms-cn/aliyun/{secret}", "/hooks/sms-cn/tencent/{secret}"
GATEWAY_PATH = "/hooks/gateway/status"
AGAIN = 1.0
"""Seconds after which a push is read again that names numbers we do not know: our own note of them may be on its way."""

Read = Callable[[Connection], Pushed]


def router(office: Office) -> APIRouter:
    """Return the routes of the pushes."""
    routes = APIRouter()

    @routes.post(ALIYUN_PATH)
    async def aliyun(request: Request, secret: str) -> JSONResponse:
        """Take receipts of Alibaba Cloud."""
        found = await _list(office, request, secret)
        if isinstance(found, JSONResponse):
            return found
        return await _kept(
            office, lambda db: pushes.aliyun(found, alert_store.instance(db).uid), {"code": 0, "msg": "ok"}
        )

    @routes.post(TENCENT_PATH)
    async def tencent(request: Request, secret: str) -> JSONResponse:
        """Take receipts of Tencent Cloud."""
        found = await _list(office, request, secret)
        if isinstance(found, JSONResponse):
            return found
        return await _kept(office, lambda db: pushes.tencent(db, found), {"result": 0, "errmsg": "OK"}, again=AGAIN)

    @routes.post(GATEWAY_PATH)
    async def gateway(request: Request) -> JSONResponse:
        """Take the receipt of one notice from the city's gateway."""
        raw, heads = await read_body(request, LARGEST), request.headers
        if raw is None:
            return _refused(413)
        secret = office.settings.gateway_secret.get_secret_value()
        stamp, signature = heads.get("X-Lingbao-Timestamp", ""), heads.get("X-Lingbao-Signature", "")
        if not signature_holds(secret, stamp, signature, raw, office.clock.now()):
            return _refused(403)
        value = _json(raw)
        if not isinstance(value, dict):
            return _refused(400)
        return await _kept(office, lambda db: _of_gateway(db, value), {"status": "kept"})

    return routes


def _of_gateway(connection: Connection, item: pushes.Item) -> Pushed:
    found = pushes.gateway(item, alert_store.instance(connection).uid)
    return Pushed(() if found is None else (found,), int(found is None))


async def _list(office: Office, request: Request, secret: str) -> list[pushes.Item] | JSONResponse:
    """Return the receipts of a push, or why it is turned away. The secret is looked at before anything is read."""
    if not _is_secret(secret, office.settings.sms_cn_callback_secret):
        return _refused(403)
    raw = await read_body(request, LARGEST)
    found = None if raw is None else pushes.items(_json(raw))
    if found is None:
        return _refused(413 if raw is None else 400)
    return found


async def _kept(office: Office, read: Read, answer: dict[str, object], *, again: float = 0.0) -> JSONResponse:
    try:
        pushed, kept = await run_in_threadpool(_keep, office, read)
        if pushed.strangers and again:
            await asyncio.sleep(again)
            pushed, kept = await run_in_threadpool(_keep, office, read)
    except StoreBusy:
        # Whoever pushes tries again; if that is lost too, the poller asks.
        return JSONResponse({"code": 1, "result": 1, "errmsg": "busy"}, 503, {"Retry-After": "5"})
    if pushed.strangers or kept < len(pushed.words):
        log.warning("receipts of no delivery we know", count=pushed.strangers + len(pushed.words) - kept)
    return JSONResponse(answer)


def _keep(office: Office, read: Read) -> tuple[Pushed, int]:
    with writing(office.engine) as connection:
        pushed = read(connection)
        now = office.clock.now()
        return pushed, sum(receipts.accept(connection, word, office.keys, now) for word in pushed.words)


def _is_secret(given: str, secret: SecretStr) -> bool:
    wanted = secret.get_secret_value()
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _refused(status: int) -> JSONResponse:
    return JSONResponse({"error": "refused"}, status)
