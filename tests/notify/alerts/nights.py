"""Nights of one hazard feed, worked by the operations of the real night from captures on disk to the brief."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.clock import iso
from notify import night, rundown
from notify.brief import brief
from notify.channels.recorder import Recorder
from notify.office import Office
from notify.summary import RunFacts
from sources.model import Card
from tests.notify.alerts.scene import Scene


@dataclass
class Captures(ABC):
    """A folder of captures as `lingbao night --captures` reads it, and somebody who works nights over it."""

    folder: Path
    listed: list[str] = field(default_factory=list, kw_only=True)

    def capture(self, card: Card, at: datetime, body: bytes) -> None:
        """Keep a capture of a source's first page."""
        self.page(card, at, card.url, body)

    def page(self, card: Card, at: datetime, url: str, body: bytes) -> None:
        """Keep a capture of any page of a source."""
        name = f"{len(self.listed)}.capture"
        (self.folder / name).write_bytes(body)
        self.listed.append(f'[[capture]]\nsource = "{card.id}"\nat = {iso(at)}\nurl = "{url}"\nfile = "{name}"\n')
        (self.folder / "captures.toml").write_text("\n".join(self.listed), encoding="utf-8")

    @abstractmethod
    def work(self, sources: Sequence[str], at: datetime) -> dict[str, Any]:
        """Work the night `at` over some sources; return its JSON."""


@dataclass
class Nights(Captures):
    """An office that works night after night; `phones` got its notices, `summaries` and `briefs` were left on the desk."""

    scene: Scene
    office: Office
    phones: Recorder
    summaries: list[dict[str, Any]] = field(default_factory=list)
    briefs: list[str] = field(default_factory=list)

    def work(self, sources: Sequence[str], at: datetime) -> dict[str, Any]:
        """Work the night `at` over some sources; return its JSON."""
        office = self.office
        self.scene.clock.moment = at
        run_id = rundown.begin(office, at)
        reports = [night.read_one(office, one, at, self.folder, dry_run=False) for one in sources]
        versions = rundown.on_their_way(office)
        versions += [one.version_id for one in night.act_on_changes(office) if one.version_id is not None]
        night.send_due(office, at, timedelta(seconds=20))
        facts = RunFacts(at, reports, sorted(set(versions)), (), night.NightStatus.COMPLETED)
        self.summaries.append(rundown.close(office, run_id, facts))
        words = rundown.language(office)
        self.briefs.append(brief(self.summaries[-1], office.settings.office_name, office.settings.zone, words))
        return self.summaries[-1]
