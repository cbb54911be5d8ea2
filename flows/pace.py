"""How fast the runs of all workers together begin to read: a limit on the Prefect server, which nobody can be left holding.

Its slots come back by time, not by whoever took them. A slot that is held until somebody gives it back stays taken when the holder is
killed, and readings that wait for it are a night that reads nothing. Sending has no such limit here: the rates of the channels and the
leases of the outbox hold without Prefect, which may be away while notices leave.
"""

from __future__ import annotations

import httpx
import structlog
from prefect.concurrency.sync import rate_limit
from prefect.exceptions import PrefectException
from prefect.runtime import deployment

log = structlog.get_logger(__name__)

NAME = "lingbao-reading"
AT_ONCE, PER_SECOND = 8, 4.0
"""So many readings may begin at the same moment, and so many more each second."""

PATIENCE = 30.0
"""Seconds after which a reading begins in any case: late is worse than crowded."""


class Pace:
    """The turns of one run. Without a server of the office's own, or when it fails once, every turn is taken at once."""

    def __init__(self) -> None:
        """Ask whether a server started this run."""
        self._asks = deployment.id is not None

    def take_turn(self) -> None:
        """Wait until one more reading may begin. A limit that is not on the server is none."""
        if not self._asks:
            return
        try:
            rate_limit(NAME, timeout_seconds=PATIENCE, strict=False)
        except (TimeoutError, httpx.HTTPError, PrefectException) as error:
            self._asks = False
            log.warning("readings begin without waiting for their turn", fault=str(error))
