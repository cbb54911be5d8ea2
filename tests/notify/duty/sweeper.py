"""A process that makes the calls that are due, over a channel that writes a line into a file: `python -m … URL HOME WHEN`.

WHEN is `run`, or where it dies: `before` the provider has the message, or `after` it and before anybody wrote that down.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.database import open_engine
from notify.channels.base import Absent, Accepted, Answer, Found, Outgoing, Result
from notify.channels.recorder import Recorder
from tests.notify.duty.desk import open_desk

OUT, GO = "provider.txt", "go"


@dataclass
class Provider(Recorder):
    """A provider whose memory is a file, shared by every process."""

    file: Path = Path()
    when: str = "run"

    async def send(self, notice: Outgoing) -> Result:
        """Write one line, and die where we are told to."""
        if self.when == "before":
            os._exit(9)
        with self.file.open("a") as handle:
            handle.write(f"{self.name} {notice.ref} {notice.address}\n")
        if self.when == "after":
            os._exit(9)
        return Accepted(f"SM{notice.delivery_id}", "queued")

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """Look into the file."""
        there = self.file.exists() and any(line.split()[1] == notice.ref for line in self.file.read_text().splitlines())
        return Found("SM1", "queued") if there else Absent()


def providers(home: Path, when: str = "run") -> dict[str, Recorder]:
    """Return an SMS and a voice channel with one memory."""
    return {name: Provider(name, file=home / OUT, when=when) for name in ("sms", "voice")}


def lines(home: Path) -> list[str]:
    """Return what the provider has got."""
    return (home / OUT).read_text().splitlines() if (home / OUT).exists() else []


def main(url: str, where: str, when: str) -> None:
    """Sweep five times, as soon as there is a file that says so."""
    home = Path(where)
    engine = open_engine(url)
    desk = open_desk(engine, home, channels=providers(home, when))
    (home / f"ready-{os.getpid()}").touch()
    while not (home / GO).exists():
        time.sleep(0.005)
    for _ in range(5):
        desk.sweep()
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:4])
