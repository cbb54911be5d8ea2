"""A few threads that do blocking calls for an event loop. Their answers come back in batches: a loop that is woken once for each
answer spends more on waking than the call costs.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Job = TypeVar("Job")
Answer = TypeVar("Answer")


class Crew(Generic[Job, Answer]):
    """Up to `most` threads, each started when there is work for it; they end with `close`, or with the process."""

    def __init__(self, most: int, name: str, work: Callable[[Job], Answer]) -> None:
        """Do `work`, which must not raise what it can help: an exception goes to whoever waits for that job."""
        self._most, self._name, self._work = most, name, work
        self._todo: queue.SimpleQueue[tuple[Job, asyncio.Future[Answer]] | None] = queue.SimpleQueue()
        self._done: deque[tuple[asyncio.Future[Answer], Answer | Exception]] = deque()
        self._threads: list[threading.Thread] = []
        self._out = 0
        self._told = False

    async def do(self, job: Job) -> Answer:
        """Return what comes of a job. One event loop at a time uses a crew."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._out += 1
        if self._out > len(self._threads) < self._most:
            self._threads.append(threading.Thread(target=self._serve, name=self._name, daemon=True))
            self._threads[-1].start()
        self._todo.put((job, future))
        return await future

    def close(self) -> None:
        """Let every thread end what it is at, and go."""
        for _ in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _serve(self) -> None:
        while (given := self._todo.get()) is not None:
            job, future = given
            try:
                answer: Answer | Exception = self._work(job)
            except Exception as error:  # noqa: BLE001 - handed on to whoever waits, not swallowed
                answer = error
            self._done.append((future, answer))
            if not self._told:
                self._told = True
                future.get_loop().call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        # First the mark, then the answers: one that comes in between makes for a second call, and none is left behind.
        self._told = False
        while self._done:
            future, answer = self._done.popleft()
            self._out -= 1
            if future.done():
                continue  # Whoever waited has gone.
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
