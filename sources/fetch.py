"""Fetching the pages of a source over the network. What went wrong is in the class of the error.

One client, one honest name, few requests. Only the hosts on the source's card are spoken to, also after a redirect and
for links found in a page: what a page says may not lead us elsewhere.
"""

from __future__ import annotations

import ipaddress
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

import httpx
import stamina

from core.clock import Clock
from core.errors import SourceBroken, SourceTransient
from core.i18n import Message, t
from core.settings import Settings
from sources.model import Capture, Card
from sources.unpack import unpacked

MOST_REDIRECTS = 5
LONGEST_RETRY_AFTER = 30.0
"""Seconds we let a server tell us to wait before the next try; the next run comes soon enough for more."""
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524})
_REFUSED = frozenset({401, 403, 407, 451})
_GONE = frozenset({404, 410})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Fetcher(Protocol):
    """Something that has the bytes of an address."""

    def get(self, card: Card, url: str, previous: Capture | None) -> Capture:
        """Return the bytes `url` answers with.

        Args:
            previous: the capture of the last good read of this address, for servers that can say "not modified".

        Raises:
            SourceTransient: it could not be reached, or the server is busy; another try may well work.
            SourceBroken: it refuses us, is gone, leads elsewhere or is too large; trying again will not help.
        """
        ...


class HttpFetcher:
    """Fetches over the network, with retries for what may pass."""

    def __init__(
        self, settings: Settings, clock: Clock, transport: httpx.BaseTransport | None = None, *, first_wait: float = 1.0
    ) -> None:
        """Open one client for all sources.

        Args:
            settings: time limit, number of tries, size limit, contact address.
            transport: another way to the network, for tests.
            first_wait: seconds before the second try; later waits double, with as much chance again on top.
        """
        self._settings, self._clock, self._first_wait = settings, clock, first_wait
        self._client = httpx.Client(
            transport=transport,
            follow_redirects=False,
            timeout=settings.fetch_timeout,
            headers={"User-Agent": user_agent(settings.contact), "Accept-Encoding": "gzip"},
        )

    def __enter__(self) -> HttpFetcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, card: Card, url: str, previous: Capture | None) -> Capture:
        """Return the bytes `url` answers with; see `Fetcher.get`. May wait between tries."""
        for attempt in stamina.retry_context(
            on=_wait_after,
            attempts=self._settings.fetch_tries,
            timeout=None,
            wait_initial=self._first_wait,
            wait_max=8 * self._first_wait,
            wait_jitter=self._first_wait,
        ):
            with attempt:
                return self._try(card, url, previous)
        raise AssertionError("stamina raises the last error")

    def _try(self, card: Card, url: str, previous: Capture | None) -> Capture:
        address = url
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._ask(card, address, _validators(url, previous))
            if answer.status not in _REDIRECTS:
                return self._capture(card, url, previous, answer)
            address = answer.location
        raise SourceBroken(t("{source}: {url} leads from one address to the next.", source=card.id, url=url))

    def _ask(self, card: Card, address: str, headers: Mapping[str, str]) -> _Answer:
        """Ask one address once; translate what the network does into our errors."""
        allowed, end = _allowed(card, address), self._clock.now() + timedelta(seconds=self._settings.fetch_timeout)
        try:
            with self._client.stream("GET", allowed, headers=headers) as response:
                location = response.headers.get("Location", "")
                body = b"" if response.status_code != HTTPStatus.OK else self._body(card, address, response, end)
                return _Answer(response.status_code, body, response.headers, str(allowed.join(location)))
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise _unreachable(card, address, reason) from error
        except (zlib.error, httpx.InvalidURL) as error:
            raise SourceBroken(
                t(
                    "{source}: {url} sent what cannot be unpacked: {reason}.",
                    source=card.id,
                    url=address,
                    reason=str(error),
                )
            ) from error

    def _body(self, card: Card, address: str, response: httpx.Response, end: datetime) -> bytes:
        """Read the body as it comes, unpacked, within the limits of size and time."""
        limit = self._settings.fetch_max_bytes
        parts, size = [], 0
        for part in unpacked(response.iter_raw(), response.headers.get("Content-Encoding", "")):
            size += len(part)
            if size > limit:
                raise SourceBroken(
                    t("{source}: {url} is larger than {limit} bytes.", source=card.id, url=address, limit=limit)
                )
            if self._clock.now() > end:
                seconds = self._settings.fetch_timeout
                raise _unreachable(card, address, t("not complete after {seconds} seconds", seconds=seconds))
            parts.append(part)
        return b"".join(parts)

    def _capture(self, card: Card, url: str, previous: Capture | None, answer: _Answer) -> Capture:
        if answer.status == HTTPStatus.NOT_MODIFIED and previous is not None:
            return replace(previous, fetched_at=self._clock.now(), from_cache=True)
        if answer.status != HTTPStatus.OK:
            raise refusal(card, url, answer.status, _seconds(answer.headers.get("Retry-After", "")))
        return Capture(
            source=card.id,
            url=url,
            fetched_at=self._clock.now(),
            body=answer.body,
            content_type=answer.headers.get("Content-Type", ""),
            etag=answer.headers.get("ETag", ""),
            last_modified=answer.headers.get("Last-Modified", ""),
        )


