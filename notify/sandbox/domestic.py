"""The two clouds' SMS at home, and a city's gateway, as the sandbox plays them: signatures, templates, codes, lists. Pure.

Numbers that end in one of these four digits get what they say: 0404 no such number, 0429 too many to this number, 0402 no
money left, 0403 a signature that is not approved, 0500 an error although the message was stored, 0007 it never arrives.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from notify.channels import signing
from notify.sandbox import home_keys as keys
from notify.sandbox.asked import Asked, Taken, text_of
from notify.sandbox.life import Message, Moment, Status, now_at
from notify.sandbox.wire import Answer, as_json

ALIYUN, TENCENT, GATEWAY = "aliyun_sms", "tencent_sms", "gateway"
FRESH = timedelta(minutes=15)
REFUSED = {
    "0404": ("isv.MOBILE_NUMBER_ILLEGAL", "InvalidParameterValue.IncorrectPhoneNumber", "bad_address", 422),
    "0429": ("isv.BUSINESS_LIMIT_CONTROL", "LimitExceeded.PhoneNumberDailyLimit", "later", 422),
    "0402": ("isv.AMOUNT_NOT_ENOUGH", "FailedOperation.InsufficientBalanceInSmsPackage", "stop", 422),
    "0403": ("isv.SMS_SIGNATURE_ILLEGAL", "FailedOperation.SignatureIncorrectOrUnapproved", "stop", 422),
}
FAILS = {"0007": "MK:0001"}
STORED = "0500"

Reply = Taken | Answer
Kept = Callable[[str], Sequence[Message]]
"""Gives the messages to a number, newest first."""


def aliyun(asked: Asked, kept: Kept) -> Reply:
    """Answer one call of Dysmsapi."""
    if not _acs3_holds(asked):
        return _acs_error(400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")
    if asked.headers.get("x-acs-action") == "QuerySendDetails":
        return _details(asked, kept)
    number, given = asked.query.get("PhoneNumbers", ""), asked.query.get("TemplateParam", "")
    refused = REFUSED.get(number[-4:])
    if refused or len(number) != 11:
        return _acs_error(200, refused[0] if refused else REFUSED["0404"][0], "refused by the sandbox")
    if asked.query.get("TemplateCode", "") not in keys.TEMPLATES.values():
        return _acs_error(200, "isv.SMS_TEMPLATE_ILLEGAL", "no such template")
    sign, out = asked.query.get("SignName", ""), asked.query.get("OutId", "")
    words = _shown(sign, asked.query["TemplateCode"], _values(given))
    return Taken(
        ALIYUN, f"+86{number}", sign, words, lambda seq: f"{seq}^{out}",
        lambda sid: as_json(200, {"Code": "OK", "Message": "OK", "BizId": sid, "RequestId": f"R-{sid}"}),
        FAILS.get(number[-4:], ""), trick=number.endswith(STORED),
    )  # fmt: skip


def tencent(asked: Asked, kept: Kept) -> Reply:
    """Answer one call of Tencent Cloud's SMS."""
    if not _tc3_holds(asked):
        return _tc_error("AuthFailure.SignatureFailure", "The provided credentials could not be validated.")
    if asked.headers.get("x-tc-action") == "PullSmsSendStatusByPhoneNumber":
        return _pulled(asked, kept)
    fields, listed = asked.fields, asked.fields.get("PhoneNumberSet")
    number = text_of(listed[0]) if isinstance(listed, list) and listed else ""
    refused = REFUSED.get(number[-4:])
    if refused or len(number) != 14:
        return _tc_status("", number, refused[1] if refused else REFUSED["0404"][1])
    if fields.get("SmsSdkAppId") != keys.APP_ID or fields.get("TemplateId") not in keys.TEMPLATES.values():
        return _tc_status("", number, "FailedOperation.TemplateIncorrectOrUnapproved")
    sign, context = text_of(fields.get("SignName")), text_of(fields.get("SessionContext"))
    words = _shown(sign, text_of(fields.get("TemplateId")), fields.get("TemplateParamSet"))
    return Taken(
        TENCENT, number, sign, words, lambda seq: f"{seq}:{context}", lambda sid: _tc_status(sid, number, "Ok"),
        FAILS.get(number[-4:], ""), trick=number.endswith(STORED),
    )  # fmt: skip


