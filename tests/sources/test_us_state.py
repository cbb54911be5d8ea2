"""The US list: joint entries and their members, and the JSON interface as second opinion."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from core.errors import SourceBroken, SourceSkipped
from core.i18n import t
from sources.model import Advisory, Capture, Known
from sources.publishers import us_state

ITEM = """<item><title>{title}</title><link>https://travel.state.gov/{link}</link><pubDate>{date}</pubDate>
<description><![CDATA[<p>{text}</p>]]></description></item>"""
FEED = '<rss version="2.0"><channel><title>Advisories</title>{items}</channel></rss>'


def entries(*titles: str, text: str = "Some text.") -> dict[str, Advisory]:
    """Read a list of such titles, each published a day after the one before."""
    items = (
        ITEM.format(title=title, link=f"{n}.html", date=f"{n + 1:02d} Nov 2026", text=text)
        for n, title in enumerate(titles)
    )
    body = FEED.format(items="".join(items)).encode()
    reading = us_state.parse(Capture("us-state", us_state.CARD.url, datetime(2026, 11, 9, tzinfo=UTC), body))
    return {one.native_id: one for one in reading.advisories}


def test_a_joint_entry_stands_for_members_without_their_own() -> None:
    """Alone, a joint entry speaks for all its members under the key of the first."""
    found = entries("Israel, the West Bank and Gaza - Level 3: Reconsider Travel")
    assert found["IL"].countries == ("IL", "PS")


def test_a_joint_entry_gives_way_to_members_of_their_own() -> None:
    """A member with an entry of its own is left to that, and the joint one keeps the rest."""
    found = entries(
        "Mainland China, Hong Kong &amp; Macau - Level 2: Exercise Increased Caution",
        "Macau - Level 3: Reconsider Travel",
    )
    assert (found["CN"].countries, found["MO"].level) == (("CN", "HK"), 3)


def test_no_member_is_lost_when_the_first_has_its_own_entry() -> None:
    """The joint entry then takes another key, instead of one of the two being dropped as listed twice."""
    found = entries("Israel, the West Bank and Gaza - Level 4: Do Not Travel", "Israel - Level 3: Reconsider Travel")
    assert (found["IL"].countries, found["IL"].level) == (("IL",), 3)
    assert (found["IL/joint"].countries, found["IL/joint"].level) == (("PS",), 4)


def test_a_part_has_its_own_key_and_leaves_the_country_alone() -> None:
    """Saba and Bonaire are two entries of one country code; neither hides the other."""
    found = entries("Saba - Level 1: Exercise Normal Precautions", "Bonaire - Level 2: Exercise Increased Caution")
    assert {key: one.places for key, one in found.items()} == {"BQ/saba": ("Saba",), "BQ/bonaire": ("Bonaire",)}


def test_a_level_kept_before_the_summaries_counts() -> None:
    """A joint title that states a level and points to summaries has that level."""
    assert entries("Israel, the West Bank and Gaza - Level 3 - See Individual Summaries")["IL"].level == 3


def test_a_placeholder_bars_nothing() -> None:
    """Level 1 without a summary is no level, and its fresh date is not taken over."""
    lebanon = entries("Lebanon - Level 1: Exercise Normal Precautions", text="Summary not available")["LB"]
    assert (str(lebanon.level), lebanon.published_at, lebanon.updated_at) == ("unknown", None, None)


def row(name: str, level: int, words: str, **values: object) -> dict[str, object]:
    """Make an entry of the JSON interface."""
    plain: dict[str, object] = {
        "Title": f"{name} - Level {level}: {words}",
        "Link": "https://travel.state.gov/1.html",
        "Category": [],
        "Summary": "<p>Some text.</p>",
        "id": "1",
        "Published": "2026-11-05T19:00:00-05:00",
    }
    return plain | values


def answer(body: object, url: str = us_state.JSON_URL) -> Capture:
    """Give an answer of the JSON interface."""
    return Capture("us-state", url, datetime(2026, 11, 9, tzinfo=UTC), json.dumps(body).encode())


def test_the_json_interface_says_the_same_as_the_rss() -> None:
    """One entry in both forms gives the same advisory; midnight UTC written in Washington's time is the day in UTC."""
    (one,) = us_state.parse(answer([row("Mali", 4, "Do Not Travel", Category=["ML"])])).advisories
    other = entries("Mali - Level 4: Do Not Travel")["ML"]
    assert one.fingerprint == other.fingerprint
    assert one.updated_at == datetime(2026, 11, 6, tzinfo=UTC)


def test_odd_entries_of_the_json_interface_are_set_aside() -> None:
    """A tag of another country, a missing date and a level that contradicts its words are named, the rest goes on."""
    found = us_state.parse(
        answer([
            row("Australia", 1, "Exercise Normal Precautions", Category=["AU"]),
            row("Chad", 3, "Reconsider Travel", Published=None),
            row("Kenya", 2, "Do Not Travel"),
            "no entry",
            row("Peru", 2, "Exercise Increased Caution"),
        ])
    )  # fmt: skip
    assert [one.native_id for one in found.advisories] == ["PE"]
    assert [one.entry.partition(" -")[0] for one in found.quarantined] == ["Australia", "Chad", "Kenya", "no entry"]


@pytest.mark.parametrize("second", [b"[]", b"{}", b"<html></html>"])
def test_with_both_broken_the_source_is_broken(second: bytes) -> None:
    """An empty JSON list is a failure, and the reason given is that of the RSS."""

    def get(url: str) -> Capture:
        return Capture("us-state", url, datetime(2026, 11, 9, tzinfo=UTC), second if url == us_state.JSON_URL else b"x")

    with pytest.raises(SourceBroken, match="TAsTWs"):
        us_state.read(get, Known())


def test_the_second_opinion_is_asked_only_if_the_rss_is_broken_and_says_so() -> None:
    """A broken RSS is named in a note; a night that holds no capture of the RSS is skipped, not read elsewhere."""
    asked: list[str] = []

    def get(url: str) -> Capture:
        asked.append(url)
        if url == us_state.CARD.url:
            raise SourceBroken(t("{source}: {url} is no address.", source="us-state", url=url))
        return answer([row("Mali", 4, "Do Not Travel")])

    found = us_state.read(get, Known())
    assert str(found.notes[0]).startswith("Read from the JSON interface, because the RSS is broken: us-state")
    assert asked == [us_state.CARD.url, us_state.JSON_URL]

    def skip(url: str) -> Capture:
        raise SourceSkipped(t("{source}: no capture of {url} at {at}.", source="us-state", url=url, at="2026"))

    with pytest.raises(SourceSkipped):
        us_state.read(skip, Known())


def test_a_joint_entry_whose_members_all_have_their_own_is_left_out() -> None:
    """It would be about no country; a note names it."""
    titles = ("Mainland China, Hong Kong & Macau", "China", "Hong Kong", "Macau")
    found = us_state.parse(answer([row(title, 2, "Exercise Increased Caution") for title in titles]))
    assert {one.native_id for one in found.advisories} == {"CN", "HK", "MO"}
    assert str(found.notes[0]).startswith("Each of its members has an entry of its own: Mainland China")
