"""How often a robot may post: counted by webhook, in this process. Pure: the hour is an argument.

The provider counts by its own clock and for every sender that knows the webhook: its refusal is heard besides.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limit:
    """At most `most` calls within `seconds`."""

    most: int
    seconds: float


@dataclass
class Pace:
    """The calls of one webhook.

    Attributes:
        limits: all of them hold at the same time.
        made: moments of the last calls, in seconds, oldest first.
    """

    limits: tuple[Limit, ...]
    made: deque[float] = field(default_factory=deque)

    def take(self, now: float) -> float:
        """Take a turn and return 0, or return how many seconds to wait for one."""
        longest = max(limit.seconds for limit in self.limits)
        while self.made and self.made[0] <= now - longest:
            self.made.popleft()
        wait = max((self._wait(limit, now) for limit in self.limits), default=0.0)
        if wait <= 0:
            self.made.append(now)
        return max(wait, 0.0)

    def _wait(self, limit: Limit, now: float) -> float:
        if len(self.made) < limit.most:
            return 0.0
        return self.made[-limit.most] + limit.seconds - now
