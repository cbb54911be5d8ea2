"""The sandbox's providers at home are as strict as the real ones, and never see a secret of the settings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.clock import FixedClock
from core.errors import WrongSetting
from core.settings import load
from core.tables import Mode
from notify.channels import signing
from notify.channels.signing import Unsigned
from notify.home import for_sandbox, home_channels
from notify.providers import open_channels
from notify.sandbox import domestic
from notify.sandbox import home_keys as keys
from notify.sandbox.asked import Asked, Taken
from notify.sandbox.bots import FEISHU, Chats
from notify.sandbox.life import Message
from notify.sandbox.wire import Answer
from tests.notify.channels.cloud import HOOKS, SECRET, settings_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SECONDS = str(int(NOW.timestamp()))
BASE = "http://127.0.0.1:8425"
WORDS = {"msgtype": "text", "text": {"content": "示例"}}


def asked(path: str, fields: Mapping[str, Any] | None = None, **more: Any) -> Asked:
    """Return a request."""
    one = Asked("POST", path, {}, {}, json.dumps(fields or {}).encode(), NOW)
    return replace(one, **more)


def nothing(whom: str) -> Sequence[Message]:
    """Return no messages."""
    return []


def told(reply: Taken | Answer) -> Any:
    """Return what a refusal says."""
    assert isinstance(reply, Answer)
    return json.loads(reply.body)


def test_alibaba_clouds_signature_is_checked() -> None:
    """What was signed with another secret, or changed afterwards, or lacks a header, is refused; what is right is taken."""
    query = {
        "PhoneNumbers": "13812345678",
        "SignName": "示例",
        "TemplateCode": "SMS_first",
        "TemplateParam": "{}",
        "OutId": "1.1.A",
    }
    headers = {
        "host": "127.0.0.1:1", "x-acs-action": "SendSms", "x-acs-version": "2017-05-25", "x-acs-date": "2026-11-22T00:00:00Z",
        "x-acs-signature-nonce": "n", "x-acs-content-sha256": signing.body_hash(b""),
    }  # fmt: skip
    right = signing.acs3(Unsigned(headers, query), keys.KEY_ID, keys.SECRET)
    wrong = signing.acs3(Unsigned(headers, query), keys.KEY_ID, "other")
    call = asked("/", query=query, headers=headers | {"authorization": right}, body=b"")
    assert isinstance(domestic.aliyun(call, nothing), Taken)
    for bad in (
        replace(call, headers=headers | {"authorization": wrong}), replace(call, headers=headers),
        replace(call, query=query | {"PhoneNumbers": "13812345679"}), replace(call, body=b"x"),
        replace(call, headers={**call.headers, "x-acs-action": "QuerySendDetails"}),
    ):  # fmt: skip
        assert told(domestic.aliyun(bad, nothing))["Code"] == "SignatureDoesNotMatch"


def test_tencent_clouds_signature_is_checked() -> None:
    """Another secret, another body or an old timestamp is refused; what is right is taken."""
    fields = {
        "PhoneNumberSet": ["+8613812345678"],
        "SmsSdkAppId": keys.APP_ID,
        "TemplateId": "SMS_first",
        "TemplateParamSet": [],
    }
    body = json.dumps(fields).encode()
    signed = {"content-type": signing.JSON, "host": "127.0.0.1:1", "x-tc-action": "sendsms"}
    sent = signed | {"x-tc-action": "SendSms", "x-tc-timestamp": SECONDS}

    def call(secret: str, moment: datetime) -> Asked:
        made = signing.tc3(Unsigned(signed, {}, body), "sms", moment, (keys.KEY_ID, secret))
        stamp = {"x-tc-timestamp": str(int(moment.timestamp()))}
        return asked("/", headers=sent | stamp | {"authorization": made}, body=body)

    good = call(keys.SECRET, NOW)
    assert isinstance(domestic.tencent(good, nothing), Taken)
    for bad in (
        call("other", NOW),
        call(keys.SECRET, NOW - timedelta(minutes=6)),
        replace(good, body=body + b" "),
        replace(good, headers=sent),
    ):
        assert told(domestic.tencent(bad, nothing))["Response"]["Error"]["Code"] == "AuthFailure.SignatureFailure"


def test_the_gateways_signature_is_checked() -> None:
    """Another secret or an old timestamp is refused with 401; what is right is taken."""
    body = json.dumps({"id": "17", "attempt": 1, "to": "open-id-1", "body": "示例"}).encode()

    def call(secret: str, stamp: str) -> Asked:
        heads = {
            "idempotency-key": "7K2QFX",
            "x-lingbao-timestamp": stamp,
            "x-lingbao-signature": signing.gateway(secret, stamp, body),
        }
        return asked(keys.GATEWAY_PATH, headers=heads, body=body)

    assert isinstance(domestic.gateway(call(keys.SECRET, SECONDS), nothing), Taken)
    for bad in (call("other", SECONDS), call(keys.SECRET, str(int(SECONDS) - 400)), call(keys.SECRET, "x")):
        assert told(domestic.gateway(bad, nothing)) == {"error": "signature"}


def test_the_robots_are_strict() -> None:
    """A wrong or old signature, a webhook that is gone, a text that is too long, and the twenty-first post are refused."""
    chats = Chats()
    millis = int(NOW.timestamp() * 1000)
    good = {"access_token": "a", "timestamp": str(millis), "sign": signing.dingtalk(keys.SECRET, millis)}
    assert isinstance(chats.answer(asked("/robot/send", WORDS, query=good)), Taken)
    for bad in (good | {"sign": "x"}, good | {"timestamp": str(millis - 4_000_000)}, good | {"timestamp": "x"}):
        assert told(chats.answer(asked("/robot/send", WORDS, query=bad)))["errcode"] == 310000
    card = {
        "msg_type": "text",
        "content": {"text": "示例"},
        "timestamp": SECONDS,
        "sign": signing.feishu(keys.SECRET, int(SECONDS)),
    }
    assert isinstance(chats.answer(asked(f"{FEISHU}a", card)), Taken)
    assert told(chats.answer(asked(f"{FEISHU}a", card | {"sign": "x"})))["code"] == 19021
    assert told(chats.answer(asked(f"{FEISHU}gone", card)))["code"] == 19001
    hook = "/cgi-bin/webhook/send"
    long = {"msgtype": "text", "text": {"content": "示" * 683}}
    assert told(chats.answer(asked(hook, long, query={"key": "b"})))["errcode"] == 40058
    posts = [chats.answer(asked(hook, WORDS, query={"key": "c"})) for _ in range(21)]
    assert [type(one) for one in posts] == [Taken] * 20 + [Answer]
    assert told(posts[20])["errcode"] == 45009
    assert told(chats.answer(asked(hook, WORDS)))["errcode"] == 93000


def test_wecoms_token_runs_out() -> None:
    """Without the right secret there is no token; without a token, or with one that ran out, nothing is sent."""
    chats, right = Chats(), {"corpid": keys.CORP_ID, "corpsecret": keys.SECRET}
    assert told(chats.answer(asked("/cgi-bin/gettoken", query=right | {"corpsecret": "x"})))["errcode"] == 40001
    token = told(chats.answer(asked("/cgi-bin/gettoken", query=right)))["access_token"]
    message = WORDS | {"touser": "wang.wei", "agentid": keys.AGENT_ID}
    call = asked("/cgi-bin/message/send", message, query={"access_token": token})
    assert isinstance(chats.answer(call), Taken)
    assert told(chats.answer(replace(call, now=NOW + timedelta(hours=2))))["errcode"] == 42001
    assert told(chats.answer(replace(call, query={})))["errcode"] == 42001
    assert (
        told(chats.answer(asked("/cgi-bin/message/send", message | {"agentid": 9}, query=call.query)))["errcode"]
        == 40056
    )
    chats.expire()
    assert told(chats.answer(call))["errcode"] == 42001


def test_no_secret_goes_to_the_sandbox(tmp_path: Path) -> None:
    """Towards the sandbox every key, secret and webhook is the sandbox's own; a real address is nowhere left."""
    given = settings_of(tmp_path, gateway_url="https://gateway.invalid/x", sms_cn_callback_secret="kept")
    seen = for_sandbox(given, BASE)
    shown = [
        one.get_secret_value() for one in (seen.wecom_secret, seen.sms_cn_key_secret, seen.gateway_secret)
    ] + [one.secret.get_secret_value() + one.url.get_secret_value() for one in seen.groups]  # fmt: skip
    shown += [seen.wecom_base_url, seen.sms_cn_base_url, seen.gateway_url, seen.sms_cn_key_id, seen.wecom_corp_id]
    assert not any(SECRET in one or "hook-key" in one or "invalid" in one or "ww1" in one for one in shown)
    names = ("sms_cn", "wecom", "wechat", *HOOKS)
    opened = open_channels(settings_of(tmp_path, channels=names), Mode.SANDBOX)
    assert list(opened) == list(names)
    assert {one.endpoint for one in opened.values()} == {"127.0.0.1"}


