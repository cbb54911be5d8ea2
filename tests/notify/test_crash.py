"""The sender killed over and over: nothing is lost, nothing is sent twice over a channel that can be asked."""

from __future__ import annotations

from pathlib import Path

from cli.benches.kill import judge
from cli.benches.victim import Point

KILLS, NOTICES = 20, 700


def test_killed_at_every_point(tmp_path: Path) -> None:
    """Killed twenty times, at every named point and at random, among resets, hangs, 429s and answers cut off, nothing is lost or
    doubled, and a mail that may be there twice is marked so."""
    found = judge(tmp_path, KILLS, NOTICES, seed=1)
    assert (found.lost, found.doubled, found.unmarked) == (0, 0, 0)
    assert found.notices >= NOTICES - 1
    assert found.interrupted > 0, "no kill struck while something was being sent"
    named = [point for point in Point if point is not Point.RANDOM]
    assert {point for point in named if found.struck.get(point)} == set(named), found.struck
