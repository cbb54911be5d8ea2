"""Signatures of the providers at home and of our own gateway contract, with the standard library only. Pure.

Sources: Alibaba Cloud, "V3 request structure and signature" (help.aliyun.com/document_detail/2593177.html); Tencent Cloud,
"Signature v3" (cloud.tencent.com/document/product/382/52072); DingTalk, "custom robot, sign"; Feishu, "custom bot guide".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

ACS3, TC3 = "ACS3-HMAC-SHA256", "TC3-HMAC-SHA256"
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Unsigned:
    """A POST to the root of a host, before it is signed. `headers` are those that are signed, with names in small letters."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes = b""


def encode_query(query: Mapping[str, str]) -> str:
    """Return a query in canonical form: sorted by name, percent-encoded as RFC 3986 says (a space is %20, `~` stays)."""
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


def acs3(request: Unsigned, key_id: str, secret: str) -> str:
    """Return the `Authorization` header of Alibaba Cloud's signature version 3.

    `request.headers` must hold `host`, `x-acs-content-sha256` and every other `x-acs-…` header that is sent.
    """
    canonical, names = _canonical(request)
    signature = _hmac(secret.encode(), f"{ACS3}\n{_sha256(canonical.encode())}").hex()
    return f"{ACS3} Credential={key_id},SignedHeaders={names},Signature={signature}"


def tc3(request: Unsigned, service: str, moment: datetime, key: tuple[str, str]) -> str:
    """Return the `Authorization` header of Tencent Cloud's signature version 3.

    Args:
        service: the product, such as `sms`.
        moment: what the header `X-TC-Timestamp` says; the server refuses what is more than five minutes off.
        key: SecretId and SecretKey.
    """
    canonical, names = _canonical(request)
    day = moment.astimezone(UTC).date().isoformat()
    scope = f"{day}/{service}/tc3_request"
    words = f"{TC3}\n{int(moment.timestamp())}\n{scope}\n{_sha256(canonical.encode())}"
    signing = _hmac(_hmac(_hmac(f"TC3{key[1]}".encode(), day), service), "tc3_request")
    return f"{TC3} Credential={key[0]}/{scope}, SignedHeaders={names}, Signature={_hmac(signing, words).hex()}"


def dingtalk(secret: str, millis: int) -> str:
    """Return the `sign` of a DingTalk robot: the secret is the key, and stands in the message too; time in milliseconds."""
    return base64.b64encode(_hmac(secret.encode(), f"{millis}\n{secret}")).decode()


def feishu(secret: str, seconds: int) -> str:
    """Return the `sign` of a Feishu bot: time and secret together are the key, the message is empty; time in seconds."""
    return base64.b64encode(_hmac(f"{seconds}\n{secret}".encode(), "")).decode()


def gateway(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of our own gateway contract: `v1=` and HMAC-SHA256 in hex over timestamp, a dot and the body."""
    return f"v1={hmac.new(secret.encode(), timestamp.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


def body_hash(body: bytes) -> str:
    """Return the SHA-256 of a body in hex, as both clouds want it."""
    return _sha256(body)


def _canonical(request: Unsigned) -> tuple[str, str]:
    headers = sorted((name, value.strip()) for name, value in request.headers.items())
    names = ";".join(name for name, _ in headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers)
    query = encode_query(request.query)
    return f"POST\n/\n{query}\n{lines}\n{names}\n{_sha256(request.body)}", names


def _hmac(key: bytes, words: str) -> bytes:
    return hmac.new(key, words.encode(), hashlib.sha256).digest()


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
