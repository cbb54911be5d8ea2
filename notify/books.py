"""The ledger's writes beside calls that are out: quick ones where the calls are made, others in a thread of their own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine

from core.database import impatient
from core.errors import StoreBusy

HERE_MS = 20
"""Milliseconds for which calls that are out may be left alone while another writer of SQLite is waited for."""

T = TypeVar("T")
P = ParamSpec("P")


class Books:
    """Runs work on the database for one dispatcher, one piece after another.

    On SQLite a piece takes some milliseconds, nearly all of them in Python: two threads that take turns at the interpreter spend
    half as long again on it, and the calls go no faster. So it is done at once, unless the database is in other hands: then it
    waits in the thread, and no answer of a provider is missed meanwhile. PostgreSQL works in a process of its own; there the
    thread waits for it.
    """

    def __init__(self, engine: Engine) -> None:
        """Work on the database of `engine`."""
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="outbox")
        self._here = impatient(engine, HERE_MS) if engine.dialect.name == "sqlite" else None

    async def quick(self, act: Callable[Concatenate[Engine, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what takes milliseconds. It may be begun twice, and changes nothing but the database.

        Raises:
            StoreBusy: the database stayed locked, or its disk is full, or it is gone.
        """
        if self._here is not None:
            with contextlib.suppress(StoreBusy):
                return act(self._here, *args, **kwargs)
        return await self.long(act, *args, **kwargs)

    async def long(self, act: Callable[Concatenate[Engine, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do in the thread what may take long."""
        run = asyncio.get_running_loop().run_in_executor
        return await run(self._thread, lambda: act(self._engine, *args, **kwargs))

    def close(self) -> None:
        """Wait for what is being done."""
        self._thread.shutdown(wait=True)
