"""SMS to +86 numbers through Alibaba Cloud (阿里云短信服务, Dysmsapi 2017-05-25).

Sources: help.aliyun.com, SendSms, QuerySendDetails (document_detail/419277), API error codes (document_detail/101346), SmsReport
(document_detail/101867). `OutId` carries our own number and reference, and comes back in look-ups and pushes.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from core.clock import Clock
from core.settings import Settings
from notify.channels import signing, sms_cn
from notify.channels.base import (
    Absent,
    Accepted,
    Answer,
    CannotTell,
    Found,
    InDoubt,
    NoLookup,
    Outgoing,
    ProviderStatus,
    Rejected,
    Result,
)
from notify.channels.http_line import Call, HttpLine, Reply, by_status, host_of, redacted, word
from notify.channels.meanings import Meaning, told

REAL = "https://dysmsapi.aliyuncs.com"
VERSION = "2017-05-25"
PAGE, PAGES = 50, 4
LISTED_FOR = timedelta(days=30)
"""How long QuerySendDetails knows what was sent."""

STATUS = {"1": "sent", "2": "undelivered", "3": "delivered"}
"""SendStatus of QuerySendDetails: waiting for the carrier's receipt, failed, received."""

CODES: dict[str, tuple[Meaning, float | None]] = {
    "isv.MOBILE_NUMBER_ILLEGAL": (Meaning.BAD_ADDRESS, None),
    # 50 a day for one number and template: this number waits, nobody else.
    "isv.BUSINESS_LIMIT_CONTROL": (Meaning.WAIT, 300.0),
    "isv.DAY_LIMIT_CONTROL": (Meaning.STOPS, None),
    "isv.MONTH_LIMIT_CONTROL": (Meaning.STOPS, None),
    "isv.AMOUNT_NOT_ENOUGH": (Meaning.STOPS, None),
    "isv.OUT_OF_SERVICE": (Meaning.STOPS, None),
    "isv.ACCOUNT_NOT_EXISTS": (Meaning.STOPS, None),
    "isv.ACCOUNT_ABNORMAL": (Meaning.STOPS, None),
    "isv.PRODUCT_UN_SUBSCRIPT": (Meaning.STOPS, None),
    "isv.PRODUCT_UNSUBSCRIBE": (Meaning.STOPS, None),
    "isv.SMS_SIGNATURE_ILLEGAL": (Meaning.STOPS, None),
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": (Meaning.STOPS, None),
    "isv.SMS_SIGN_ILLEGAL": (Meaning.STOPS, None),
    "isv.SIGN_STATE_ILLEGAL": (Meaning.STOPS, None),
    "isv.SMS_TEMPLATE_ILLEGAL": (Meaning.STOPS, None),
    "isv.TEMPLATE_MISSING_PARAMETERS": (Meaning.STOPS, None),
    "isv.DENY_IP_RANGE": (Meaning.STOPS, None),
    "isp.RAM_PERMISSION_DENY": (Meaning.STOPS, None),
    "SignatureDoesNotMatch": (Meaning.STOPS, None),
    "SignatureNonceUsed": (Meaning.WAIT, 1.0),
    "isp.SYSTEM_ERROR": (Meaning.DOUBT, None),
    "isp.GATEWAY_TIMEOUT": (Meaning.DOUBT, None),
}
STOPPING = ("InvalidAccessKeyId", "Forbidden", "NoPermission", "InvalidTimeStamp", "IncompleteSignature")
"""Beginnings of codes that the door of the cloud answers with, before any product sees the call."""


