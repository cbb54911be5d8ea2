"""Two hundred megabytes: refused while they come, packed or not, and without holding them in memory."""

from __future__ import annotations

import socketserver
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from core.clock import FixedClock
from core.errors import SourceBroken
from core.settings import Settings
from sources.fetch import HttpFetcher
from tests.sources.made import STATE

MEGABYTE = 1_000_000
FLOOD = 200
"""Megabytes the server sends."""
MOST_MEMORY = 60 * MEGABYTE
"""Bytes held at the highest point: the limit of a page some times over, and the pieces on their way."""
BLOCK = b"\0" * MEGABYTE


@contextmanager
def serving(packed: bool) -> Iterator[tuple[int, list[int]]]:
    """Serve a flood on loopback; give the port, and a list that gets the number of megabytes that were taken off the server."""
    sent: list[int] = []

    class Flood(BaseHTTPRequestHandler):
        """Answers everything with 200 MB of zeros."""

        def do_GET(self) -> None:
            """Send until the other side hangs up."""
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            if packed:
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            done = 0
            try:
                for part in parts():
                    self.wfile.write(part)
                    done += 1
            except OSError:
                pass  # it hung up, as it should
            sent.append(done)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    def parts() -> Iterator[bytes]:
        """Give the flood megabyte by megabyte; packed, all of it in one part of some 200 kB."""
        if not packed:
            yield from (BLOCK for _ in range(FLOOD))
            return
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        yield b"".join([*(packer.compress(BLOCK) for _ in range(FLOOD)), packer.flush()])

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Flood) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1], sent
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_flood_is_refused_while_it_comes(packed: bool, tmp_path: Path) -> None:
    """200 MB, and 200 MB packed into 200 kB, end as "larger than" our limit, with less than 60 MB held at any moment."""
    with serving(packed) as (port, sent):
        card = replace(STATE, url=f"http://127.0.0.1:{port}/list", hosts=("127.0.0.1",))
        settings = Settings(home=tmp_path)
        with HttpFetcher(settings, FixedClock(datetime(2026, 11, 22, tzinfo=UTC))) as fetcher:
            tracemalloc.start()
            try:
                with pytest.raises(SourceBroken, match=f"larger than {settings.fetch_max_bytes} bytes"):
                    fetcher.get(card, card.url, None)
                highest = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
    assert highest < MOST_MEMORY, f"{highest / MEGABYTE:.0f} MB"
    if not packed:
        assert sent[0] < FLOOD
