"""A line that can be cut: a TCP proxy on loopback that passes, resets, refuses, or goes silent, as it is told while it runs."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum

CHUNK = 65_536
RESET_AT_CLOSE = struct.pack("ii", 1, 0)
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]


class Line(Enum):
    """What the line does: `CUT` lets questions through and resets the connection when the answer comes."""

    PASS = "pass"
    CUT = "cut"
    SILENT = "silent"
    REFUSE = "refuse"


class Proxy:
    """One listener and the connections through it. Everything happens in its own thread."""

    def __init__(self, connect: Connect) -> None:
        """Lead to what `connect` opens; `run` starts it."""
        self._connect = connect
        self._line = Line.PASS
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])

    def turn(self, line: Line, *, dropping: bool = False) -> None:
        """Let the line behave so from now on; `dropping` ends what is open first, with whatever waits in it."""
        self._loop.call_soon_threadsafe(self._turn, line, dropping)

    def _turn(self, line: Line, dropping: bool) -> None:
        self._line = line
        if dropping or line is Line.REFUSE:
            for writer in list(self._open):
                _reset(writer)
        if line is Line.SILENT:
            self._flows.clear()
        else:
            self._flows.set()

    def serve(self) -> None:
        """Work until `stop`: to be run in a thread of its own."""
        self._flows.set()
        self._loop.run_until_complete(self._serve())
        self._loop.run_forever()
        self._loop.close()

    async def _serve(self) -> None:
        self._server = await asyncio.start_server(self._take, sock=self._door)

    def stop(self) -> None:
        """End it."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _end(self) -> None:
        self._server.close()
        self._turn(Line.REFUSE, True)
        here = asyncio.current_task()
        others = [one for one in asyncio.all_tasks() if one is not here]
        await asyncio.wait_for(asyncio.gather(*others, return_exceptions=True), 10)
        await asyncio.sleep(0.05)  # the transports close in the turns of the loop that follow

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses():
            _reset(writer)
            return
        self._open.add(writer)
        await self._flows.wait()
        try:
            theirs, to_them = await self._connect()
        except OSError:
            _reset(writer)
            self._open.discard(writer)
            return
        self._open.add(to_them)
        if self._refuses():  # it was turned while this one waited
            _reset(writer)
        try:
            with suppress(OSError):
                ways = [self._pump(reader, to_them, None), self._pump(theirs, writer, to_them)]
                tasks = [asyncio.ensure_future(one) for one in ways]
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for one in (writer, to_them):
                self._open.discard(one)
                one.transport.abort()

    def _refuses(self) -> bool:
        return self._line is Line.REFUSE

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers_of: asyncio.StreamWriter | None
    ) -> None:
        while data := await reader.read(CHUNK):
            await self._flows.wait()
            if self._line is Line.CUT and answers_of is not None:
                _reset(writer)
                return
            writer.write(data)
            await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a broken line does: not with a goodbye, with a reset."""
    found = writer.get_extra_info("socket")
    if found is not None and found.family in {socket.AF_INET, socket.AF_INET6}:
        with suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
    writer.transport.abort()


@contextmanager
def proxy(connect: Connect) -> Iterator[Proxy]:
    """Run a proxy for as long as the block lasts."""
    made = Proxy(connect)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.stop()
        thread.join(10)


def to_port(port: int) -> Connect:
    """Lead to a port of this machine."""

    async def connect() -> Streams:
        """Open it."""
        return await asyncio.open_connection("127.0.0.1", port)

    return connect


def to_socket(path: str) -> Connect:
    """Lead to a socket in the file system."""

    async def connect() -> Streams:
        """Open it."""
        return await asyncio.open_unix_connection(path)

    return connect
