"""`/healthz`: this process lives. `/readyz`: it can do its work, or what is missing. Nothing of people, addresses or paths."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from core.i18n import both, choose_language
from notify.office import Office
from notify.readiness import FAULTS, SILENT, Piece, Readiness, look

PATIENCE = 5.0
"""Seconds that the database may take: a server that is cut off gives no answer for minutes."""


def router(office: Office) -> APIRouter:
    """Return the two addresses for an office."""
    routes, looking = APIRouter(), _Looking(office)

    @routes.get("/healthz")
    async def healthz() -> JSONResponse:
        """Say that the process lives. It asks nobody: a database that is away is no reason to end the console.

        On the loop, not in a thread: all threads may be waiting for that database.
        """
        return JSONResponse({"ok": True})

    @routes.get("/readyz")
    async def readyz() -> JSONResponse:
        """Say whether requests should come here: 200, or 503 with what is missing in words."""
        found = await looking.ask()
        return JSONResponse(_shown(found, office), status_code=503 if found.missing else 200)

    return routes


class _Looking:
    """One look at a time, in a thread: whoever asks meanwhile gets its result."""

    def __init__(self, office: Office, look: Callable[[Office], Readiness] = look, patience: float = PATIENCE) -> None:
        self._office, self._look, self._patience = office, look, patience
        self._task: asyncio.Task[Readiness] | None = None

    async def ask(self) -> Readiness:
        """Return what is seen now; after too long, that the database is silent."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(asyncio.to_thread(self._look, self._office))
        try:
            return await asyncio.wait_for(asyncio.shield(self._task), self._patience)
        except TimeoutError:
            return SILENT


def _shown(found: Readiness, office: Office) -> dict[str, Any]:
    now, language = office.clock.now(), choose_language()
    # After the first that is missing nothing is known of the next ones.
    known = list(Piece)[: list(Piece).index(found.missing[0]) + 1] if found.missing else list(Piece)
    return {
        "ok": not found.missing,
        "mode": found.mode,
        "parts": {one: one not in found.missing for one in known},
        "words": [both(FAULTS[one], language) for one in found.missing],
        "seconds_since": {name: round((now - at).total_seconds()) for name, at in found.beats.items()},
    }
