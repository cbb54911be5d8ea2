"""A few threads that do blocking calls for an event loop. Their answers come back in batches: a loop that is woken once for each
answer spends more on waking than the call costs.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Generic, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")


class Crew(Generic[Job, Answer]):
    """Up to `most` threads, each started when there is work for it."""

    def __init__(self, most: int, name: str, work: Callable[[Job], Answer]) -> None:
        """Do `work`; an exception goes to whoever waits for that job."""
        self._work = work
        self._threads = ThreadPoolExecutor(most, thread_name_prefix=name)
        self._done: deque[tuple[asyncio.Future[Answer], Future[Answer]]] = deque()
        self._told = False

    async def do(self, job: Job) -> Answer:
        """Return what comes of a job. One event loop at a time uses a crew."""
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._threads.submit(self._work, job).add_done_callback(partial(self._end, waiting))
        return await waiting

    def close(self) -> None:
        """Let every thread end what it is at, and go."""
        self._threads.shutdown(wait=True)

    def _end(self, waiting: asyncio.Future[Answer], done: Future[Answer]) -> None:
        """Note, in the thread that did it, that a job is done."""
        self._done.append((waiting, done))
        if not self._told:
            self._told = True
            waiting.get_loop().call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        # First the mark, then the answers: one that comes in between makes for a second call, and none is left behind.
        self._told = False
        while self._done:
            waiting, done = self._done.popleft()
            fault = done.exception()
            if waiting.done():
                continue  # Whoever waited has gone.
            if fault is not None:
                waiting.set_exception(fault)
            else:
                waiting.set_result(done.result())
