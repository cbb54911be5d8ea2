"""Real hazard feeds, night after night: who hears of what, what is drafted, and what stays silent with its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.database import reading
from core.settings import Settings
from notify import rundown
from notify.channels.recorder import Recorder
from notify.office import Office
from notify.policy import POLICIES
from notify.store import alerts as store
from registry.people import NewPosting
from sources.publishers import gdacs, usgs
from tests.notify.alerts.nights import Captures, Nights
from tests.notify.alerts.scene import Scene, person

REAL = Path(__file__).resolve().parents[3].parent / "shared" / "feeds"
EMPTY = datetime(2023, 1, 27, tzinfo=UTC)
NIGHTS = tuple(
    datetime.fromisoformat(f"2023-{moment}:00+00:00")
    for moment in (
        "01-28T18:45",  # Iran, M5.9
        "02-02T18:30",  # Dominican Republic
        "02-06T02:00",  # Turkey: the M7.8 with two aftershocks
        "02-06T10:50",  # the M7.5
        "02-06T12:30",  # the M6.0, and a small one in New York
        "02-15T18:30",  # Romania, Hawaii, the Philippines
        "02-20T17:30",  # the M6.3 in Hatay
        "02-27T17:42",  # Tajikistan, Indonesia
    )
)


def real(name: str) -> bytes:
    """Return a real capture."""
    file = REAL / name
    if not file.is_file():
        pytest.skip(f"no captures in {REAL}")
    return file.read_bytes()


@pytest.fixture
def nights(scene: Scene, tmp_path: Path) -> Nights:
    """Give an office with the default policy and one person each in Turkey, Iran, Madagascar and the Philippines."""
    return with_policy(scene, tmp_path)


def with_policy(scene: Scene, tmp_path: Path, policy: Path | None = None) -> Nights:
    """Give the office with a policy."""
    for number, country in enumerate(("TR", "IR", "MG", "PH")):
        scene.enrol(person(NewPosting(country), sms=(f"+861380013800{number}",)))
    settings = Settings(home=tmp_path, lang="en", policy_file=policy)
    phones = Recorder()
    office = Office(settings, scene.engine, scene.clock, scene.keys, {"sms": phones})
    folder = tmp_path / "captures-of-the-test"
    folder.mkdir()
    return Nights(folder, scene, office, phones)


def turkish_list(until: datetime) -> bytes:
    """Return the real list as it stood at a moment, and an event of ours before it that nobody needs to hear of.

    The list keeps no history: an event has in it the colour it had in the end, and the moment it happened.
    """
    data = json.loads(real("usgs/usgs-significant_month-20230227.geojson"))
    moment = int(until.timestamp() * 1000)
    ours = json.loads(json.dumps(data["features"][0]))
    before = int((EMPTY - timedelta(days=1)).timestamp() * 1000)
    ours["properties"] |= {
        "time": before,
        "mag": 4.0,
        "alert": None,
        "ids": ",our1,",
        "place": "5 km S of Testan, Chile",
    }
    ours["id"] = "our1"
    kept = [one for one in data["features"] if one["properties"]["time"] <= moment]
    for one in (*kept, ours):
        one["properties"]["updated"] = one["properties"]["time"]
    data["metadata"]["generated"] = moment
    return json.dumps(data | {"features": [*kept, ours]}).encode()


def work_turkey(nights: Captures, moments: Sequence[datetime]) -> None:
    """Work a first night that tells nobody, then one for each moment."""
    for moment in (EMPTY, *moments):
        nights.capture(usgs.CARD, moment, turkish_list(moment))
        nights.work(["usgs"], moment)


def drafted(nights: Nights) -> list[tuple[str, str, str]]:
    """Return status, rule and magnitude with place of every version, oldest first."""
    with reading(nights.office.engine) as connection:
        return [(one.status, one.rule, one.title_en.partition(" (")[0]) for one in store.versions(connection)[::-1]]


def silent(nights: Nights) -> list[tuple[str, int]]:
    """Return the magnitude of every record that joined an alert, with the number of the alert."""
    return [(one["title"].partition(" - ")[0], one["alert"]) for run in nights.summaries for one in run["joined"]]


def test_february_2023_night_by_night(nights: Nights) -> None:
    """14 records end in 3 drafts of tier 3 and 1 of tier 2: the aftershocks are silent, and name the alert they belong to."""
    work_turkey(nights, NIGHTS)
    assert drafted(nights) == [
        ("draft", "hazard-2", "M 5.9 - 14 km SSW of Khowy, Iran"),
        ("draft", "hazard-3", "M 7.8 - 26 km ENE of Nurdağı, Turkey"),
        ("draft", "hazard-3", "M 7.5 - 4 km SSE of Ekinözü, Turkey"),
        ("draft", "hazard-3", "M 6.3 - 3 km SSW of Uzunbağ, Turkey"),
    ]
    assert silent(nights) == [("M 5.7", 2), ("M 6.7", 2), ("M 6.0", 3)]
    assert sum(len(run["changes"]) for run in nights.summaries) == 14


def test_february_2023_in_one_night(nights: Nights) -> None:
    """All 14 seen at once, newest first as the list has them, come to the same: the gravest are weighed first."""
    work_turkey(nights, NIGHTS[-1:])
    rules = sorted((rule, title.partition(" - ")[0]) for _, rule, title in drafted(nights))
    assert rules == [("hazard-2", "M 5.9"), ("hazard-3", "M 6.3"), ("hazard-3", "M 7.5"), ("hazard-3", "M 7.8")]
    assert sorted(title for title, _ in silent(nights)) == ["M 5.7", "M 6.0", "M 6.7"]


def test_february_2023_where_the_gravest_goes_out_by_rule(scene: Scene, tmp_path: Path) -> None:
    """An office that lets tier 3 go out by rule sends 3 messages to its person in Turkey and leaves 1 draft for Iran."""
    text = (POLICIES / "policy.toml").read_text(encoding="utf-8")
    before, rule = text.split('name = "hazard-3"')
    own = tmp_path / "own.toml"
    own.write_text(before + 'name = "hazard-3"' + rule.replace('action = "draft"', 'action = "send"', 1))
    nights = with_policy(scene, tmp_path, own)
    work_turkey(nights, NIGHTS)
    assert [(status, rule) for status, rule, _ in drafted(nights)] == [
        ("draft", "hazard-2"),
        *[("done", "hazard-3")] * 3,
    ]
    assert [re.findall(r"M \d\.\d", one.body)[0] for one in nights.phones.sent] == ["M 7.8", "M 7.5", "M 6.3"]
    assert {one.address for one in nights.phones.sent} == {"+8613800138000"}


def test_what_was_silent_stands_in_the_brief(nights: Nights) -> None:
    """The officer reads which records opened no alert, why, and whose they are, on the night and on the last night's page."""
    work_turkey(nights, NIGHTS[2:5])
    lines = nights.briefs[-1].splitlines()
    at = lines.index("## Joined to an alert that stands")
    [line] = lines[at + 2 : lines.index("", at + 2)]
    why = "an earthquake within 250 km and 72 hours of that of alert 3, and no graver (tier 2)"
    assert line.endswith(f"M 6.0 - 3 km NNE of Göksun, Turkey – {why}")
    [joined] = rundown.last_night(nights.office)["joined"]
    assert (joined["alert"], joined["source"], joined["countries"], joined["text"]) == (3, "usgs", ["TR"], why)


