"""Lists of messages and calls, page by page, in Twilio's envelope.

A page token is `PA` (older) or `PB` (newer) and the sid of the one the page begins beside, so that what arrives between two
pages moves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from core.clock import parse_moment
from core.errors import NotFound
from notify.sandbox.checks import Refusal
from notify.sandbox.records import Query
from notify.sandbox.resource import Wire

USUAL, MOST = 50, 1000
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
FILTERS = ("To", "From", "DateSent", "DateSent<", "DateSent>")


@dataclass(frozen=True)
class Asked:
    """A request for a page: the query (one message more than the page holds), the page, the filters as given."""

    query: Query
    page: int
    size: int
    filters: Mapping[str, str]


def read(params: Mapping[str, str], number: Callable[[str], int], now: datetime) -> Asked | Refusal:
    """Understand the query of a list request, or say what is wrong with it.

    Args:
        number: gives the running number of a sid, or raises NotFound.
    """
    try:
        size, page = int(params.get("PageSize", USUAL)), int(params.get("Page", 0))
        earliest, latest = _sent(params)
    except ValueError:
        return Refusal(20001, 400, "A parameter of the list is not of its type")
    if not 1 <= size <= MOST or page < 0:
        return Refusal(20007, 400, f"PageSize must be between 1 and {MOST}")
    token = params.get("PageToken", "")
    try:
        beside = number(token[2:]) if token else 0
    except NotFound:
        return Refusal(20001, 400, "Invalid PageToken")
    older = not token.startswith("PB")
    query = Query(
        now=now,
        to=params.get("To", ""),
        sender=params.get("From", ""),
        sent_from=earliest,
        sent_until=latest,
        before=beside if older else 0,
        after=0 if older else beside,
        skip=0 if token else page * size,
        limit=size + 1 if older else size,
    )
    return Asked(query, page, size, {name: params[name] for name in FILTERS if params.get(name)})


def envelope(asked: Asked, kind: str, found: list[Wire], path: str) -> Wire:
    """Return the page with what was found of a kind, which is one too many if there is a further page."""
    shown = found[: asked.size]
    further = len(found) > asked.size or bool(asked.query.after and shown)
    start = asked.page * asked.size
    return {
        "end": start + max(0, len(shown) - 1),
        "first_page_uri": _uri(path, asked, 0),
        kind: shown,
        "next_page_uri": _uri(path, asked, asked.page + 1, f"PA{shown[-1]['sid']}") if further else None,
        "page": asked.page,
        "page_size": asked.size,
        "previous_page_uri": _uri(path, asked, asked.page - 1, f"PB{shown[0]['sid']}")
        if asked.page and shown
        else None,
        "start": start,
        "uri": _uri(path, asked, asked.page),
    }


def _uri(path: str, asked: Asked, page: int, token: str = "") -> str:
    paging = {"PageSize": str(asked.size), "Page": str(page)}
    return f"{path}?{urlencode({**asked.filters, **paging, **({'PageToken': token} if token else {})})}"


def _sent(params: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """Return the bounds of the sending time. A bare date means the whole day; `<` ends at its first moment."""
    if params.get("DateSent"):
        day = _moment(params["DateSent"]).replace(hour=0, minute=0, second=0, microsecond=0)
        return day, day + DAY - INSTANT
    earliest, latest = params.get("DateSent>"), params.get("DateSent<")
    return (_moment(earliest) if earliest else None, _moment(latest) if latest else None)


def _moment(text: str) -> datetime:
    if len(text) == len("2026-01-01"):
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return parse_moment(text)
