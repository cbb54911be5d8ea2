"""The contract, for every provider at home: what comes of each fault and each code, once, in time, and without an exception."""

from __future__ import annotations

import asyncio
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.clock import FixedClock
from notify.channels.base import Accepted, InDoubt, NotSent, Outgoing, Rejected, Result
from tests.notify.channels.cloud import SECRET, TIMEOUT, Said, cloud, make, notice
from tests.notify.channels.servers import Server, http_hangs, http_resets, nobody, serving

SLACK = 1.5
BAD = {"address_bad": True, "stops_channel": False}
STOPS = {"address_bad": False, "stops_channel": True}
PLAIN = {"address_bad": False, "stops_channel": False, "opted_out": False}
LATER = {"throttled": False}
SLOWER = {"throttled": True}
SENT = {
    "wecom": "sent", "wecom_bot": "posted", "dingtalk_bot": "posted", "feishu_bot": "posted", "aliyun_sms": "sent",
    "tencent_sms": "sent", "gateway": "taken",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """What a provider answers, and what must come of it."""

    provider: str
    said: Said
    result: type[Result]
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return what the case is called."""
        return f"{self.provider}: {self.said.status} {self.said.file.rpartition('/')[2]} {self.said.share}"


def case(provider: str, file: str, result: type[Result], values: dict[str, Any] | None = None, **more: Any) -> Case:
    """Return a case with a recorded answer."""
    return Case(provider, Said(file=f"{provider}/{file}.json" if file else "", **more), result, values or {})


def alike(provider: str) -> list[Case]:
    """Return the faults that mean the same at every provider."""
    good, bot = SENT[provider], provider.endswith("_bot")
    return [
        case(provider, good, InDoubt, share=0.9),
        case(provider, "", InDoubt, status="500 Error"),
        case(provider, "", InDoubt, status="503 Unavailable"),
        case(provider, "", InDoubt, status="302 Found", headers={"Location": "/elsewhere"}),
        case(provider, "", InDoubt, body=b"<html>ok</html>"),
        case(provider, "", InDoubt, body=b"[1, 2]"),
        case(provider, "", InDoubt, body=b"{}"),
        case(provider, "", InDoubt, body=b"[" * 30_000),
        case(provider, "", InDoubt, body=b'{"a":"' + b"x" * 70_000 + b'"}'),
        case(
            provider,
            "",
            NotSent,
            {"throttled": not bot, "retry_after": 7.0},
            status="429 Slow",
            headers={"Retry-After": "7"},
        ),
        # One group's webhook is that group's alone; any other channel has one address for everybody.
        case(provider, "", Rejected, PLAIN if bot else STOPS, status="404 Not Found"),
    ]


CASES = [
    *(one for provider in SENT if provider != "wecom" for one in alike(provider)),
    case("wecom_bot", "posted", Accepted, {"status": "sent"}),
    case("wecom_bot", "error_45009", NotSent, LATER | {"retry_after": 60.0}),
    case("wecom_bot", "error_93000", Rejected, PLAIN),
    case("wecom_bot", "error_40058", Rejected, PLAIN),
    case("dingtalk_bot", "posted", Accepted, {"status": "sent"}),
    case("dingtalk_bot", "error_310000", Rejected, PLAIN | {"code": "310000"}),
    case("dingtalk_bot", "error_130101", NotSent, LATER | {"retry_after": 600.0}),
    case("dingtalk_bot", "error_90030", NotSent, LATER),
    case("dingtalk_bot", "error_300001", Rejected, PLAIN),
    case("feishu_bot", "posted", Accepted, {"status": "sent"}),
    case("feishu_bot", "error_19021", Rejected, PLAIN),
    case("feishu_bot", "error_19024", Rejected, PLAIN),
    case("feishu_bot", "error_11232", NotSent, LATER),
    case("feishu_bot", "error_9499", Rejected, PLAIN),
    case("feishu_bot", "error_9499_often", NotSent, LATER),
    case("aliyun_sms", "sent", Accepted, {"provider_id": "900000000000000000^0", "status": "accepted"}),
    case("aliyun_sms", "sent_without_bizid", InDoubt),
    case("aliyun_sms", "error_isv.BUSINESS_LIMIT_CONTROL", NotSent, LATER | {"retry_after": 300.0}),
    case("aliyun_sms", "error_isv.MOBILE_NUMBER_ILLEGAL", Rejected, BAD),
    case("aliyun_sms", "error_isv.AMOUNT_NOT_ENOUGH", Rejected, STOPS),
    case("aliyun_sms", "error_isv.SMS_SIGNATURE_ILLEGAL", Rejected, STOPS),
    case("aliyun_sms", "error_isv.DAY_LIMIT_CONTROL", Rejected, STOPS),
    case("aliyun_sms", "error_isv.PARAM_LENGTH_LIMIT", Rejected, PLAIN),
    case("aliyun_sms", "error_isp.SYSTEM_ERROR", InDoubt),
    case("aliyun_sms", "error_Throttling.User", NotSent, SLOWER, status="400 Bad"),
    case("aliyun_sms", "error_SignatureDoesNotMatch", Rejected, STOPS, status="400 Bad"),
    case("aliyun_sms", "error_InvalidAccessKeyId.NotFound", Rejected, STOPS, status="404 No"),
    case("aliyun_sms", "error_ServiceUnavailable", InDoubt, status="503 Unavailable"),
    case("tencent_sms", "sent", Accepted, {"provider_id": "5000:1000000000000000000001", "status": "accepted"}),
    case("tencent_sms", "sent_without_serial", InDoubt),
    case("tencent_sms", "sent_two", InDoubt),
    case("tencent_sms", "status_LimitExceeded.PhoneNumberDailyLimit", NotSent, LATER),
    case("tencent_sms", "status_LimitExceeded.Something", NotSent, LATER),
    case("tencent_sms", "status_InvalidParameterValue.IncorrectPhoneNumber", Rejected, BAD),
    case("tencent_sms", "status_FailedOperation.PhoneNumberInBlacklist", Rejected, {"opted_out": True}),
    case("tencent_sms", "status_FailedOperation.InsufficientBalanceInSmsPackage", Rejected, STOPS),
    case("tencent_sms", "status_FailedOperation.ContainSensitiveWord", Rejected, PLAIN),
    case("tencent_sms", "error_AuthFailure.SignatureFailure", Rejected, STOPS),
    case("tencent_sms", "error_RequestLimitExceeded", NotSent, SLOWER),
    case("tencent_sms", "error_InternalError.Timeout", InDoubt),
    case("gateway", "taken", Accepted, {"provider_id": "gw-1", "status": "queued"}, status="202 Accepted"),
    case("gateway", "taken", Accepted, {"provider_id": "gw-1"}, status="409 Conflict"),
    case("gateway", "bad_address", Rejected, BAD, status="422 No"),
    case("gateway", "opted_out", Rejected, {"opted_out": True}, status="422 No"),
    case("gateway", "later", NotSent, LATER, status="422 No"),
    case("gateway", "stop", Rejected, STOPS, status="422 No"),
    case("gateway", "other", Rejected, PLAIN | {"code": "words"}, status="400 No"),
    case("gateway", "signature", Rejected, STOPS, status="401 No"),
    case("gateway", "later", NotSent, SLOWER, status="429 Slow"),
    # A gateway that answers 200 to everything: its word counts, and what contradicts itself is a doubt, never "sent".
    case("gateway", "bad_address", Rejected, BAD),
    case("gateway", "later", NotSent, LATER),
    case("gateway", "other", InDoubt),
    case("gateway", "", InDoubt, body=b'{"id": "gw-1", "error": "words"}'),
    case("gateway", "", InDoubt, status="409 Conflict", body=b'{"error": "duplicate"}'),
    case("gateway", "", Accepted, {"status": "failed"}, body=b'{"id": "gw-1", "status": "failed", "error": "words"}'),
    case("gateway", "", NotSent, SLOWER | {"retry_after": 0.0}, status="429 Slow", headers={"Retry-After": "nan"}),
]
TOKEN = Said(file="wecom/token.json")
WECOM = [
    ("sent", Accepted, {"provider_id": "ExampleMsgId_1", "status": "sent"}),
    ("sent_without_msgid", InDoubt, {}),
    ("invaliduser", Rejected, BAD),
    ("unlicensed", Rejected, PLAIN),
    ("error_81013", Rejected, BAD),
    ("error_60111", Rejected, BAD),
    ("error_busy", InDoubt, {}),
    ("error_45009", NotSent, SLOWER),
    ("error_40056", Rejected, STOPS),
    ("error_60020", Rejected, STOPS),
    ("error_44004", Rejected, PLAIN),
]  # fmt: skip


def hand_over(provider: str, home: Path, port: int, clock: FixedClock, given: Outgoing | None = None) -> Result:
    """Send one notice and close the channel; it must not take longer than it may."""

    async def play() -> Result:
        channel = make(provider, home, port, clock)
        try:
            return await channel.send(given or notice(provider))
        finally:
            await channel.close()

    begun = time.monotonic()
    result = asyncio.run(play())
    assert time.monotonic() - begun < 2 * TIMEOUT + SLACK
    return result


def is_what(result: Result, kind: type[Result], values: dict[str, Any]) -> None:
    """Compare a result with what must come of a case; no secret is ever in its words."""
    assert type(result) is kind, result
    assert {name: getattr(result, name) for name in values} == values, result
    assert SECRET not in repr(result)
    assert "hook-key-1" not in repr(result)


@pytest.mark.parametrize("given", CASES, ids=lambda one: one.name)
def test_every_answer_has_one_meaning(given: Case, tmp_path: Path, clock: FixedClock) -> None:
    """Each answer of a provider gives the result it must give, after one call."""
    with cloud(given.said) as (provider, port):
        is_what(hand_over(given.provider, tmp_path, port, clock), given.result, given.values)
    assert len(provider.got) == 1


@pytest.mark.parametrize("provider", SENT)
@pytest.mark.parametrize("fault, result", [
    (nobody, NotSent), (lambda: serving(http_hangs), InDoubt), (lambda: serving(http_resets), InDoubt),
], ids=["nobody", "hangs", "resets"])  # fmt: skip
def test_a_broken_line(provider: str, fault: Any, result: type[Result], tmp_path: Path, clock: FixedClock) -> None:
    """No connection is certainly not sent; a line that breaks after the request is a doubt, but not while a token is fetched."""
    opened: AbstractContextManager[Server] = fault()
    with opened as server:
        found = hand_over(provider, tmp_path, server.port, clock)
    is_what(found, NotSent if provider == "wecom" else result, {})


@pytest.mark.parametrize("file, result, values", WECOM)
def test_every_answer_of_wecom(
    file: str, result: type[Result], values: dict[str, Any], tmp_path: Path, clock: FixedClock
) -> None:
    """Each answer of WeCom gives the result it must give, after a token and one call."""
    with cloud(TOKEN, Said(file=f"wecom/{file}.json")) as (provider, port):
        is_what(hand_over("wecom", tmp_path, port, clock), result, values)
    assert [one.path for one in provider.got] == ["/cgi-bin/gettoken", "/cgi-bin/message/send"]


@pytest.mark.parametrize("said", [
    Said("500 Error"), Said("302 Found"), Said(body=b"[]"), Said(file="wecom/sent.json", share=0.9), Said(body=b"{}"),
], ids=["500", "302", "list", "cut", "empty"])  # fmt: skip
def test_a_doubt_at_wecom(said: Said, tmp_path: Path, clock: FixedClock) -> None:
    """An answer of WeCom that cannot be read is a doubt."""
    with cloud(TOKEN, said) as (_, port):
        is_what(hand_over("wecom", tmp_path, port, clock), InDoubt, {})


@pytest.mark.parametrize("said, result, values", [
    (Said(file="wecom/error_40001.json"), Rejected, STOPS), (Said(file="wecom/error_45009.json"), NotSent, SLOWER),
    (Said(file="wecom/error_busy.json"), NotSent, {}), (Said("500 Error"), NotSent, {}), (Said("404 No"), Rejected, STOPS),
    (Said(file="wecom/error_81013.json"), NotSent, {}),
])  # fmt: skip
def test_without_a_token_nothing_was_sent(
    said: Said, result: type[Result], values: dict[str, Any], tmp_path: Path, clock: FixedClock
) -> None:
    """Whatever goes wrong with the token, the notice was not sent; no code of that call is about the person."""
    with cloud(said) as (provider, port):
        is_what(hand_over("wecom", tmp_path, port, clock), result, values)
    assert len(provider.got) == 1


@pytest.mark.parametrize("stale", ["error_40014", "error_42001"])
def test_a_stale_token_is_fetched_once_more(stale: str, tmp_path: Path, clock: FixedClock) -> None:
    """A token that ran out is replaced once and the call made again; a second one that fails is given up, nothing sent."""
    old = Said(file=f"wecom/{stale}.json")
    with cloud(TOKEN, old, TOKEN, Said(file="wecom/sent.json")) as (provider, port):
        is_what(hand_over("wecom", tmp_path, port, clock), Accepted, {})
    assert [one.path.rpartition("/")[2] for one in provider.got] == ["gettoken", "send"] * 2
    with cloud(TOKEN, old, TOKEN, old) as (provider, port):
        is_what(hand_over("wecom", tmp_path, port, clock), NotSent, {"code": "token"})
    assert len(provider.got) == 4


@pytest.mark.parametrize("address", ["@all", "a|b", "", "部门", "a b", "x" * 65])
def test_nobody_is_no_member(address: str, tmp_path: Path, clock: FixedClock) -> None:
    """What would reach everybody, or several, or nobody, is no address: WeCom is not called at all."""
    given = Outgoing(17, 2, "7K2QFX", address, "zh", "", "示例", "", 60)
    with cloud(TOKEN) as (provider, port):
        is_what(hand_over("wecom", tmp_path, port, clock, given), Rejected, BAD)
    assert provider.got == []


@pytest.mark.parametrize("provider, most", [("wecom", 2_048), ("wecom_bot", 2_048), ("dingtalk_bot", 18_000)])
def test_a_text_is_never_cut(provider: str, most: int, tmp_path: Path, clock: FixedClock) -> None:
    """A text that the provider would cut or refuse is refused here, before any call; the longest that fits goes out whole."""
    fits = "示" * (most // 3) + "x" * (most % 3)
    answers = [TOKEN] * (provider == "wecom") + [Said(file=f"{provider}/{SENT[provider]}.json")]
    with cloud(*answers) as (server, port):
        is_what(
            hand_over(provider, tmp_path, port, clock, notice(provider, f"{fits}x")), Rejected, {"code": "too-long"}
        )
        assert server.got == []
        is_what(hand_over(provider, tmp_path, port, clock, notice(provider, fits)), Accepted, {})
    assert server.got[-1].fields["text"]["content"] == fits
