"""A bare mail relay in a process of its own: takes every mail and keeps nothing.

Run as `python -m cli.benches.relay`: it prints its port and serves until its input ends.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

END = b"\r\n.\r\n"


@contextmanager
def relay() -> Iterator[int]:
    """Run the relay; give its port on this machine."""
    command = [sys.executable, "-W", "ignore", "-m", "cli.benches.relay"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(timeout=10)


class Line(asyncio.Protocol):
    """One connection: as much of SMTP as a client needs that makes no mistakes."""

    def __init__(self) -> None:
        """Begin outside of a mail."""
        self._held = b""
        self._in_text = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._line = transport
        transport.write(b"220 bench\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every line, and every text at its end."""
        self._held += data
        while True:
            mark = END if self._in_text else b"\r\n"
            head, found, rest = self._held.partition(mark)
            if not found:
                return
            self._held = rest
            self._answer(head[:4].upper())

    def _answer(self, verb: bytes) -> None:
        if self._in_text:
            self._in_text = False
            self._line.write(b"250 OK\r\n")
        elif verb == b"DATA":
            self._in_text = True
            self._line.write(b"354 go on\r\n")
        elif verb == b"EHLO":
            self._line.write(b"250-bench\r\n250 PIPELINING\r\n")
        elif verb == b"QUIT":
            self._line.write(b"221 bye\r\n")
            self._line.close()
        else:
            self._line.write(b"250 OK\r\n")


async def serve() -> None:
    """Serve on a free port until standard input ends."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(Line, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    threading.Thread(target=_wait_for_end, args=(loop, ended), daemon=True).start()
    await ended.wait()
    server.close()


def _wait_for_end(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    sys.stdin.read()
    loop.call_soon_threadsafe(ended.set)


if __name__ == "__main__":
    asyncio.run(serve())
