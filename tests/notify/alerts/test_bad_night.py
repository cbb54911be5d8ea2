"""A night on which five sources fail at once: it is not whole, all five are gaps, and the right person is told by the rest."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from notify import night, proof, rundown
from notify.channels.recorder import Recorder
from notify.office import Office
from notify.summary import RunFacts
from registry.people import NewPosting
from tests.notify.alerts.scene import Scene, person
from tests.sources.test_bad_day import BROKEN, FIRST, SECOND, WELL, feeds

MALI, ITALY, KENYA = "+22370001234", "+393331234567", "+254712345678"


@pytest.fixture
def nights(scene: Scene, tmp_path: Path) -> tuple[list[dict[str, Any]], Recorder]:
    """Work both nights with one person each in Mali, Italy and Kenya; give what was said of them and what was sent."""
    for country, number in (("ML", MALI), ("IT", ITALY), ("KE", KENYA)):
        scene.enrol(person(NewPosting(country), sms=(number,)))
    phones = Recorder()
    office = Office(Settings(home=tmp_path, lang="en"), scene.engine, scene.clock, scene.keys, {"sms": phones})
    (tmp_path / "feeds").mkdir()
    folder, said = feeds(tmp_path / "feeds"), []
    for at in (FIRST, SECOND):
        scene.clock.moment = at
        run_id = rundown.begin(office, at)
        reports = [night.read_one(office, one, at, folder, dry_run=False) for one in (*BROKEN, *WELL)]
        opened = [one.version_id for one in night.act_on_changes(office) if one.version_id is not None]
        night.send_due(office, at, timedelta(seconds=20))
        gaps = proof.source_gaps(reports)
        said.append(rundown.close(office, run_id, RunFacts(at, reports, opened, gaps, night.status_of(reports, 0))))
    return said, phones


def test_all_five_are_named_and_the_night_is_partial(nights: tuple[list[dict[str, Any]], Recorder]) -> None:
    """Login page, empty list, time-out, doubled list and moved page are five gaps by name; the night before had none of them."""
    before, bad = nights[0]
    named = [{gap["subject"] for gap in run["gaps"] if gap["kind"] == "source-broken"} for run in (before, bad)]
    assert named == [set(), {f"source/{name}" for name in BROKEN}]
    assert (bad["status"], {one["id"] for one in bad["sources"] if one["status"] == "read"}) == ("Partial", set(WELL))


def test_the_person_in_the_place_is_told_and_nobody_else(nights: tuple[list[dict[str, Any]], Recorder]) -> None:
    """The ministry's "do not travel" reaches Mali; general advice and what has no place wait; the first night told nobody."""
    (before, bad), phones = nights
    assert before["alerts"] == []
    assert [(one["level"], one["countries"], one["status"]) for one in bad["alerts"]] == [
        (4, ["ML"], "done"),
        (2, [], "draft"),
    ]
    assert [one.address for one in phones.sent] == [MALI]
    assert "马里" in phones.sent[0].body
