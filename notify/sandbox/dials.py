"""What can be turned and what is counted while the sandbox runs."""

from __future__ import annotations

from dataclasses import dataclass

from notify.sandbox.faults import Faults

STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
START = frozenset({"START", "YES", "UNSTOP"})


@dataclass(frozen=True)
class Account:
    """The one account the sandbox knows, and its secret."""

    sid: str
    token: str


@dataclass
class Dials:
    """What can be turned while the sandbox runs, and the counters that go with it.

    Attributes:
        requests: requests to the API so far: the numbers the dice go by.
        in_flight: requests being worked on.
        free_at: when the queue of the sender is empty, as seconds since 1970.
        stopped: numbers that replied STOP and have not replied START since.
    """

    faults: Faults
    seed: int
    requests: int
    stopped: set[str]
    in_flight: int = 0
    free_at: float = 0.0

    def reply(self, number: str, body: str) -> None:
        """Take note of a reply: STOP and its like stop us, START and its like let us go on (Twilio's default words)."""
        word = body.strip().upper()
        if word in STOP:
            self.stopped.add(number)
        elif word in START:
            self.stopped.discard(number)
