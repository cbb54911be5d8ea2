"""Small servers that misbehave on purpose, on loopback, each in a thread of its own."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ANSWERS = Path(__file__).parents[1] / "answers"
PATIENCE = 10.0


@dataclass
class Server:
    """A server at work: its port, and how many whole requests (HTTP) or mails (SMTP) reached it."""

    port: int
    taken: int = 0
    ended: threading.Event = field(default_factory=threading.Event)


Behave = Callable[[socket.socket, Server], None]


@contextlib.contextmanager
def serving(behave: Behave) -> Iterator[Server]:
    """Run a server that treats every connection with `behave`."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.05)
        server = Server(door.getsockname()[1])
        threads: list[threading.Thread] = []

        def accept() -> None:
            while not server.ended.is_set():
                with contextlib.suppress(TimeoutError):
                    line, _ = door.accept()
                    line.settimeout(PATIENCE)
                    threads.append(threading.Thread(target=_treat, args=(behave, line, server), daemon=True))
                    threads[-1].start()

        threads.append(threading.Thread(target=accept, daemon=True))
        threads[0].start()
        try:
            yield server
        finally:
            server.ended.set()
            for thread in list(threads):
                thread.join(PATIENCE)


def _treat(behave: Behave, line: socket.socket, server: Server) -> None:
    with contextlib.suppress(OSError), line:
        behave(line, server)


def cut(line: socket.socket) -> None:
    """Close so that the other side sees a reset."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


@contextlib.contextmanager
def nobody() -> Iterator[Server]:
    """Give a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    yield Server(port)


def read_request(line: socket.socket) -> bytes:
    """Read one HTTP request whole; empty if the other side has gone."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        part = line.recv(65536)
        if not part:
            return b""
        raw += part
    head, _, body = raw.partition(b"\r\n\r\n")
    length = next(
        (int(one.split(b":")[1]) for one in head.split(b"\r\n") if one.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += line.recv(65536)
    return head + b"\r\n\r\n" + body


def http(
    status: str, file: str = "", headers: Mapping[str, str] | None = None, share: float = 1.0, drip: float = 0.0
) -> Behave:
    """Answer every request with a recorded answer.

    Args:
        file: below `answers`; without a folder, one of Twilio's for SMS: its errors are the same everywhere.
        share: part of the answer that is sent before the line is closed.
        drip: seconds between one byte and the next.
    """
    body = (ANSWERS / (file if "/" in file else f"twilio_sms/{file}")).read_bytes() if file else b""
    kind = "application/json" if file.endswith(".json") else "text/html"
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", f"Content-Type: {kind}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    raw = "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def behave(line: socket.socket, server: Server) -> None:
        while read_request(line):
            server.taken += 1
            if drip:
                for i in range(len(raw)):
                    line.sendall(raw[i : i + 1])
                    if server.ended.wait(drip):
                        return
            line.sendall(raw[: int(len(raw) * share)])
            if share < 1:
                return

    return behave


def http_hangs(line: socket.socket, server: Server) -> None:
    """Read the request and never answer."""
    if read_request(line):
        server.taken += 1
        server.ended.wait(PATIENCE)


def http_resets(line: socket.socket, server: Server) -> None:
    """Read the request and reset the connection."""
    if read_request(line):
        server.taken += 1
        cut(line)


@dataclass(frozen=True)
class Smtp:
    """A mail relay that answers by the book but for what is given.

    Attributes:
        greeting, replies: what it says at first, and to which command (`DATA`, `.` for the final dot, …).
        together: it takes commands in one go (RFC 2920), and waits for a text even if it refused the recipient.
        dies: the command after which it resets the line without a word; `hangs`: the one it never answers.
    """

    greeting: str = "220 relay.invalid ready"
    replies: Mapping[str, str] = field(default_factory=dict)
    dies: str = ""
    hangs: str = ""
    together: bool = False

    def __call__(self, line: socket.socket, server: Server) -> None:
        """Treat one connection."""
        if self.hangs == "greeting":
            server.ended.wait(PATIENCE)
            return
        _say(line, self.greeting)
        with line.makefile("rb") as reader:
            while command := reader.readline().split(b" ")[0].strip().decode().upper():
                if not self._answer(line, server, command):
                    return
                if command == "DATA" and "DATA" not in self.replies:
                    while reader.readline() not in {b".\r\n", b""}:
                        pass
                    server.taken += 1
                    if not self._answer(line, server, "."):
                        return

    def _answer(self, line: socket.socket, server: Server, command: str) -> bool:
        """Answer a command; False if that was the end of this connection."""
        if command == self.hangs:
            server.ended.wait(PATIENCE)
            return False
        if command == self.dies:
            cut(line)
            return False
        usual = DEFAULTS | ({"EHLO": TOGETHER} if self.together else {})
        _say(line, self.replies.get(command, usual.get(command, "250 OK")))
        return command != "QUIT"


DEFAULTS = {
    "EHLO": "250-relay.invalid\r\n250 AUTH PLAIN LOGIN",
    "AUTH": "235 welcome",
    "DATA": "354 go on",
    "QUIT": "221 bye",
}
TOGETHER = "250-relay.invalid\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN"


def _say(line: socket.socket, words: str) -> None:
    line.sendall(words.encode() + b"\r\n")
