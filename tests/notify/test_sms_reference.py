"""The size of an SMS against another reckoning: the octets that go over the air, packed one message at a time.

Ours counts costs; this one writes every character down as the network codes it (3GPP TS 23.038 section 6.2.1, by position in
the table, and UCS-2 as UTF-16 in octets) and fills user data of 140 octets (TS 23.040 section 9.2.3.24).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import load
from notify.channels.base import Accepted, Outgoing
from notify.channels.twilio_sms import TwilioSms
from notify.sandbox.running import Running, running
from notify.sms import count

# Rows of the default alphabet, sixteen to a row; position 27 is the escape to the second table.
ROWS = (
    "@£$¥èéùìòÇ\nØø\rÅå", "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ", " !\"#¤%&'()*+,-./", "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO", "PQRSTUVWXYZÄÖÑÜ§", "¿abcdefghijklmno", "pqrstuvwxyzäöñüà",
)  # fmt: skip
FIRST = {letter: position for position, letter in enumerate("".join(ROWS)) if letter != "\x1b"}
SECOND = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
OCTETS, HEADER = 140, 6


def coded(text: str) -> tuple[list[bytes], int]:
    """Return each character as it is coded, none to be split, and how many code units an SMS holds: whole, then joined."""
    try:
        septets = [bytes([FIRST[x]]) if x in FIRST else bytes([0x1B, SECOND[x]]) for x in text]
    except KeyError:
        return [letter.encode("utf-16-be") for letter in text], OCTETS
    return septets, OCTETS * 8 // 7


def parts(text: str) -> int:
    """Pack a text into messages and count them."""
    letters, whole = coded(text)
    if sum(map(len, letters)) <= whole:
        return 1 if text else 0
    joined = (OCTETS - HEADER) * 8 // 7 if whole > OCTETS else OCTETS - HEADER
    packed = [b""]
    for letter in letters:
        if len(packed[-1]) + len(letter) > joined:
            packed.append(b"")
        packed[-1] += letter
    return len(packed)


ALPHABETS = (
    "".join(FIRST),
    "".join(FIRST) + "".join(SECOND),
    "".join(SECOND) + "a",
    "中文短信，。【】",
    "中a🚨€",
    "🚨👨‍👩‍👧’ß",
)


def random_text(chance: random.Random) -> str:
    """Make a text of one of the alphabets, most often about as long as some parts are."""
    edge = chance.choice((67, 70, 134, 153, 160, 201, 306, 459, chance.randrange(1, 700)))
    return "".join(chance.choices(chance.choice(ALPHABETS), k=max(0, edge + chance.randrange(-4, 5))))


def test_ten_thousand_random_texts_count_as_the_reference() -> None:
    """Whatever the alphabet and length, ours and the octets on the air agree."""
    chance = random.Random(20261122)
    for _ in range(10_000):
        text = random_text(chance)
        assert count(text).parts == parts(text), text


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox whose messages live their whole life at once."""
    with running(tmp_path_factory.mktemp("sandbox"), faults="step=0") as one:
        yield one


@pytest.mark.parametrize(("length", "wanted"), [(65, 1), (130, 2)])
def test_chinese_arrives_byte_for_byte(sandbox: Running, tmp_path: Path, length: int, wanted: int) -> None:
    """65 and 130 Chinese characters come out of the provider as they went in, billed as one part and as two."""
    chance = random.Random(length)
    body = "".join(chance.choices("领保安全提醒赞比亚刚果（金），。：“”【】编号", k=length))

    async def send() -> None:
        sms = TwilioSms(load(home=tmp_path), sandbox.url)
        notice = Outgoing(1, 1, "7K2QFX", f"+99290000{length:04d}", "zh", "", body, "", 3600)
        assert isinstance(await sms.send(notice), Accepted)
        await sms.close()

    asyncio.run(send())
    [kept] = sandbox.messages(f"+99290000{length:04d}")
    assert kept.body.encode() == body.encode()
    assert kept.parts == count(body).parts == parts(body) == wanted
