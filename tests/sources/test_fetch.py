"""Fetching: redirects, limits, retries and validators, against a server on loopback."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.clock import FixedClock, SystemClock
from core.errors import SourceBroken, SourceTransient
from core.settings import Settings
from sources.fetch import HttpFetcher, user_agent
from sources.model import Authority, Capture, Card, Shape

MORNING = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


def card(server: HTTPServer) -> Card:
    """Give the card of a source that lives on the test server."""
    return Card(
        id="test",
        publisher="Test",
        publisher_zh="测试",
        authority=Authority.PEER,
        shape=Shape.STATE,
        url=server.url_for("/list"),
        hosts=(server.host,),
        language="en",
        rhythm="never",
        entries=(1, 9),
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give settings with small limits."""
    return Settings(home=tmp_path, fetch_tries=3, fetch_timeout=5.0, fetch_max_bytes=10_000, contact="desk@example.org")


@pytest.fixture
def fetcher(settings: Settings) -> Iterator[HttpFetcher]:
    """Give a fetcher that waits only milliseconds between tries."""
    with HttpFetcher(settings, FixedClock(MORNING), first_wait=0.01) as one:
        yield one


def test_a_page_comes_with_its_validators_and_the_moment(httpserver: HTTPServer, fetcher: HttpFetcher) -> None:
    """The bytes are kept as sent, with validators, type and the clock's moment; we ask under our own name."""
    httpserver.expect_request("/list", headers={"User-Agent": user_agent("desk@example.org")}).respond_with_data(
        b"\xef\xbb\xbfhello",
        content_type="text/html",
        headers={"ETag": '"1"', "Last-Modified": "Sun, 22 Nov 2026 01:00:00 GMT"},
    )
    page = fetcher.get(card(httpserver), httpserver.url_for("/list"), None)
    assert page == Capture(
        "test",
        httpserver.url_for("/list"),
        MORNING,
        b"\xef\xbb\xbfhello",
        "text/html",
        '"1"',
        "Sun, 22 Nov 2026 01:00:00 GMT",
    )


def test_not_modified_gives_the_bytes_of_the_last_good_read(httpserver: HTTPServer, fetcher: HttpFetcher) -> None:
    """A 304 returns the previous bytes, marked as such, with today's moment."""
    url = httpserver.url_for("/list")
    before = Capture("test", url, MORNING - timedelta(days=1), b"old", etag='"7"', last_modified="yesterday")
    httpserver.expect_request(
        "/list", headers={"If-None-Match": '"7"', "If-Modified-Since": "yesterday"}
    ).respond_with_data(b"", status=304)
    assert fetcher.get(card(httpserver), url, before) == replace(before, fetched_at=MORNING, from_cache=True)


def test_not_modified_without_a_previous_read_is_broken(httpserver: HTTPServer, fetcher: HttpFetcher) -> None:
    """A 304 nobody asked for holds no bytes and is no good read."""
    httpserver.expect_request("/list").respond_with_data(b"", status=304)
    with pytest.raises(SourceBroken, match="304"):
        fetcher.get(card(httpserver), httpserver.url_for("/list"), None)


def test_a_busy_server_is_asked_again(httpserver: HTTPServer, fetcher: HttpFetcher) -> None:
    """A 503 and a 429 pass; the third try's answer counts."""
    httpserver.expect_ordered_request("/list").respond_with_data(b"", status=503)
    httpserver.expect_ordered_request("/list").respond_with_data(b"", status=429, headers={"Retry-After": "0"})
    httpserver.expect_ordered_request("/list").respond_with_data(b"at last")
    assert fetcher.get(card(httpserver), httpserver.url_for("/list"), None).body == b"at last"


def test_a_server_that_stays_busy_is_transient(httpserver: HTTPServer, fetcher: HttpFetcher) -> None:
    """After the last try the error says that another try may work, and names source, address and answer."""
    httpserver.expect_request("/list").respond_with_data(b"", status=503)
    with pytest.raises(SourceTransient, match=r"test: http://.*/list is busy or failing \(answer 503\)"):
        fetcher.get(card(httpserver), httpserver.url_for("/list"), None)
    assert len(httpserver.log) == 3


def test_retry_after_is_waited_for(httpserver: HTTPServer, fetcher: HttpFetcher) -> None:
    """A server that asks for a second is not asked sooner."""
    httpserver.expect_ordered_request("/list").respond_with_data(b"", status=429, headers={"Retry-After": "1"})
    httpserver.expect_ordered_request("/list").respond_with_data(b"ok")
    start = time.monotonic()
    fetcher.get(card(httpserver), httpserver.url_for("/list"), None)
    assert time.monotonic() - start >= 1


def test_a_closed_port_is_transient(httpserver: HTTPServer, fetcher: HttpFetcher) -> None:
    """A refused connection may be open later."""
    with pytest.raises(SourceTransient, match="could not be reached"):
        fetcher.get(card(httpserver), f"http://{httpserver.host}:1/list", None)


