"""Threads that work for an event loop: every job gets its own answer, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from notify.channels.crew import Crew


def test_every_job_gets_its_own_answer() -> None:
    """A thousand jobs over four threads are each answered with what came of them, by four threads at most."""
    names: set[str] = set()

    def work(number: int) -> int:
        """Square a number."""
        names.add(threading.current_thread().name + str(threading.get_ident()))
        return number * number

    crew = Crew(4, "test", work)

    async def all_of_them() -> list[int]:
        """Do all jobs at once."""
        return list(await asyncio.gather(*(crew.do(number) for number in range(1000))))

    assert asyncio.run(all_of_them()) == [number * number for number in range(1000)]
    crew.close()
    assert len(names) <= 4


def test_an_exception_reaches_whoever_waits() -> None:
    """A job that raises tells its own caller, and no other; the thread goes on."""
    crew: Crew[int, int] = Crew(1, "test", lambda number: 10 // number)

    async def both() -> list[object]:
        """Do a job that fails and one that does not."""
        return list(await asyncio.gather(crew.do(0), crew.do(5), return_exceptions=True))

    failed, done = asyncio.run(both())
    crew.close()
    assert isinstance(failed, ZeroDivisionError)
    assert done == 2


def test_whoever_went_away_holds_nobody_up() -> None:
    """A caller that stopped waiting costs nothing: the others get their answers, and the crew can be closed."""

    def work(seconds: float) -> float:
        """Take that long."""
        time.sleep(seconds)
        return seconds

    crew: Crew[float, float] = Crew(1, "test", work)

    async def story() -> float:
        """Give up on the first, wait for the second."""
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await crew.do(0.1)
        return await crew.do(0.001)

    assert asyncio.run(story()) == 0.001
    crew.close()


def test_a_crew_works_for_one_loop_after_another() -> None:
    """A crew that worked for a loop that has ended works for the next one."""
    crew: Crew[int, int] = Crew(2, "test", lambda number: number + 1)
    assert [asyncio.run(crew.do(number)) for number in (1, 2)] == [2, 3]
    crew.close()
