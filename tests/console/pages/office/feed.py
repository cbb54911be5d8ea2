"""A publisher on this machine: a feed that says what a test wants, and waits with its answer as long as a test wants."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from console.app import build
from core.settings import load
from core.settings_tables import ExtraSource
from sources.catalog import publishers
from tests.console.pages.office.desk import Desk
from tests.notify.sending.house import House

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>"""
ITEM = """<item><title>{title}</title><link>{link}</link><guid>g{number}</guid><pubDate>{day}</pubDate>
<description>{text}</description></item>"""
SOURCE = "fiction"


@dataclass
class Feed:
    """The feed.

    Attributes:
        items: title, link and text of each.
        open: while it is not set, nobody gets an answer. `asked`: how often somebody asked.
    """

    day: datetime
    items: Sequence[tuple[str, str, str]] = ()
    open: threading.Event = field(default_factory=threading.Event)
    asked: int = 0
    port: int = 0

    def body(self) -> bytes:
        """Return the feed as it is served."""
        items = [
            ITEM.format(title=escape(title), link=escape(link), text=escape(text), number=number,
                        day=f"{self.day:%a, %d %b %Y %H:%M:%S} GMT")
            for number, (title, link, text) in enumerate(self.items)
        ]  # fmt: skip
        return FEED.format(items="".join(items)).encode()


@contextmanager
def feed(day: datetime) -> Iterator[Feed]:
    """Serve a feed on a free port."""
    made = Feed(day)
    made.open.set()

    class Answer(BaseHTTPRequestHandler):
        """Answers every address with the feed."""

        def do_GET(self) -> None:
            """Answer when the feed is open."""
            made.asked += 1
            made.open.wait(20)
            body = made.body()
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        made.open.set()
        server.shutdown()
        thread.join(20)
        server.server_close()


def reading(made: Desk, one: Feed, authority: str = "peer") -> Desk:
    """Return the same office, which reads this feed and nothing else."""
    source = ExtraSource(
        id=SOURCE, kind="rss", publisher="Ministry of Fiction", publisher_zh="示例发布方", entries=(1, 90), trusted=True,
        authority=authority, url=f"http://127.0.0.1:{one.port}/feed",
    )  # fmt: skip
    home = made.office.settings.home
    off = tuple(publishers())
    settings = load(home=home, api_calls_per_minute=100_000, extra_sources=(source,), sources_off=off)
    office = replace(made.office, settings=settings)
    return Desk(replace(made.world, home=House(office)), build(office), made.secrets)
