"""The two clouds: signatures against their own published examples, requests as they want them, and what may be asked later."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.clock import FixedClock
from notify import pushes
from notify.channels import signing
from notify.channels.base import Absent, Answer, CannotTell, Found, NoLookup, Outgoing, Rejected
from notify.channels.signing import Unsigned
from notify.ref import reference
from tests.notify.channels.cloud import SECRET, Said, cloud, make, notice
from tests.notify.channels.servers import nobody

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
NONE = {"aliyun_sms": "details_none", "tencent_sms": "pulled_none"}


@pytest.mark.parametrize("at, nonce, signature", [
    ("2023-10-26T10:22:32Z", "3156853299f313e23d1673dc12e1703d",
     "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"),
    ("2023-10-26T09:01:01Z", "d410180a5abf7fe235dd9b74aca91fc0",
     "e521358f7776c97df52e6b2891a8bc73026794a071b50c3323388c4e0df64804"),
])  # fmt: skip
def test_alibaba_clouds_published_examples(at: str, nonce: str, signature: str) -> None:
    """Both examples on Alibaba Cloud's pages about signature version 3 come out as printed there."""
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com", "x-acs-action": "RunInstances", "x-acs-content-sha256": EMPTY, "x-acs-date": at,
        "x-acs-signature-nonce": nonce, "x-acs-version": "2014-05-26",
    }  # fmt: skip
    query = {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
    made = signing.acs3(Unsigned(headers, query), "YourAccessKeyId", "YourAccessKeySecret")
    names = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
    assert made == f"ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders={names},Signature={signature}"


@pytest.mark.parametrize("secret, more, signature", [
    ("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", {}, "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"),
    ("Gu5t9xGARNpq86cd98joQYCN3*******", {}, "2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c"),
    ("Gu5t9xGARNpq86cd98joQYCN3*******", {"x-tc-action": "describeinstances"},
     "be4f67d323c78ab9acb7395e43c0dbcf822a9cfac32fea2449a7bc7726b770a3"),
])  # fmt: skip
def test_tencent_clouds_published_examples(secret: str, more: dict[str, str], signature: str) -> None:
    """The examples on Tencent Cloud's pages about signature version 3, old and new, come out as printed there."""
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    headers = {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"} | more
    moment = datetime.fromtimestamp(1551113065, UTC)
    made = signing.tc3(Unsigned(headers, {}, body), "cvm", moment, ("AKIDexample", secret))
    assert made.endswith(f"SignedHeaders={';'.join(headers)}, Signature={signature}")
    assert made.startswith("TC3-HMAC-SHA256 Credential=AKIDexample/2019-02-25/cvm/tc3_request, ")


def test_the_query_is_encoded_as_rfc_3986_says() -> None:
    """A space is %20, a tilde stays, Chinese goes as UTF-8, and names are in order."""
    assert signing.encode_query({"b": "~ *", "a": "示"}) == "a=%E7%A4%BA&b=~%20%2A"


def test_alibaba_cloud_gets_what_it_wants(tmp_path: Path, clock: FixedClock) -> None:
    """SendSms carries number, signature, template, variables and our own reference, signed over exactly what was sent."""
    with cloud(Said(file="aliyun_sms/sent.json")) as (provider, port):
        asyncio.run(_send("aliyun_sms", tmp_path, port, clock))
    got = provider.got[0]
    assert (got.method, got.path, got.body) == ("POST", "/", b"")
    assert got.query == {
        "PhoneNumbers": "13812345678", "SignName": "示例市外办", "TemplateCode": "SMS_100000001", "OutId": "17.2.7K2QFX",
        "TemplateParam": got.query["TemplateParam"],
    }  # fmt: skip
    filled = json.loads(got.query["TemplateParam"])
    assert list(filled) == ["kind", "places", "title", "advice", "ref"]
    assert filled["ref"] == "7K2QFX"
    assert "content-type" not in got.headers
    wanted = {"x-acs-action": "SendSms", "x-acs-version": "2017-05-25", "x-acs-date": "2026-11-22T00:00:00Z",
              "x-acs-signature-nonce": "a-nonce", "x-acs-content-sha256": EMPTY}  # fmt: skip
    assert {name: got.headers[name] for name in wanted} == wanted
    lines = "".join(f"{k}:{v}\n" for k, v in sorted((wanted | {"host": got.headers["host"]}).items()))
    names = ";".join(sorted(["host", *wanted]))
    text = f"POST\n/\n{signing.encode_query(got.query)}\n{lines}\n{names}\n{EMPTY}"
    words = f"ACS3-HMAC-SHA256\n{hashlib.sha256(text.encode()).hexdigest()}"
    right = hmac.new(SECRET.encode(), words.encode(), hashlib.sha256).hexdigest()
    assert got.headers["authorization"].endswith(f"Signature={right}")


def test_tencent_cloud_gets_what_it_wants(tmp_path: Path, clock: FixedClock) -> None:
    """SendSms carries one number, the variables in the order of the settings, and our own reference."""
    with cloud(Said(file="tencent_sms/sent.json")) as (provider, port):
        asyncio.run(_send("tencent_sms", tmp_path, port, clock))
    got = provider.got[0]
    assert got.fields == {
        "PhoneNumberSet": ["+8613812345678"], "SmsSdkAppId": "1400000001", "SignName": "示例市外办",
        "TemplateId": "SMS_100000001", "TemplateParamSet": ["安全提醒", "示例国", "示例：请留意安全", "12308", "7K2QFX"],
        "SessionContext": "17.2.7K2QFX",
    }  # fmt: skip
    wanted = {"x-tc-action": "SendSms", "x-tc-version": "2021-01-11", "x-tc-region": "ap-guangzhou",
              "x-tc-timestamp": str(int(clock.now().timestamp()))}  # fmt: skip
    assert {name: got.headers[name] for name in wanted} == wanted
    assert "key-1/2026-11-22/sms/tc3_request" in got.headers["authorization"]


@pytest.mark.parametrize("provider", ["aliyun_sms", "tencent_sms"])
@pytest.mark.parametrize("change, values", [
    ({"address": "+992900000001"}, {"address_bad": True}), ({"address": "+861381234567"}, {"address_bad": True}),
    ({"address": "+868612345678"}, {"address_bad": True}), ({"template": "update"}, {"stops_channel": True}),
    ({"template": ""}, {"stops_channel": True}), ({"variables": {"ref": "7K2QFX"}}, {"stops_channel": False, "address_bad": False}),
])  # fmt: skip
def test_what_cannot_be_sent_is_not_tried(
    provider: str, change: dict[str, object], values: dict[str, bool], tmp_path: Path, clock: FixedClock
) -> None:
    """A number elsewhere or a landline, a template that the office has not, a variable that is missing: refused before any call."""
    with cloud(Said(file=f"{provider}/sent.json")) as (server, port):
        result = asyncio.run(_send(provider, tmp_path, port, clock, replace(notice(provider), **change)))  # type: ignore[arg-type]
    assert isinstance(result, Rejected)
    assert {name: getattr(result, name) for name in values} == values
    assert server.got == []


def test_alibaba_cloud_is_asked(tmp_path: Path, clock: FixedClock) -> None:
    """Among all messages to the number the one with our reference is found, whichever attempt it was; its fate comes with it."""
    since = clock.now() - timedelta(minutes=10)
    found, server = _ask("aliyun_sms", "details", since, tmp_path, clock)
    assert found == Found("17.1.7K2QFX", "undelivered", "MK:0001", 1)
    assert [one.query["SendDate"] for one in server] == ["20261122"]
    assert server[0].query["PhoneNumber"] == "13812345678"


def test_a_doubt_around_midnight_asks_about_both_days(tmp_path: Path, clock: FixedClock) -> None:
    """The cloud's day begins at midnight in China: a doubt from before it is looked for on both days."""
    clock.moment = datetime(2026, 11, 21, 16, 10, tzinfo=UTC)
    found, server = _ask("aliyun_sms", "details_none", clock.now() - timedelta(minutes=20), tmp_path, clock)
    assert [one.query["SendDate"] for one in server] == ["20261121", "20261122"]
    assert found == Absent()


@pytest.mark.parametrize("minutes, attempt, answer", [
    (1, 1, CannotTell), (4, 1, Absent), (4, 2, CannotTell), (7, 2, Absent), (13, 9, Absent),
])  # fmt: skip
def test_absence_is_believed_late(
    minutes: int, attempt: int, answer: type[Answer], tmp_path: Path, clock: FixedClock
) -> None:
    """Lists are late: that a message is not there proves nothing for three minutes, and longer after further attempts."""
    given = replace(notice("aliyun_sms"), attempt=attempt)
    since = clock.now() - timedelta(minutes=minutes)
    assert type(_ask("aliyun_sms", "details_none", since, tmp_path, clock, given)[0]) is answer


def test_tencent_cloud_is_asked(tmp_path: Path, clock: FixedClock) -> None:
    """What carriers reported of the number is searched for our reference."""
    found, server = _ask("tencent_sms", "pulled", clock.now() - timedelta(minutes=1), tmp_path, clock)
    assert found == Found("5000:2", "delivered", "", 1)
    assert (server[0].fields["PhoneNumber"], server[0].fields["Limit"]) == ("+8613812345678", 100)


@pytest.mark.parametrize("minutes, answer", [(1, CannotTell), (11, NoLookup)])
def test_tencent_cloud_cannot_prove_absence(
    minutes: int, answer: type[Answer], tmp_path: Path, clock: FixedClock
) -> None:
    """Its list has only what carriers reported: what is not in it is asked for again, and then severity decides."""
    since = clock.now() - timedelta(minutes=minutes)
    assert type(_ask("tencent_sms", "pulled_none", since, tmp_path, clock)[0]) is answer


@pytest.mark.parametrize("provider", ["aliyun_sms", "tencent_sms"])
def test_a_question_that_fails_tells_nothing(provider: str, tmp_path: Path, clock: FixedClock) -> None:
    """No connection, an error, an answer of another shape: no proof of anything."""

    async def ask(port: int) -> Answer:
        channel = make(provider, tmp_path, port, clock)
        try:
            return await channel.lookup(notice(provider), clock.now() - timedelta(hours=1))
        finally:
            await channel.close()

    with nobody() as server:
        assert isinstance(asyncio.run(ask(server.port)), CannotTell)
    bad = [Said("500 Error"), Said(body=b"[]"), Said(body=b"{}"), Said(file=f"{provider}/sent.json")]
    bad += [
        Said(body=b'{"Code":"OK","SmsSendDetailDTOs":{"SmsSendDetailDTO":[1]}}'),
        Said(file=f"{provider}/{NONE[provider]}.json", share=0.9),
    ]
    for said in bad:
        with cloud(said) as (_, port):
            assert isinstance(asyncio.run(ask(port)), CannotTell)


def test_what_providers_keep_for_us_is_ours_or_not() -> None:
    """The reference must be that of this instance and this delivery: another office's number, or a guess, is not believed."""
    uid = "a" * 36
    assert pushes.ours(f"17.2.{reference(uid, 17)}", uid) == 17
    for kept in ("", "17", "17.2.ZZZZZZ", f"18.2.{reference(uid, 17)}", f"17.2.{reference('b' * 36, 17)}", f"{2**40}.1.7K2QFX",
                 f"17.2.{reference(uid, 17)}\n", "0.1.000000"):  # fmt: skip
        assert pushes.ours(kept, uid) is None


def test_the_robots_signatures() -> None:
    """Recomputed another way (`openssl`-like, from bytes): DingTalk's key is the secret, Feishu's is time and secret together."""
    ding = hmac.digest(b"SEC1", b"1700000000000\nSEC1", "sha256")
    assert signing.dingtalk("SEC1", 1_700_000_000_000) == base64.b64encode(ding).decode()
    assert (
        signing.feishu("SEC1", 1_700_000_000)
        == base64.b64encode(hmac.digest(b"1700000000\nSEC1", b"", "sha256")).decode()
    )


async def _send(provider: str, home: Path, port: int, clock: FixedClock, given: Outgoing | None = None) -> object:
    channel = make(provider, home, port, clock)
    try:
        return await channel.send(given or notice(provider))
    finally:
        await channel.close()


def _ask(
    provider: str, file: str, since: datetime, home: Path, clock: FixedClock, given: Outgoing | None = None
) -> tuple[Answer, list]:  # type: ignore[type-arg]
    async def ask(port: int) -> Answer:
        channel = make(provider, home, port, clock)
        try:
            return await channel.lookup(given or notice(provider), since)
        finally:
            await channel.close()

    with cloud(Said(file=f"{provider}/{file}.json")) as (server, port):
        return asyncio.run(ask(port)), server.got
