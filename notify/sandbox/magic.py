"""Numbers that make the sandbox answer in a given way: the tables in `magic.csv` and, for calls, `magic_calls.csv`.

Both are documented in docs/sandbox.md.

A number is +1500555 and four digits: the first and the last three of Twilio's code where there is one.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from notify.sandbox.life import Status
from notify.sandbox.life_call import CallStatus

TABLE = Path(__file__).with_name("magic.csv")
CALLS = Path(__file__).with_name("magic_calls.csv")


class When(StrEnum):
    """Where a magic number shows its nature."""

    NEVER = "never"
    REFUSED = "refused"
    STORED = "stored"
    HANG = "hang"
    RESET = "reset"
    GARBLED = "garbled"
    CALLBACK = "callback"


@dataclass(frozen=True)
class Magic:
    """What one number does.

    Attributes:
        when: `refused`: the create call fails and nothing is stored; `stored`: it fails although the message was
            stored; `hang`, `reset`, `garbled`: stored, and then no answer, a reset, an unreadable answer; `callback`:
            accepted, and the status says it later; `never`: an ordinary number.
        code: Twilio's code, 0 for none (the answer is then no JSON).
        http: status of the create answer, 0 where there is none to give.
        status: last status of the message.
    """

    number: str
    when: When
    code: int = 0
    http: int = 0
    status: Status = Status.DELIVERED
    meaning: str = ""


ORDINARY = Magic("", When.NEVER)


@cache
def table() -> Mapping[str, Magic]:
    """Read the table, once: number to what it does."""
    with TABLE.open(encoding="utf-8", newline="") as handle:
        return {row["number"]: _magic(row) for row in csv.DictReader(handle)}


def _magic(row: Mapping[str, str]) -> Magic:
    return Magic(
        number=row["number"],
        when=When(row["when"]),
        code=int(row["code"] or 0),
        http=int(row["http"] or 0),
        status=Status(row["status"] or Status.DELIVERED),
        meaning=row["meaning"],
    )


def magic(to: str) -> Magic:
    """Return what the recipient `to` does, with or without `whatsapp:`; `ORDINARY` for any other number."""
    return table().get(to.removeprefix("whatsapp:"), ORDINARY)


@cache
def meanings() -> Mapping[int, str]:
    """Return the meaning of each of Twilio's codes in the table."""
    return {one.code: one.meaning for one in table().values() if one.code}


@dataclass(frozen=True)
class CallMagic:
    """What one number does when it is called.

    Attributes:
        answered_by: who answers, in Twilio's words.
        digits: the keys that are pressed, one for each question.
    """

    number: str
    outcome: CallStatus = CallStatus.COMPLETED
    answered_by: str = "human"
    digits: str = ""
    meaning: str = ""


@cache
def call_table() -> Mapping[str, CallMagic]:
    """Read the table of numbers to call, once: number to what it does."""
    with CALLS.open(encoding="utf-8", newline="") as handle:
        return {
            row["number"]: CallMagic(
                row["number"], CallStatus(row["outcome"]), row["answered_by"], row["digits"], row["meaning"]
            )
            for row in csv.DictReader(handle)
        }


def call_magic(to: str) -> CallMagic:
    """Return what the number `to` does when it is called; any other is answered, and no key is pressed."""
    return call_table().get(to, CallMagic(to))
