"""A process that replays every capture of a folder: `python -m … URL HOME CAPTURES`; it writes what the command would print."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson

from core.clock import FixedClock
from core.database import open_engine
from core.keys import MasterKeys
from core.settings import Settings
from notify.office import Office
from notify.replay import Replayed, run
from notify.replay.told import replay_json

BEGIN, END = datetime(2013, 1, 1, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)


def as_bytes(found: Replayed) -> bytes:
    """Write a replay as the command does."""
    return orjson.dumps(replay_json(found, "zh", {1: "A1"}, people=True))


def main(url: str, home: str, captures: str) -> None:
    """Replay them all."""
    engine = open_engine(url)
    keys = MasterKeys({"test": bytes(range(32))}, "test")
    office = Office(Settings(home=Path(home)), engine, FixedClock(END), keys, {})
    sys.stdout.buffer.write(as_bytes(run(office, office.policy, BEGIN, END, of=Path(captures))))
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:4])
