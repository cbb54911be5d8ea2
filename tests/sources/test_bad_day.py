"""A bad day: five sources fail at once, each in another way; all five are named, and the rest is read right."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from cli.demo_feeds import write_feeds
from core.clock import iso
from core.database import open_engine, reading
from sources import store
from sources.archive import Archive
from sources.catalog import publishers
from sources.health import Ailment, ailment
from sources.read import Desk, SourceReport, SourceStatus, read_source
from sources.replay import LIST_NAME, ReplayFetcher
from sources.wire import load_message

FIRST = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
SECOND = FIRST + timedelta(days=1)
LOGIN = "<html><body><form action='/login'><input name='password'></form></body></html>"
BROKEN = {
    "de-aa": Ailment.CHANGED, "ca-gac": Ailment.CHANGED, "gdacs": Ailment.UNREACHABLE, "us-state": Ailment.MORE,
    "cn-mct": Ailment.MOVED,
}  # fmt: skip
WELL = ("cn-mfa", "cn-mofcom")
Nights = tuple[dict[str, SourceReport], dict[str, SourceReport]]


def entry(source: str, at: datetime, answer: str) -> str:
    """Write one entry of `captures.toml` for the first page of a source."""
    return f'[[capture]]\nsource = "{source}"\nat = {iso(at)}\nurl = "{publishers()[source].CARD.url}"\n{answer}\n'


def feeds(directory: Path) -> Path:
    """Write two nights: in the first all is well, in the second five sources fail and two go on."""
    write_feeds(directory, FIRST, SECOND)
    before = SECOND - timedelta(minutes=1)
    added = []
    for source in ("cn-mct", "cn-mofcom"):
        own = Path(__file__).parent / "captures" / source
        for page in own.glob("*.html"):
            (directory / f"{source}-{page.name}").write_bytes(page.read_bytes())
        added.append(entry(source, FIRST - timedelta(minutes=5), f'file = "{source}-list.html"'))
    (directory / "login.html").write_text(LOGIN)
    (directory / "empty.json").write_text(json.dumps({"metadata": {}, "data": {}}))
    (directory / "twice.xml").write_text(twice(us_list(directory)), encoding="utf-8")
    added += [
        entry("de-aa", before, 'file = "login.html"'),
        entry("ca-gac", before, 'file = "empty.json"'),
        entry("gdacs", before, 'error = "timeout"'),
        entry("us-state", before, 'file = "twice.xml"'),
        entry("cn-mct", before, "status = 404"),
    ]
    path = directory / LIST_NAME
    path.write_text("\n".join([path.read_text(encoding="utf-8"), *added]), encoding="utf-8")
    return directory


def us_list(directory: Path) -> str:
    """Return the first night's list of the State Department."""
    listed = tomllib.loads((directory / LIST_NAME).read_text(encoding="utf-8"))["capture"]
    file = next(one["file"] for one in listed if one["source"] == "us-state")
    return (directory / file).read_text(encoding="utf-8")


def twice(feed: str) -> str:
    """Return a feed twice its length: after each item one more, of a place nobody knows."""
    again = re.compile(r"(<item><title>)[^<]*?( - Level \d)")
    return re.sub(r"<item>.*?</item>", lambda item: item[0] + again.sub(r"\1Nowhere\2", item[0]), feed, flags=re.DOTALL)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a directory with the feeds of both nights."""
    directory = tmp_path_factory.mktemp("bad-day")
    feeds(directory / "feeds")
    return directory


@pytest.fixture(scope="module")
def nights(home: Path) -> Nights:
    """Read both nights of all seven sources."""
    engine = open_engine(f"sqlite:///{home / 'test.db'}")
    SQLModel.metadata.create_all(engine)

    def night(as_of: datetime) -> dict[str, SourceReport]:
        desk = Desk(engine, Archive(home / "archive"), ReplayFetcher(home / "feeds", as_of), timedelta(minutes=10))
        return {name: read_source(publishers()[name], desk, as_of) for name in (*BROKEN, *WELL)}

    both = night(FIRST), night(SECOND)
    engine.dispose()
    return both


def test_the_day_before_all_was_well(nights: Nights) -> None:
    """All seven sources are read in the first night."""
    assert {report.status for report in nights[0].values()} == {SourceStatus.READ}


def test_all_five_are_named_with_what_is_wrong(nights: Nights) -> None:
    """Each broken source says why, how old its last good reading is, and brings no change."""
    broken = {name: report for name, report in nights[1].items() if report.status is SourceStatus.BROKEN}
    assert {name: ailment(report.reason) for name, report in broken.items() if report.reason} == BROKEN
    assert all(name in str(report.reason) for name, report in broken.items())
    assert all(report.age == timedelta(days=1) and not report.changes for report in broken.values())
    assert [name for name, report in broken.items() if report.transient] == ["gdacs"]


def test_the_others_are_read_and_bring_their_changes(nights: Nights) -> None:
    """The failures of five hide nothing of the rest: three new notices of the ministry, nothing from the other."""
    well = {name: nights[1][name] for name in WELL}
    assert {report.status for report in well.values()} == {SourceStatus.READ}
    changes = [
        (name, change.kind.value, change.advisory.countries, change.advisory.level)
        for name, report in well.items()
        for change in report.changes
    ]
    assert changes == [("cn-mfa", "new", ("ML",), 4), ("cn-mfa", "new", ("IT",), 2), ("cn-mfa", "new", (), 2)]


def test_what_the_broken_ones_said_before_still_stands(home: Path, nights: Nights) -> None:
    """The last good reading stays as it was, with the fault beside it, and the fault reads the same from the database."""
    engine = open_engine(f"sqlite:///{home / 'test.db'}")
    with reading(engine) as connection:
        for name, expected in BROKEN.items():
            state = store.state(connection, name)
            assert (state.last_good_at, state.failures) == (FIRST, 1)
            assert len(store.entries(connection, name)) == nights[0][name].entries
            assert state.reason is not None
            assert ailment(load_message(state.reason)) is expected
    engine.dispose()
