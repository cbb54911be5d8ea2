"""The US list: joint entries and their members."""

from __future__ import annotations

from datetime import UTC, datetime

from sources.model import Advisory, Capture
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
