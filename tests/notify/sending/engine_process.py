"""The engine in a process of its own, to be killed: `python -m tests.notify.sending.engine_process`, settings from `LINGBAO_*`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from core.settings import load
from notify import engine
from notify.office import open_office

if __name__ == "__main__":
    office = open_office(load())
    asyncio.run(engine.run(office.tools(), moment=datetime.now(UTC), within=timedelta(hours=1)))
