"""SMS to +86 numbers through Tencent Cloud (腾讯云短信, sms 2021-01-11).

Sources: cloud.tencent.com/document/api/382: SendSms (55981), PullSmsSendStatusByPhoneNumber, error codes (59177).
`SessionContext` carries our own number and reference and comes back in look-ups; pushes name the cloud's SerialNo only. The
pull lists what carriers have reported, so that a message is missing from it proves nothing [belief]: severity decides then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from core.clock import Clock
from core.settings import Settings
from notify.channels import signing, sms_cn
from notify.channels.base import (
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

REAL = "https://sms.tencentcloudapi.com"
VERSION = "2021-01-11"
SKEW = timedelta(minutes=10)
PATIENCE = timedelta(minutes=10)
"""So long is a message that is not in the list asked for again: carriers take their time to report."""

CODES: dict[str, tuple[Meaning, float | None]] = {
    "InvalidParameterValue.IncorrectPhoneNumber": (Meaning.BAD_ADDRESS, None),
    "FailedOperation.PhoneNumberInBlacklist": (Meaning.OPTED_OUT, None),
    "LimitExceeded.PhoneNumberThirtySecondLimit": (Meaning.WAIT, 30.0),
    "LimitExceeded.PhoneNumberOneHourLimit": (Meaning.WAIT, 900.0),
    "LimitExceeded.PhoneNumberDailyLimit": (Meaning.WAIT, 900.0),
    "LimitExceeded.PhoneNumberSameContentDailyLimit": (Meaning.WAIT, 900.0),
    "LimitExceeded.DeliveryFrequencyLimit": (Meaning.WAIT, 60.0),
    "LimitExceeded.AppMainlandChinaDailyLimit": (Meaning.STOPS, None),
    "LimitExceeded.DailyLimit": (Meaning.STOPS, None),
    "FailedOperation.InsufficientBalanceInSmsPackage": (Meaning.STOPS, None),
    "FailedOperation.SignatureIncorrectOrUnapproved": (Meaning.STOPS, None),
    "FailedOperation.TemplateIncorrectOrUnapproved": (Meaning.STOPS, None),
    "FailedOperation.MissingSignature": (Meaning.STOPS, None),
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": (Meaning.STOPS, None),
    "FailedOperation.JsonParseFail": (Meaning.STOPS, None),
    "InvalidParameterValue.SdkAppIdNotExist": (Meaning.STOPS, None),
    "InvalidParameterValue.TemplateParameterFormatError": (Meaning.REFUSED, None),
    "InvalidParameterValue.ContentLengthLimit": (Meaning.REFUSED, None),
    "FailedOperation.ContainSensitiveWord": (Meaning.REFUSED, None),
}
FAMILIES: tuple[tuple[str, Meaning, float | None], ...] = (
    ("InternalError", Meaning.DOUBT, None),
    ("RequestLimitExceeded", Meaning.SLOW, 1.0),
    ("LimitExceeded", Meaning.WAIT, 60.0),
    ("AuthFailure", Meaning.STOPS, None),
    ("UnauthorizedOperation", Meaning.STOPS, None),
    ("UnsupportedOperation", Meaning.STOPS, None),
    ("IpNotInWhitelist", Meaning.STOPS, None),
    ("IpInBlacklist", Meaning.STOPS, None),
)
"""What the beginning of a code means where the whole code is not in the table."""


class TencentSms:
    """The channel. One instance per process; safe for many calls at once in one event loop."""

    name = "sms_cn"
    provider = "tencent_sms"
    asks_by_address = True

    def __init__(self, settings: Settings, clock: Clock, base_url: str = "") -> None:
        """Talk to `base_url` (empty: the cloud itself) with the key of the settings."""
        self._base, self._clock = base_url or REAL, clock
        self._line, self._account = HttpLine(settings), sms_cn.account_of(settings)
        self._app, self._region = settings.sms_cn_app_id, settings.sms_cn_region

    @property
    def endpoint(self) -> str:
        """Return the host that is called."""
        return host_of(self._base)

    async def send(self, notice: Outgoing) -> Result:
        """Send one message. Never repeated by this class, whatever comes of it."""
        if not sms_cn.number_of(notice.address):
            return Rejected("address", "no mobile number of +86", address_bad=True)
        filled = self._account.fill(notice)
        if isinstance(filled, Rejected):
            return filled
        value = {
            "PhoneNumberSet": [notice.address], "SmsSdkAppId": self._app, "SignName": self._account.signature,
            "TemplateId": filled.template, "TemplateParamSet": list(filled.values.values()),
            "SessionContext": sms_cn.our_id(notice),
        }  # fmt: skip
        reply = await self._line.call(self._signed("SendSms", value))
        if not isinstance(reply, Reply):
            return reply
        return self._read(reply)

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """Pull what carriers reported of this number, and look for our reference."""
        now = self._clock.now()
        value = {
            "BeginTime": int((since - SKEW).timestamp()), "EndTime": int((now + SKEW).timestamp()), "Offset": 0, "Limit": 100,
            "PhoneNumber": notice.address, "SmsSdkAppId": self._app,
        }  # fmt: skip
        reply = await self._line.call(self._signed("PullSmsSendStatusByPhoneNumber", value))
        rows = _rows(reply) if isinstance(reply, Reply) else None
        if rows is None:
            return CannotTell("the list cannot be read")
        found = [row for row in rows if sms_cn.is_ours(word(row.get("SessionContext")), notice)]
        if found:
            first = min(found, key=lambda row: word(row.get("UserReceiveTime")))
            status = "delivered" if word(first.get("ReportStatus")) == "SUCCESS" else "undelivered"
            failure = word(first.get("Description"))[:40] if status == "undelivered" else ""
            return Found(
                word(first.get("SerialNo")), status, failure, len({word(row.get("SerialNo")) for row in found})
            )
        return NoLookup() if now - since >= PATIENCE else CannotTell("not reported yet")

    async def status(self, provider_id: str) -> ProviderStatus | CannotTell:
        """The cloud tells of a message only to whom names the number: `lookup` does."""
        return CannotTell("asked by number only")

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()

    def _signed(self, action: str, value: Mapping[str, object]) -> Call:
        now = self._clock.now()
        body, netloc = json.dumps(value, ensure_ascii=False).encode(), self._base.split("://", 1)[-1]
        headers = {"content-type": signing.JSON, "host": netloc, "x-tc-action": action.lower()}
        key = (self._account.key_id, self._account.secret)
        signature = signing.tc3(signing.Unsigned(headers, {}, body), "sms", now, key)
        sent = {
            "Content-Type": signing.JSON, "Host": netloc, "X-TC-Action": action, "X-TC-Version": VERSION,
            "X-TC-Timestamp": str(int(now.timestamp())), "X-TC-Region": self._region, "Authorization": signature,
        }  # fmt: skip
        return Call(f"{self._base}/", body, sent)

    def _read(self, reply: Reply) -> Result:
        answer = reply.fields.get("Response")
        if not isinstance(answer, dict):
            return by_status(reply.status, reply.retry_after)
        error, listed = answer.get("Error"), answer.get("SendStatusSet")
        if isinstance(error, dict):
            return self._refused(reply, error)
        one = listed[0] if isinstance(listed, list) and len(listed) == 1 else None
        if not isinstance(one, dict):
            return InDoubt("answer", "not the status of one message", reply.status)
        if word(one.get("Code")) != "Ok":
            return self._refused(reply, one)
        if not word(one.get("SerialNo")):
            return InDoubt("answer", "no SerialNo in the answer", reply.status)
        return Accepted(word(one.get("SerialNo")), "accepted", reply.status, word(answer.get("RequestId")))

    def _refused(self, reply: Reply, error: Mapping[str, Any]) -> Result:
        code, detail = word(error.get("Code")), redacted(word(error.get("Message")), self._account.secret)
        if not code:
            return InDoubt("answer", "no code in the answer", reply.status)
        meaning, wait = CODES.get(code) or next(
            ((found, wait) for family, found, wait in FAMILIES if code.startswith(family)), (Meaning.REFUSED, None)
        )
        return told(meaning, code, detail, http=reply.status, wait=wait)


def _rows(reply: Reply) -> list[Mapping[str, Any]] | None:
    """Return the rows of an answer of the pull; None if it is none."""
    answer = reply.fields.get("Response")
    rows = answer.get("PullSmsSendStatusSet") if isinstance(answer, dict) and "Error" not in answer else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    return rows
