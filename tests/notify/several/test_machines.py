"""Four dispatchers on one PostgreSQL, killed over and over: nothing is lost, nothing doubled that can be asked about."""

from __future__ import annotations

from pathlib import Path

from cli.benches.machines import Plan, judge
from tests.notify.several.fleet import Server


def test_four_dispatchers_are_killed(server: Server, bare_database: str, tmp_path: Path) -> None:
    """Four dispatchers with homes of their own are killed eight times among resets, hangs, 429s and answers cut off, each replaced
    at once; in the end all is at the provider once, and a mail that may be there twice is marked so."""
    found = judge(tmp_path, bare_database, Plan(dispatchers=4, kills=8, notices=1200, seed=3, patience=3.0)).verdict
    assert (found.lost, found.doubled, found.unmarked) == (0, 0, 0)
    assert found.notices >= 1199
    assert sum(found.struck.values()) >= 8
    assert found.interrupted > 0, "no kill struck while something was being sent"
