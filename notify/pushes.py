"""Receipts as the providers at home push them: read, and tied to our deliveries. Pure but for the look at the database.

Alibaba Cloud and Tencent Cloud sign nothing [belief]: who knows the secret part of our address is believed. Alibaba Cloud gives
our own number and reference back; one that does not fit is somebody else's, or made up. Tencent Cloud names its own number of
the message only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from notify.canary.store import BASE as CANARIES
from notify.channels import sms_cn
from notify.channels.base import RANKS, Consequence
from notify.channels.http_line import word
from notify.receipts import Word
from notify.ref import MASK, reference
from notify.store.pushed import deliveries_of

ALIYUN, TENCENT, GATEWAY = "aliyun_sms", "tencent_sms", "gateway"
MOST = 1_000
"""Receipts in one push."""

CONSEQUENCES = {"bad_address": Consequence.ADDRESS_BAD, "opted_out": Consequence.OPTED_OUT}
"""What our own gateway may say of an address. Of the clouds' codes none says for sure that a number is nobody's."""

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Pushed:
    """What one push says: the words for deliveries of ours, and how many are not ours."""

    words: tuple[Word, ...]
    strangers: int = 0


def items(body: object) -> list[Item] | None:
    """Return the receipts of a push, which is a list of objects; None if it is none, or too long."""
    if not isinstance(body, list) or len(body) > MOST or not all(isinstance(one, dict) for one in body):
        return None
    return body


def ours(kept: str, instance_uid: str) -> int | None:
    """Return the delivery, or the canary, that a push names; None if it is of another instance, or made up."""
    found = sms_cn.kept_by(kept)
    if found is None:
        return None
    number, code = found
    if number > CANARIES:
        return number  # Its code is drawn by lot; who keeps canaries knows it.
    return number if 0 < number <= MASK and reference(instance_uid, number) == code else None


def aliyun(found: Sequence[Item], instance_uid: str) -> Pushed:
    """Read a push of Alibaba Cloud (SmsReport over HTTP)."""
    words = []
    for one in found:
        number, sid = ours(word(one.get("out_id")), instance_uid), word(one.get("biz_id"))
        if number is not None and sid:
            words.append(_word(number, ALIYUN, sid, one.get("success") is True, one, "err_code"))
    return Pushed(tuple(words), len(found) - len(words))


def tencent(connection: Connection, found: Sequence[Item]) -> Pushed:
    """Read a push of Tencent Cloud."""
    ours = deliveries_of(connection, TENCENT, [word(one.get("sid")) for one in found])
    words = [
        _word(
            ours[word(one.get("sid"))],
            TENCENT,
            word(one.get("sid")),
            one.get("report_status") == "SUCCESS",
            one,
            "errmsg",
        )
        for one in found
        if word(one.get("sid")) in ours
    ]
    return Pushed(tuple(words), len(found) - len(words))


def gateway(one: Item, instance_uid: str) -> Word | None:
    """Read a push of the city's own gateway; None if it does not say which notice of this instance, or how it stands."""
    number = ours(f"{word(one.get('id'))}.1.{word(one.get('ref'))}", instance_uid)
    status, sid = word(one.get("status")), word(one.get("provider_id"))
    if number is None or status not in RANKS or not sid:
        return None
    error = word(one.get("error"))[:40]
    return Word(
        number, GATEWAY, sid[:300], status, error, _kept(one), "callback", CONSEQUENCES.get(error, Consequence.NONE)
    )


def _word(number: int, provider: str, sid: str, arrived: bool, item: Item, code: str) -> Word:
    status = "delivered" if arrived else "undelivered"
    failure = "" if arrived else word(item.get(code))[:40]
    return Word(number, provider, sid[:300], status, failure, _kept(item), "callback")


def _kept(item: Item) -> dict[str, str]:
    return {str(name): str(value) for name, value in item.items()}