def gateway(asked: Asked, kept: Kept) -> Reply:
    """Answer one call of our own gateway contract; the same reference again is the same message."""
    ref, stamp = asked.headers.get("idempotency-key", ""), asked.headers.get("x-lingbao-timestamp", "")
    signed = asked.body if asked.method == "POST" else ref.encode()
    made = signing.gateway(keys.SECRET, stamp, signed)
    fresh = stamp.isdecimal() and abs(int(stamp) - asked.now.timestamp()) <= 300
    if not fresh or not _same(made, asked.headers.get("x-lingbao-signature", "")):
        return as_json(401, {"error": "signature"})
    had = next(iter(kept(f"#{ref}")), None)
    if had is not None:
        return as_json(200, {"id": had.sid, "status": str(now_at(had, asked.now).status)})
    if asked.method == "GET":
        return as_json(404, {"status": "absent"})
    fields = asked.fields
    to, number = text_of(fields.get("to")), text_of(fields.get("id"))
    refused = REFUSED.get(to[-4:])
    if refused:
        return as_json(refused[3], {"error": refused[2], "detail": "refused by the sandbox"})
    words = text_of(fields.get("body"))
    return Taken(
        GATEWAY, to, text_of(fields.get("channel")), words, lambda seq: f"{number}.{fields.get('attempt')}#{ref}",
        lambda sid: as_json(202, {"id": sid, "status": "queued"}), FAILS.get(to[-4:], ""), trick=to.endswith(STORED),
    )  # fmt: skip


def push_body(provider: str, message: Message, moment: Moment) -> bytes:
    """Return what a provider pushes when the fate of a message is known."""
    arrived = moment.status is Status.DELIVERED
    at, failure = moment.at.strftime("%Y-%m-%d %H:%M:%S"), "" if arrived else FAILS["0007"]
    if provider == ALIYUN:
        return json.dumps([{
            "phone_number": message.to.removeprefix("+86"), "send_time": at, "report_time": at, "success": arrived,
            "err_code": "DELIVERED" if arrived else failure, "err_msg": "", "sms_size": str(message.parts),
            "biz_id": message.sid, "out_id": message.sid.partition("^")[2],
        }]).encode()  # fmt: skip
    if provider == TENCENT:
        return json.dumps([{
            "user_receive_time": at, "nationcode": "86", "mobile": message.to.removeprefix("+86"),
            "report_status": "SUCCESS" if arrived else "FAIL", "errmsg": "DELIVRD" if arrived else failure,
            "description": "", "sid": message.sid,
        }]).encode()  # fmt: skip
    number, ref = message.sid.partition(".")[0], message.sid.partition("#")[2]
    status = {"id": number, "ref": ref, "provider_id": message.sid, "status": str(moment.status), "error": failure}
    return json.dumps(status).encode()


def throttled(asked: Asked) -> Answer:
    """Return what these providers answer to whom they find too fast."""
    if "x-acs-action" in asked.headers:
        return _acs_error(400, "Throttling.User", "Request was denied due to user flow control.")
    if "x-tc-action" in asked.headers:
        return _tc_error("RequestLimitExceeded", "You have sent too many requests.")
    return as_json(429, {"error": "slow"}, [(b"retry-after", b"1")])