@dataclass(frozen=True)
class _Answer:
    """What one address answered once. `location` is absolute."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    location: str


class _Busy(SourceTransient):
    """The server says it is busy, perhaps for how many seconds."""

    def __init__(self, message: Message, wait: float | None) -> None:
        super().__init__(message)
        self.wait = wait


def refusal(card: Card, url: str, status: int, wait: float | None = None) -> SourceBroken:
    """Return the error that an HTTP answer other than 200 means.

    Args:
        wait: seconds the server asks us to wait, None if it does not say.
    """
    values = {"source": card.id, "url": url, "status": status}
    if status in _BUSY:
        return _Busy(t("{source}: {url} is busy or failing (answer {status}).", **values), wait)
    if status in _REFUSED:
        return SourceBroken(t("{source}: {url} refuses us (answer {status}): blocked.", **values))
    if status in _GONE:
        return SourceBroken(t("{source}: {url} is no longer there (answer {status}): moved.", **values))
    return SourceBroken(t("{source}: {url} gave the unexpected answer {status}.", **values))


def timed_out(card: Card, url: str) -> SourceTransient:
    """Return the error that no answer in time means."""
    return _unreachable(card, url, t("no answer in time"))


def user_agent(contact: str) -> str:
    """Return the name under which we ask: the truth, in the form all publishers accept (ireland.ie refuses others)."""
    try:
        ours = version("lingbao")
    except PackageNotFoundError:  # run from a checkout that was not installed
        ours = "0"
    return f"Mozilla/5.0 (compatible; Lingbao/{ours}{f'; +{contact}' if contact else ''})"


def _unreachable(card: Card, url: str, reason: Message | str) -> SourceTransient:
    return SourceTransient(t("{source}: {url} could not be reached: {reason}.", source=card.id, url=url, reason=reason))


def _wait_after(error: Exception) -> bool | float:
    """Tell stamina whether to try again: for what may pass, after the server's own time if it names a short one."""
    if isinstance(error, _Busy) and error.wait is not None:
        return min(error.wait, LONGEST_RETRY_AFTER)
    return isinstance(error, SourceTransient)


def _seconds(retry_after: str) -> float | None:
    """Read `Retry-After` in seconds; the rare form with a date counts as not said."""
    return float(retry_after) if retry_after.strip().isdecimal() else None


def _validators(url: str, previous: Capture | None) -> dict[str, str]:
    if previous is None or previous.url != url:
        return {}
    pairs = {"If-None-Match": previous.etag, "If-Modified-Since": previous.last_modified}
    return {name: value for name, value in pairs.items() if value}


def _allowed(card: Card, address: str) -> httpx.URL:
    """Return the address if it is one of the card's hosts over https, or plain http on loopback.

    Raises:
        SourceBroken: it leads elsewhere.
    """
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise SourceBroken(t("{source}: {url} is no address.", source=card.id, url=address)) from error
    safe = url.scheme == "https" or (url.scheme == "http" and _is_loopback(url.host))
    if not safe or url.host not in card.hosts:
        raise SourceBroken(
            t("{source}: {url} is on no known host of this source; not asked.", source=card.id, url=address)
        )
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
