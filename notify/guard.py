"""The one place around a call of a channel (DESIGN, ten rules no. 8): whatever breaks in it stops nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

log = structlog.get_logger(__name__)
T = TypeVar("T")
Fault = TypeVar("Fault")


async def guarded(asked: Awaitable[T], otherwise: Callable[[str], Fault], **about: object) -> T | Fault:
    """Wait for what a channel does; if it breaks, log that and answer `otherwise`, which is given the error in words.

    Args:
        about: what the log names: ids and channels, nothing of people.
    """
    try:
        return await asked
    except Exception as error:
        log.exception("channel failed", **about)
        return otherwise(f"{type(error).__name__}: {error}")