def _details(asked: Asked, kept: Kept) -> Answer:
    rows = [
        {"PhoneNum": asked.query["PhoneNumber"], "OutId": one.sid.partition("^")[2], "TemplateCode": "SMS_first",
         "SendStatus": _send_status(Status(now_at(one, asked.now).status)), "ErrCode": "", "Content": one.body,
         "SendDate": one.created.strftime("%Y-%m-%d %H:%M:%S")}
        for one in kept(f"+86{asked.query.get('PhoneNumber', '')}")
        if (one.created + timedelta(hours=8)).strftime("%Y%m%d") == asked.query.get("SendDate")
    ]  # fmt: skip
    page, size = int(asked.query.get("CurrentPage", "1")), int(asked.query.get("PageSize", "10"))
    shown = rows[(page - 1) * size : page * size]
    listed = {"SmsSendDetailDTO": shown}
    return as_json(200, {"Code": "OK", "Message": "OK", "TotalCount": len(rows), "SmsSendDetailDTOs": listed})


def _send_status(status: Status) -> int:
    return {Status.DELIVERED: 3, Status.UNDELIVERED: 2}.get(status, 1)


def _pulled(asked: Asked, kept: Kept) -> Answer:
    rows = [
        {"UserReceiveTime": int(asked.now.timestamp()), "CountryCode": "86", "PhoneNumber": one.to, "SerialNo": one.sid,
         "ReportStatus": "SUCCESS" if now_at(one, asked.now).status is Status.DELIVERED else "FAIL", "Description": "",
         "SessionContext": one.sid.partition(":")[2]}
        for one in kept(text_of(asked.fields.get("PhoneNumber")))
        if now_at(one, asked.now).status in {Status.DELIVERED, Status.UNDELIVERED}
    ]  # fmt: skip
    return as_json(200, {"Response": {"PullSmsSendStatusSet": rows, "RequestId": "R"}})


def _acs3_holds(asked: Asked) -> bool:
    given = asked.headers.get("authorization", "")
    names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: asked.headers.get(name, "") for name in names}
    made = signing.acs3(signing.Unsigned(headers, asked.query, asked.body), keys.KEY_ID, keys.SECRET)
    needed = {"host", "x-acs-action", "x-acs-date", "x-acs-version", "x-acs-signature-nonce", "x-acs-content-sha256"}
    return needed <= headers.keys() and _same(made, given)


def _tc3_holds(asked: Asked) -> bool:
    given, at = asked.headers.get("authorization", ""), asked.headers.get("x-tc-timestamp", "")
    if not at.isdecimal() or abs(int(at) - asked.now.timestamp()) > 300:
        return False
    names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: asked.headers.get(name, "") for name in names} | {
        "x-tc-action": asked.headers.get("x-tc-action", "").lower()
    }
    moment = asked.now.fromtimestamp(int(at), asked.now.tzinfo)
    made = signing.tc3(signing.Unsigned(headers, {}, asked.body), "sms", moment, (keys.KEY_ID, keys.SECRET))
    return {"content-type", "host"} <= set(names) and _same(made, given)


def _values(given: str) -> Any:
    try:
        return json.loads(given)
    except ValueError:
        return given


def _shown(sign: str, template: str, values: object) -> str:
    """Return a message as the sandbox lists it: the words of an approved template are the cloud's secret."""
    if isinstance(values, Mapping):
        values = [f"{name}={value}" for name, value in values.items()]
    told = "；".join(str(one) for one in values) if isinstance(values, list) else str(values)
    return f"【{sign}】{template}：{told}"


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _acs_error(http: int, code: str, words: str) -> Answer:
    return as_json(http, {"Code": code, "Message": words, "RequestId": "R-sandbox"})


def _tc_error(code: str, words: str) -> Answer:
    return as_json(200, {"Response": {"Error": {"Code": code, "Message": words}, "RequestId": "R-sandbox"}})


def _tc_status(sid: str, number: str, code: str) -> Answer:
    one = {"SerialNo": sid, "PhoneNumber": number, "Fee": 1, "SessionContext": "", "Code": code, "Message": code,
           "IsoCode": "CN"}  # fmt: skip
    return as_json(200, {"Response": {"SendStatusSet": [one], "RequestId": "R-sandbox"}})
