"""Stories of real captures: what the ministry says goes out by itself, what other governments say is for officers to read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from core.database import reading
from notify.replay import Difference, From, run
from notify.store.alerts import version as version_of
from sources.publishers import ca_gac, jp_mofa, us_state
from tests.notify.alerts.nights import Nights
from tests.notify.alerts.test_hazard_nights import work_turkey
from tests.notify.stories.office import (
    hold_border,
    morning,
    number,
    opened,
    real,
    send,
    settle,
    told,
    versions,
    work_border,
)

WORDS = {"take normal": 0, "exercise a high degree": 1, "avoid non-essential": 2, "avoid all": 3}
ISLANDS = {"GU", "MP"}


def test_the_ministry_warns_of_a_border(nights: Nights) -> None:
    """TJ/AF, 14 September 2026, level 4 and "leave": one alert by rule, one message each to Tajikistan and Afghanistan."""
    settle(nights.scene, ("TJ", "AF", "UZ"))
    hold_border(work_border(nights), [(one.address, one.body) for one in nights.phones.sent])
    assert versions(nights)[-1].ask_safe


def test_a_neighbour_raises_one_island_by_one_step(nights: Nights) -> None:
    """São Tomé 1 → 2 by the United States, 8 October 2025: one change in 211 entries, a line in the brief, nobody is told.

    A replay comes to the same, from the changes as they were found and from the archive read anew.
    """
    settle(nights.scene, ("ST",))
    first, second = datetime(2025, 10, 7, 21, 10, tzinfo=UTC), datetime(2025, 10, 8, 17, 40, tzinfo=UTC)
    for at in (first, second):
        nights.capture(us_state.CARD, at, real(f"us-state/TAsTWs_{at:%Y-%m-%d}.xml"))
        night = nights.work(["us-state"], at)
    assert [(one["kind"], one["countries"]) for one in night["changes"]] == [("raised", ["ST"])]
    assert (opened(nights), told(nights)) == ([], [])
    assert "圣多美和普林西比" in nights.briefs[-1]
    for source in (From.ARCHIVE, From.CHANGES):
        again = run(nights.office, nights.office.policy, first, second + timedelta(days=1), of=source)
        assert [(one.rule, one.outcome, one.difference) for one in again.items] == [("rest", "brief", Difference.SAME)]


def canada(day: str, at: datetime, *, calm: bool) -> bytes:
    """Return Canada's index, made from the table of its web page of a day; `calm`: the two islands are as the day before."""
    index = json.loads(real("ca-gac/index-alpha-eng_2026-07-02.json"))
    rows = _table(day)
    for entry in index["data"].values():
        keys = entry["eng"]["name"], entry["eng"]["url-slug"]
        island = entry["country-iso"] in ISLANDS and calm
        row = next((_table("07-03") if island else rows)[key] for key in keys if key in rows)
        said, regional, _ = row["risk_level"].partition(" (with")
        entry["advisory-state"] = next(value for start, value in WORDS.items() if said.lower().startswith(start))
        entry["has-regional-advisory"], entry["eng"]["advisory-text"] = int(bool(regional)), said
        moved = f"{at:%Y-%m-%d} 01:00:00" if island else row["last_updated"]
        entry["date-published"] = {"timestamp": 1, "asp": f"{moved}.000000-04:00"}
    index["metadata"]["generated"]["timestamp"] = int(at.timestamp())
    return json.dumps(index).encode()


def _table(day: str) -> dict[str, Any]:
    rows = {row["destination"]: row for row in json.loads(real(f"ca-gac/derived_html-table_2026-{day}.json"))}
    return rows | {row["details_url"].rpartition("/")[2]: row for row in rows.values()}


def canadian_night(nights: Nights, day: str, table: str = "", *, calm: bool = False) -> None:
    """Work a night of 2026 over Canada's index, as its table of that day or of another one says."""
    at = datetime.fromisoformat(f"2026-{day}T12:00:00+00:00")
    nights.capture(ca_gac.CARD, at, canada(table or day, at, calm=calm))
    nights.work(["ca-gac"], at)


