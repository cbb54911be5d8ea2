"""The weekly volcano report: a feed whose keys look the same every week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sources.model import Advisory, Capture
from sources.publishers import gvp
from tests.sources.made import Book

AT = datetime(2026, 11, 5, 6, tzinfo=UTC)
ITEM = """<item><title>Testkatau (Indonesia) - Report for {week} - {kind} Eruptive Activity</title><description>text</description>
<link>https://volcano.si.edu/reports_weekly.cfm</link><guid>https://volcano.si.edu/reports_weekly.cfm#vn_262000</guid>
<pubDate>{date}</pubDate></item>"""


def report(week: str, kind: str, date: str) -> Advisory:
    """Read one volcano's report."""
    text = ITEM.format(week=week, kind=kind, date=date)
    body = f"<rss version='2.0'><channel><title>Weekly</title>{text}</channel></rss>".encode()
    return gvp.parse(Capture("gvp", gvp.CARD.url, AT, body)).advisories[0]


def test_the_same_volcano_a_week_later_is_no_new_one() -> None:
    """The number is the key: another week is another wording, and a new eruption after a continuing one is a rise."""
    book = Book(gvp.CARD)
    book.look(report("22-28 October 2026", "Continuing", "Thu, 29 Oct 2026 01:20:04 -0400"), at=AT - timedelta(days=7))
    later = report("29 October-4 November 2026", "Continuing", "Thu, 05 Nov 2026 01:20:04 -0400")
    assert book.said(later, at=AT) == [("reworded", "262000", True)]
    again = report("5-11 November 2026", "New", "Thu, 12 Nov 2026 01:20:04 -0400")
    assert book.said(again, at=AT + timedelta(days=7)) == [("raised", "262000", True)]


def test_a_volcano_never_becomes_a_draft() -> None:
    """This report is background: GDACS warns of eruptions."""
    one = report("5-11 November 2026", "New", "Thu, 12 Nov 2026 01:20:04 -0400")
    assert (one.tier, one.acute, one.countries) == (1, False, ("ID",))