@pytest.mark.parametrize(
    ("status", "words"), [(403, "blocked"), (404, "moved"), (410, "moved"), (202, "unexpected"), (418, "418")]
)
def test_what_will_not_pass_is_broken_at_once(
    httpserver: HTTPServer, fetcher: HttpFetcher, status: int, words: str
) -> None:
    """Blocked, moved and strange answers are named, and not asked for again."""
    httpserver.expect_request("/list").respond_with_data(b"<html>challenge</html>", status=status)
    with pytest.raises(SourceBroken, match=words) as caught:
        fetcher.get(card(httpserver), httpserver.url_for("/list"), None)
    assert not isinstance(caught.value, SourceTransient)
    assert len(httpserver.log) == 1


def test_a_redirect_on_the_same_host_is_followed(httpserver: HTTPServer, fetcher: HttpFetcher) -> None:
    """A relative redirect is followed, and the capture keeps the address that was asked for."""
    httpserver.expect_request("/list").respond_with_data(b"", status=301, headers={"Location": "/new/"})
    httpserver.expect_request("/new/").respond_with_data(b"here")
    page = fetcher.get(card(httpserver), httpserver.url_for("/list"), None)
    assert (page.url, page.body) == (httpserver.url_for("/list"), b"here")


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/list", "http://127.0.0.2/x", "file:///etc/hostname", "//elsewhere.example/"]
)
def test_a_redirect_to_another_host_is_refused(httpserver: HTTPServer, fetcher: HttpFetcher, target: str) -> None:
    """What a server answers cannot lead us to hosts that are not on the card."""
    httpserver.expect_request("/list").respond_with_data(b"", status=302, headers={"Location": target})
    with pytest.raises(SourceBroken, match="no known host"):
        fetcher.get(card(httpserver), httpserver.url_for("/list"), None)


def test_a_link_in_a_page_cannot_lead_elsewhere(httpserver: HTTPServer, fetcher: HttpFetcher) -> None:
    """An address that a page names is held to the card like any other."""
    with pytest.raises(SourceBroken, match="no known host"):
        fetcher.get(card(httpserver), "https://elsewhere.example/detail", None)


def test_redirects_in_a_circle_end(httpserver: HTTPServer, fetcher: HttpFetcher) -> None:
    """After five redirects the address leads nowhere."""
    httpserver.expect_request("/list").respond_with_data(b"", status=302, headers={"Location": "/list"})
    with pytest.raises(SourceBroken, match="from one address to the next"):
        fetcher.get(card(httpserver), httpserver.url_for("/list"), None)
    assert len(httpserver.log) == 6


def test_a_page_that_is_too_large_is_broken(httpserver: HTTPServer, fetcher: HttpFetcher) -> None:
    """The size limit holds for the bytes as they come."""
    httpserver.expect_request("/list").respond_with_data(b"x" * 10_001)
    with pytest.raises(SourceBroken, match="larger than 10000 bytes"):
        fetcher.get(card(httpserver), httpserver.url_for("/list"), None)


def test_a_small_page_that_unpacks_to_a_large_one_is_broken(httpserver: HTTPServer, fetcher: HttpFetcher) -> None:
    """The size limit holds for what the bytes unpack to."""
    bomb = gzip.compress(b"x" * 1_000_000)
    assert len(bomb) < 10_000
    httpserver.expect_request("/list").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
    with pytest.raises(SourceBroken, match="larger"):
        fetcher.get(card(httpserver), httpserver.url_for("/list"), None)


def test_a_page_that_cannot_be_unpacked_is_broken(httpserver: HTTPServer, fetcher: HttpFetcher) -> None:
    """Bytes that are not what the server says they are end as a named fault."""
    httpserver.expect_request("/list").respond_with_data(b"not gzip", headers={"Content-Encoding": "gzip"})
    with pytest.raises(SourceBroken, match="unpacked"):
        fetcher.get(card(httpserver), httpserver.url_for("/list"), None)


def test_a_server_that_drips_is_given_up(httpserver: HTTPServer, settings: Settings) -> None:
    """Each byte comes in time, the page does not: the limit is on the whole page."""

    def drip(_: Request) -> Response:
        def parts() -> Iterator[bytes]:
            for _ in range(30):
                time.sleep(0.05)
                yield b"x"

        return Response(parts(), direct_passthrough=True)

    httpserver.expect_request("/list").respond_with_handler(drip)
    hasty = settings.model_copy(update={"fetch_timeout": 0.2, "fetch_tries": 1})
    with (
        HttpFetcher(hasty, SystemClock(), first_wait=0.01) as fetcher,
        pytest.raises(SourceTransient, match=r"not complete after 0\.2 seconds"),
    ):
        fetcher.get(card(httpserver), httpserver.url_for("/list"), None)


def test_the_name_has_the_form_publishers_accept() -> None:
    """The name says what we are and where to write, and nothing if there is no address."""
    assert user_agent("desk@example.org").startswith("Mozilla/5.0 (compatible; Lingbao/")
    assert user_agent("desk@example.org").endswith("; +desk@example.org)")
    assert "+" not in user_agent("")