def test_a_typhoon_comes_to_an_island_and_goes(nights: Nights) -> None:
    """Guam 1 → 4, 4 July 2026: two drafts; an officer sends that of Guam; when it is over, only who was told hears of it.

    By hand: peer, national 4 is route peer-high, a draft each for GU and MP. Back to 1 is a fall: the first look leads to
    nothing, the second confirms it and follows up by rule with the person in Guam, at seven in the morning there. Nobody was
    told in the Marianas.
    """
    settle(nights.scene, ("GU", "MP"))
    for day in ("07-03", "07-04"):
        canadian_night(nights, day)
    drafts = versions(nights)
    assert opened(nights) == [("first", "draft", "peer-high", ("GU",)), ("first", "draft", "peer-high", ("MP",))]
    assert told(nights) == []
    send(nights, drafts[0])
    canadian_night(nights, "07-05", "07-04")
    assert told(nights) == [number("GU")]
    with reading(nights.office.engine) as connection:
        assert version_of(connection, drafts[0].id or 0).status == "done"
    canadian_night(nights, "07-06", "07-04", calm=True)
    assert len(told(nights)) == 1
    canadian_night(nights, "07-07", "07-04", calm=True)
    assert opened(nights)[2:] == [("update", "sending", "told-before", ("GU",))]
    assert len(told(nights)) == 1
    morning(nights, datetime(2026, 7, 7, 21, tzinfo=UTC))
    assert told(nights) == [number("GU"), number("GU")]
    assert "已下调提醒等级" in nights.phones.sent[-1].body


def test_gulf_states_are_lowered(nights: Nights) -> None:
    """Canada, 26 June 2026: eight falls, confirmed by the next look; nobody had been told, so nobody is told: eight lines."""
    gulf = [["AE"], ["BH"], ["IL", "PS"], ["JO"], ["KW"], ["OM"], ["QA"], ["SA"]]
    settle(nights.scene, [codes[0] for codes in gulf])
    for day in ("06-25", "06-26", "07-03"):
        canadian_night(nights, day)
    lowered = [one["countries"] for one in nights.summaries[-1]["changes"] if one["kind"] == "lowered"]
    assert sorted(lowered) == gulf
    assert all(one["confirmed"] for one in nights.summaries[-1]["changes"] if one["kind"] == "lowered")
    assert (opened(nights), told(nights)) == ([], [])


def test_the_day_a_war_begins_as_japan_saw_it(nights: Nights) -> None:
    """28 February 2026: 47 mails without a level are lines of the brief, placed under Iran and its neighbours; the one with a
    level, for Israel and Palestine, is a draft. Nobody in Iran is told by any of it.
    """
    settle(nights.scene, ("IR", "IL", "AE"))
    for at, file in (
        (datetime(2026, 2, 21, 13, 43, tzinfo=UTC), "newarrivalL-20260221T1343Z-C30-C50-T40.xml"),
        (datetime(2026, 2, 28, 12, tzinfo=UTC), "newarrivalL-20260228T1200Z-war-day.xml"),
    ):
        nights.capture(jp_mofa.CARD, at, real(f"jp-mofa/{file}"))
        night = nights.work(["jp-mofa"], at)
    assert opened(nights) == [("first", "draft", "peer-high", ("IL", "PS"))]
    without = [one for one in night["changes"] if one["level_after"] == "unstated"]
    assert len(without) == 47
    assert not any(one["held"] for one in night["changes"])
    assert {"IR", "IQ", "KW", "BH", "QA", "AE", "OM", "SA"} <= {code for one in without for code in one["countries"]}
    assert told(nights) == []


def test_a_great_quake_is_one_click_away(nights: Nights) -> None:
    """Turkey, 6 February 2023, M 7.8: one draft of tier 3 at 02:00, its two aftershocks silent; officers send it, once.

    By hand: of the records of that hour, M 7.8 is red (tier 3, route hazard-3, the duty officer is paged); M 6.7 and M 5.7 lie
    within 250 km and 72 hours of it and are no graver. Nobody in Turkey is told before an officer says so.
    """
    settle(nights.scene, ("TR", "SY"))
    work_turkey(nights, [datetime(2023, 2, 6, 2, tzinfo=UTC)])
    quake = [one for one in opened(nights) if one[2] == "hazard-3"]
    assert quake == [("first", "draft", "hazard-3", ("TR",))]
    assert told(nights) == []
    send(nights, next(one for one in versions(nights) if one.rule == "hazard-3"))
    for hour in (4, 5):
        morning(nights, datetime(2023, 2, 6, hour, tzinfo=UTC))
    assert told(nights) == [number("TR")]