class AliyunSms:
    """The channel. One instance per process; safe for many calls at once in one event loop."""

    name = "sms_cn"
    provider = "aliyun_sms"
    asks_by_address = True

    def __init__(
        self, settings: Settings, clock: Clock, base_url: str = "", nonce: Callable[[], str] = lambda: uuid.uuid4().hex
    ) -> None:
        """Talk to `base_url` (empty: the cloud itself) with the key of the settings."""
        self._base, self._clock, self._nonce = base_url or REAL, clock, nonce
        self._line, self._account = HttpLine(settings), sms_cn.account_of(settings)

    @property
    def endpoint(self) -> str:
        """Return the host that is called."""
        return host_of(self._base)

    async def send(self, notice: Outgoing) -> Result:
        """Send one message. Never repeated by this class, whatever comes of it."""
        number = sms_cn.number_of(notice.address)
        if not number:
            return Rejected("address", "no mobile number of +86", address_bad=True)
        filled = self._account.fill(notice)
        if isinstance(filled, Rejected):
            return filled
        query = {
            "PhoneNumbers": number, "SignName": self._account.signature, "TemplateCode": filled.template,
            "TemplateParam": json.dumps(filled.values, ensure_ascii=False), "OutId": sms_cn.our_id(notice),
        }  # fmt: skip
        reply = await self._line.call(self._signed("SendSms", query))
        if not isinstance(reply, Reply):
            return reply
        code, number_of_call = word(reply.fields.get("Code")), word(reply.fields.get("BizId"))
        if code != "OK":
            return self._refused(reply)
        if not number_of_call:
            return InDoubt("answer", "no BizId in the answer", reply.status)
        return Accepted(number_of_call, "accepted", reply.status, word(reply.fields.get("RequestId")))

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """List what was sent to this number on the days since, and look for our reference; newest attempts count as well."""
        found: list[Mapping[str, Any]] = []
        now = self._clock.now()
        if now - since > LISTED_FOR:
            return NoLookup()
        for day in _days(since, now):
            rows = await self._details(notice, day)
            if isinstance(rows, CannotTell):
                return rows
            found += rows
        if found:
            oldest = found[-1]
            kept, status = word(oldest.get("OutId")), STATUS.get(word(oldest.get("SendStatus")), "sent")
            # The list has no BizId: what we gave is the name by which the message can be found again.
            return Found(kept, status, _failure(oldest, status), len(found))
        return Absent() if sms_cn.settled(notice, since, now) else CannotTell("too early: lists are late")

    async def status(self, provider_id: str) -> ProviderStatus | CannotTell:
        """The cloud tells of a message only to whom names the number: `lookup` does."""
        return CannotTell("asked by number only")

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()

    async def _details(self, notice: Outgoing, day: str) -> list[Mapping[str, Any]] | CannotTell:
        found: list[Mapping[str, Any]] = []
        for page in range(1, PAGES + 1):
            query = {"PhoneNumber": sms_cn.number_of(notice.address), "SendDate": day, "PageSize": str(PAGE),
                     "CurrentPage": str(page)}  # fmt: skip
            reply = await self._line.call(self._signed("QuerySendDetails", query))
            rows = _rows(reply.fields) if isinstance(reply, Reply) else None
            if rows is None:
                return CannotTell("the list cannot be read")
            found += [row for row in rows if sms_cn.is_ours(word(row.get("OutId")), notice)]
            if len(rows) < PAGE:
                return found
        # A number that got more than 200 in one day: ours may be further back.
        return found or CannotTell("too many messages to this number")

    def _signed(self, action: str, query: Mapping[str, str]) -> Call:
        at = self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        netloc = self._base.split("://", 1)[-1]
        headers = {
            "host": netloc, "x-acs-action": action, "x-acs-version": VERSION, "x-acs-date": at,
            "x-acs-signature-nonce": self._nonce(), "x-acs-content-sha256": signing.body_hash(b""),
        }  # fmt: skip
        signature = signing.acs3(signing.Unsigned(headers, query), self._account.key_id, self._account.secret)
        sent = headers | {"Authorization": signature, "Accept": "application/json"}
        return Call(f"{self._base}/?{signing.encode_query(query)}", b"", sent)

    def _refused(self, reply: Reply) -> Result:
        code, words = word(reply.fields.get("Code")), word(reply.fields.get("Message"))
        detail = redacted(words, self._account.secret)
        meaning, wait = CODES.get(code, (Meaning.REFUSED, None))
        if code.startswith("Throttling"):
            return told(Meaning.SLOW, code, detail, http=reply.status, wait=reply.retry_after or 1.0)
        if code.startswith(STOPPING):
            meaning = Meaning.STOPS
        if code not in CODES and meaning is Meaning.REFUSED and not code.startswith(("isv.", "isp.")):
            return by_status(reply.status, reply.retry_after, f"{code}: {detail}")
        return told(meaning, code, detail, http=reply.status, wait=wait)


def _rows(fields: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """Return the rows of an answer of QuerySendDetails; None if it is none."""
    listed = fields.get("SmsSendDetailDTOs")
    rows = listed.get("SmsSendDetailDTO") if isinstance(listed, dict) else None
    if word(fields.get("Code")) != "OK" or not isinstance(rows, list):
        return None
    return rows if all(isinstance(row, dict) for row in rows) else None


def _days(since: datetime, now: datetime) -> list[str]:
    """Return every day from `since` to `now` as the cloud names it."""
    moments = [since + timedelta(days=count) for count in range((now - since).days + 1)]
    return sorted({moment.astimezone(sms_cn.CHINA).strftime("%Y%m%d") for moment in [*moments, now]})


def _failure(row: Mapping[str, Any], status: str) -> str:
    return word(row.get("ErrCode"))[:40] if status == "undelivered" else ""
