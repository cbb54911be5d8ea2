"""The lists of three other governments (us-state, ca-gac, de-aa) for the demo, as long as the real ones. Pure.

On the second night the first raises one country from 2 to 4, the second only moves a date, and the third answers with
a login page, with status 200, as a broken site does.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

import orjson
from babel import Locale

from cli.demo_feeds.story import (
    DEPENDENT,
    PEER_RAISE,
    SAMPLE_EN,
    TOUCHED,
    US_TERRITORIES,
    Page,
    draw,
    listed,
    made_up_level,
)
from core.places.names import display
from sources.publishers import ca_gac, de_aa, us_state

US_WORDS = ("", "Exercise Normal Precautions", "Exercise Increased Caution", "Reconsider Travel", "Do Not Travel")
CA_WORDS = (
    "Take normal security precautions",
    "Exercise a high degree of caution",
    "Avoid non-essential travel",
    "Avoid all travel",
)
LOGIN_PAGE = (
    b"<!DOCTYPE html><html><head><title>Anmeldung</title></head><body><form><input name=user></form></body></html>"
)


def us_pages(night: datetime, later: bool) -> list[Page]:
    """Return the RSS of the US Department of State."""
    items = "".join(_us_item(code, night, later) for code in listed({"US", *US_TERRITORIES}))
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        "<title>travel.state.gov: Travel Advisories</title>\n"
        f"<link>{us_state.CARD.url}</link><description>{SAMPLE_EN}</description>"
        f"<pubDate>{format_datetime(night, usegmt=True)}</pubDate>\n{items}</channel></rss>\n"
    )
    return [Page(us_state.CARD.id, us_state.CARD.url, "us-state.xml", body.encode())]


def _us_item(code: str, night: datetime, later: bool) -> str:
    name, level = display(code, "en"), made_up_level(code, later)
    words = f"Level {level}: {US_WORDS[level]}"
    moved = later and code == PEER_RAISE
    day = night if moved else _first(night, later) - timedelta(days=1 + draw(code, 200))
    link = f"https://travel.state.gov/content/travel/en/traveladvisories/traveladvisories/{_slug(name)}-travel-advisory.html"
    advice = f"{US_WORDS[level]} to {name} due to unrest and crime." if level > 2 else f"{US_WORDS[level]} in {name}."
    return (
        f"<item><title>{escape(name)} - {words}</title><link>{link}</link><pubDate>{day:%a, %d %b %Y}</pubDate>"
        f"<description><![CDATA[<p>{advice}</p><p>{SAMPLE_EN}</p>]]></description>"
        f'<category domain="Threat-Level">{words}</category><guid>{link}</guid></item>\n'
    )


def ca_pages(night: datetime, later: bool) -> list[Page]:
    """Return the JSON index of Global Affairs Canada."""
    data = {code: _ca_entry(code, night, later) for code in listed({"CA"})}
    made = {"timestamp": int(night.timestamp()), "date": f"{night:%Y-%m-%d %H:%M:%S}"}
    body = orjson.dumps({"metadata": {"generated": made}, "data": data}, option=orjson.OPT_INDENT_2)
    return [Page(ca_gac.CARD.id, ca_gac.CARD.url, "ca-gac.json", body)]


def _ca_entry(code: str, night: datetime, later: bool) -> dict[str, object]:
    # This government does not follow the other one's raise: its word for that country stays.
    name, state = display(code, "en"), made_up_level(code, later=False) - 1
    english = {
        "name": name,
        "url-slug": _slug(name),
        "advisory-text": CA_WORDS[state],
        "recent-updates": "Editorial change",
    }
    moment = _first(night, later) - timedelta(hours=3 + draw(code, 2000))
    if later and code == TOUCHED:
        moment = night - timedelta(hours=2)
    return {
        "country-iso": code,
        "country-eng": name,
        "advisory-state": state,
        "date-published": {"timestamp": int(moment.timestamp()), "asp": moment.isoformat()},
        "has-advisory-warning": int(state == 3),
        "has-regional-advisory": 0,
        "has-content": 1,
        "recent-updates-type": "Editorial change",
        "eng": english,
    }


def de_pages(night: datetime, later: bool) -> list[Page]:
    """Return the open-data index of the German Foreign Office; on the later night a login page instead."""
    url = de_aa.CARD.url
    if later:
        return [Page(de_aa.CARD.id, url, "de-aa.html", LOGIN_PAGE)]
    countries = listed({"DE", *DEPENDENT})
    response: dict[str, object] = {str(200000 + n): _de_entry(code, night) for n, code in enumerate(countries)}
    response |= {"lastModified": int(night.timestamp()), "contentList": list(response)}
    return [Page(de_aa.CARD.id, url, "de-aa.json", orjson.dumps({"response": response}, option=orjson.OPT_INDENT_2))]


def _de_entry(code: str, night: datetime) -> dict[str, object]:
    name, level = str(Locale("de").territories[code]), made_up_level(code, later=False)
    modified = int((night - timedelta(hours=5 + draw(code, 900))).timestamp())
    return {
        "lastModified": modified,
        "effective": modified,
        "title": f"{name}: Reise- und Sicherheitshinweise",
        "countryCode": code,
        "countryName": name,
        "warning": level == 4,
        "partialWarning": level == 3,
        "situationWarning": False,
        "situationPartWarning": False,
    }


def _first(night: datetime, later: bool) -> datetime:
    """Return the first night: what does not change keeps the dates it had then."""
    return night - timedelta(days=1) if later else night


def _slug(name: str) -> str:
    return re.sub(r"[^a-z]+", "-", name.casefold()).strip("-")
