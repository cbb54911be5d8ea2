"""Service messages: through the gate and on a ground, as alerts are; what came of it is written down, the text is not."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from core.clock import FixedClock
from core.database import reading, writing
from core.keys import MasterKeys
from core.settings import Settings
from core.tables import Audit, Mode, table
from notify.channels.base import InDoubt, NotSent, Rejected, Result
from notify.channels.recorder import Recorder
from notify.codes import code_message
from notify.dispatch import Tools
from notify.erasure import run_retention
from notify.gate import Gate
from notify.model import OfficeName
from notify.service import Handed, ServiceMessage, send_service
from registry.people import NewAddress, NewPosting
from registry.signup.model import Code, Given
from registry.signup.register import register
from registry.signup.tables import Registration
from registry.signup.texts import current

PHONE, DIGITS = "+8613800138000", "482915"


def message(clock: FixedClock, *, language: str = "zh", foreign: bool = True, channel: str = "sms") -> ServiceMessage:
    """Return a message with a code."""
    code = Code("address_check/9", channel, language, foreign, clock.now(), address=PHONE, digits=DIGITS)
    return code_message(code, OfficeName("示例市外办", "Sample Office"))


def send(
    engine: Engine, clock: FixedClock, keys: MasterKeys, channel: Recorder, sent: ServiceMessage, *,
    mode: Mode = Mode.SANDBOX, allow: frozenset[str] = frozenset(), **settings: bool,
) -> Handed:  # fmt: skip
    """Send a message with one channel in a mode."""
    made = Settings(**settings)  # type: ignore[arg-type]
    tools = Tools(engine, clock, made, keys, {channel.name: channel}, Gate("uid", mode, allow))
    return asyncio.run(send_service(tools, sent, by="lin.daiyu"))


def audit(engine: Engine) -> list[tuple[str, str, str]]:
    """Return who did what, with the detail."""
    rows = table(Audit)
    with reading(engine) as connection:
        found = connection.execute(select(rows.c.actor, rows.c.object, rows.c.detail).order_by(rows.c.id)).all()
    return [(row[0], row[1], row[2]) for row in found]


def test_a_code_goes_out_and_leaves_two_lines(engine: Engine, clock: FixedClock, keys: MasterKeys) -> None:
    """The text has the signature and the code; the audit has before and after, and neither code nor number."""
    channel = Recorder()
    assert send(engine, clock, keys, channel, message(clock)) == Handed("accepted")
    (notice,) = channel.sent
    assert notice.body.startswith("【示例市外办】")
    assert DIGITS in notice.body
    assert audit(engine) == [
        ("lin.daiyu", "address_check/9", "sms begun"), ("lin.daiyu", "address_check/9", "sms accepted"),
    ]  # fmt: skip
    assert PHONE not in repr(message(clock))
    assert DIGITS not in json.dumps(audit(engine))


def test_the_message_is_in_the_language_of_the_person(clock: FixedClock) -> None:
    """English readers get English, with the English name of the office, in one part of plain letters."""
    text = message(clock, language="en").body
    assert text.startswith("Sample Office: your code")
    assert text.isascii()


@pytest.mark.parametrize(
    ("result", "handed", "sent"),
    [
        (InDoubt("timeout"), Handed("doubt", "timeout"), True),
        (NotSent("429", throttled=True), Handed("failed", "429"), False),
        (Rejected("21211", address_bad=True), Handed("refused", "21211"), False),
        (Rejected("20003", stops_channel=True), Handed("failed", "20003"), False),
    ],
)
def test_what_came_of_it_is_said(
    engine: Engine, clock: FixedClock, keys: MasterKeys, result: Result, handed: Handed, sent: bool
) -> None:
    """Doubt, failure and refusal are told apart, in words for a person and in the audit."""
    found = send(engine, clock, keys, Recorder(answer=lambda _: result), message(clock))
    assert (found, found.sent) == (handed, sent)
    assert audit(engine)[-1][2] == f"sms {handed.outcome} {handed.code}"
    assert str(found.words)


def test_the_gate_and_the_ground_hold_for_service_messages_too(
    engine: Engine, clock: FixedClock, keys: MasterKeys
) -> None:
    """A drill writes to its list only and marks the text; without consent, or with the switch off, nothing goes abroad."""
    channel = Recorder()
    kept_back = [
        (send(engine, clock, keys, channel, message(clock), mode=Mode.DRILL), "gate-drill"),
        (send(engine, clock, keys, channel, message(clock, foreign=False)), "no-ground"),
        (send(engine, clock, keys, channel, message(clock), allow_foreign_providers=False), "foreign-forbidden"),
        (send(engine, clock, keys, channel, message(clock, channel="email")), "no-channel"),
    ]
    assert [(handed.outcome, handed.code) for handed, _ in kept_back] == [("refused", why) for _, why in kept_back]
    assert channel.sent == []
    assert send(engine, clock, keys, channel, message(clock), mode=Mode.DRILL, allow=frozenset({PHONE})).sent
    assert channel.sent[0].body.startswith("【演练】")
    mail = Recorder(name="email")
    assert send(engine, clock, keys, mail, message(clock, foreign=False, channel="email")).sent


def test_the_retention_run_destroys_what_was_never_confirmed(
    engine: Engine, clock: FixedClock, keys: MasterKeys, index_key: bytes
) -> None:
    """A registration that ran out is destroyed by the daily run, and one that still waits is not."""
    stay, rows = (NewPosting("FR"),), table(Registration)
    for name in ("late", "fresh"):
        ways = (NewAddress("email", f"{name}@example.com"),)
        with writing(engine) as connection:
            register(
                connection, Given("示例", ways, stay, current(), False), keys=keys, index_key=index_key, now=clock.now()
            )
        clock.advance(timedelta(hours=12))
    run_retention(engine, clock, days=90)
    with reading(engine) as connection:
        found = connection.execute(select(rows.c.wrapped, rows.c.payload).order_by(rows.c.id)).all()
    assert [(wrapped is None, payload == b"") for wrapped, payload in found] == [(True, True), (False, False)]