@pytest.mark.parametrize("channel, more, lacking", [
    ("sms_cn", {}, "sms_cn_provider, sms_cn_key_id, sms_cn_key_secret, sms_cn_signature, "
     "sms_cn_templates.first, sms_cn_templates.update, sms_cn_templates.correction, sms_cn_templates.all-clear"),
    ("sms_cn", {"sms_cn_provider": "webhook"}, "gateway_url, gateway_secret"), ("wechat", {}, "gateway_url, gateway_secret"),
    ("wecom", {"wecom_corp_id": "ww1"}, "wecom_agent_id, wecom_secret"), ("feishu_bot", {}, "groups"),
    ("sms_cn", {"sms_cn_provider": "tencent", "sms_cn_key_id": "k", "sms_cn_key_secret": "s", "sms_cn_signature": "示例",
                "sms_cn_templates": {"first": "1", "update": "2", "correction": "3"}}, "sms_cn_templates.all-clear"),
    ("sms_cn", {"sms_cn_provider": "tencent", "sms_cn_key_id": "k", "sms_cn_key_secret": "s", "sms_cn_signature": "示例",
                "sms_cn_templates": keys.TEMPLATES}, "sms_cn_app_id"),
])  # fmt: skip
def test_what_is_lacking_is_named(
    channel: str, more: dict[str, Any], lacking: str, tmp_path: Path, clock: FixedClock
) -> None:
    """A channel in use without what it needs is refused, with the names of the settings; in a sandbox nothing is needed."""
    settings = load(home=tmp_path, channels=(channel,), **more)
    with pytest.raises(WrongSetting) as wrong:
        home_channels(settings, clock)
    assert str(wrong.value).endswith(lacking)
    if channel != "feishu_bot":
        assert list(home_channels(settings, clock, BASE)) == [channel]
