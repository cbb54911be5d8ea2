"""The feed of natural hazards (gdacs) for the demo. Pure. On the second night a strong earthquake is added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime

from cli.demo_feeds.story import SAMPLE_EN, Page
from sources.publishers.gdacs import CARD


@dataclass(frozen=True)
class _Event:
    """An event. `hours` before the first night it began; a negative number is after it."""

    kind: str
    number: int
    alert: str
    country: str
    hours: float
    severity: str
    unit: str = "M"


STANDING = (
    _Event("DR", 9001, "Orange", "Somalia, Ethiopia", 4000, "0", ""),
    _Event("DR", 9002, "Green", "Brazil", 3000, "0", ""),
    _Event("EQ", 9003, "Green", "Japan", 30, "5.2"),
    _Event("EQ", 9004, "Green", "Chile", 41, "5.6"),
    _Event("FL", 9005, "Green", "Vietnam", 60, "1", ""),
    _Event("VO", 9006, "Green", "Indonesia", 90, "1", ""),
    _Event("WF", 9007, "Green", "Australia", 20, "5300", "ha"),
)
QUAKE = _Event("EQ", 9008, "Red", "Philippines", -20, "7.2")


def pages(night: datetime, later: bool) -> list[Page]:
    """Return the feed as it stands at `night`."""
    first = night - timedelta(days=1) if later else night
    items = "".join(_item(event, first) for event in ((QUAKE, *STANDING) if later else STANDING))
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:gdacs="http://www.gdacs.org"><channel>'
        "<title>GDACS RSS information</title><link>https://www.gdacs.org/</link>"
        f"<pubDate>{format_datetime(night, usegmt=True)}</pubDate>\n{items}</channel></rss>\n"
    )
    return [Page(CARD.id, CARD.url, "gdacs.xml", body.encode())]


def _item(event: _Event, first: datetime) -> str:
    begun = format_datetime(first - timedelta(hours=event.hours), usegmt=True)
    fields = {
        "datemodified": begun, "iscurrent": "true", "fromdate": begun, "eventtype": event.kind, "eventid": event.number,
        "alertlevel": event.alert, "episodealertlevel": event.alert, "eventname": "", "country": event.country,
    }  # fmt: skip
    own = "".join(f"<gdacs:{name}>{value}</gdacs:{name}>" for name, value in fields.items())
    link = f"https://www.gdacs.org/report.aspx?eventtype={event.kind}&amp;eventid={event.number}"
    return (
        f"<item><title>{event.alert} alert in {event.country}</title><description>{SAMPLE_EN}</description>"
        f"<link>{link}</link><pubDate>{begun}</pubDate>"
        f'<guid isPermaLink="false">{event.kind}{event.number}</guid>{own}'
        f'<gdacs:severity unit="{event.unit}" value="{event.severity}">{SAMPLE_EN}</gdacs:severity></item>\n'
    )
