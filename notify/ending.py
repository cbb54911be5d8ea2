"""Ending cleanly: told to end (SIGTERM), the work is cancelled, and what it has in hand is written down before the process goes."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
EXIT_CODE = 128 + signal.SIGTERM
"""What a shell calls the end of a process by this signal."""


async def until_told(work: Coroutine[Any, Any, T]) -> T:
    """Do the work; on SIGTERM cancel it and let it wind up. To be run in the main thread.

    Raises:
        asyncio.CancelledError: it was told to end, and has.
    """
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await task
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