@pytest.mark.parametrize(
    ("name", "at", "wanted"),
    [
        ("gdacs/gdacs-rss-20241210T2115Z.xml", "2024-12-10T21:15:03+00:00", ["TC1001131", "VO1000104"]),
        ("gdacs/gdacs-rss-7d-20191230T0101Z.xml", "2019-12-30T01:01:02+00:00", []),
    ],
    ids=["December 2024", "December 2019"],
)
def test_a_real_week_of_gdacs(nights: Nights, name: str, at: str, wanted: list[str]) -> None:
    """All that is above Green is news: of 74 items two are drafts (a cyclone, a volcano), of 115 in a week none."""
    moment, body = datetime.fromisoformat(at), real(name)
    nights.capture(
        gdacs.CARD, moment - timedelta(minutes=30), re.sub(rb"<item>.*?</item>", only_green, body, flags=re.DOTALL)
    )
    nights.work(["gdacs"], moment - timedelta(minutes=30))
    nights.capture(gdacs.CARD, moment, body)
    summary = nights.work(["gdacs"], moment)
    assert len(summary["changes"]) > len(wanted)
    assert not any(change["held"] for change in summary["changes"])
    with reading(nights.office.engine) as connection:
        found = [store.alert(connection, one.alert_id) for one in store.versions(connection)]
    assert sorted(str(one and one.native_id) for one in found) == wanted


def only_green(item: re.Match[bytes]) -> bytes:
    """Return an item of the feed if its event is Green, else nothing."""
    return item[0] if b"<gdacs:alertlevel>Green" in item[0] else b""
