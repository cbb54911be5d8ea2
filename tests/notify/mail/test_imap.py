"""A folder at an IMAP server: unread mails are shown once, and marked only if they were taken."""

from __future__ import annotations

import imaplib
import re
import socket
from dataclasses import dataclass, field

from notify.mailbox import unread
from tests.notify.channels.servers import Server, serving

LITERAL = re.compile(rb"UID (SEARCH|FETCH|STORE) ?(.*)")


@dataclass
class Folder:
    """An IMAP server (RFC 3501) with one folder: as much of it as reading unread mail needs."""

    mails: dict[int, bytes]
    seen: set[int] = field(default_factory=set)
    peeked: list[bool] = field(default_factory=list)

    def __call__(self, line: socket.socket, server: Server) -> None:
        """Treat one connection."""
        line.sendall(b"* OK ready\r\n")
        with line.makefile("rb") as reader:
            while words := reader.readline().strip():
                tag, _, command = words.partition(b" ")
                line.sendall(self._answer(command) + tag + b" OK done\r\n")
                if command == b"LOGOUT":
                    return

    def _answer(self, command: bytes) -> bytes:
        found = LITERAL.match(command)
        if command == b"CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n"
        if command.startswith(b"SELECT"):
            return b"* %d EXISTS\r\n" % len(self.mails)
        if found is None:
            return b""
        kind, rest = found.groups()
        number = int(rest.split()[0]) if kind != b"SEARCH" else 0
        if kind == b"SEARCH":
            return b"* SEARCH " + b" ".join(b"%d" % one for one in self.mails if one not in self.seen) + b"\r\n"
        if kind == b"FETCH":
            self.peeked.append(b"PEEK" in rest)
            mail = self.mails[number]
            return b"* 1 FETCH (UID %d BODY[] {%d}\r\n" % (number, len(mail)) + mail + b")\r\n"
        self.seen.add(number)
        return b"* 1 FETCH (FLAGS (\\Seen))\r\n"


def test_taken_mail_is_marked_and_other_mail_is_left() -> None:
    """Each unread mail is shown whole, the newest first; what was taken is marked as read, what was not stays unread for a person."""
    folder = Folder({7: b"Subject: bounce\r\n\r\none\r\n", 9: b"Subject: holiday\r\n\r\ntwo\r\n"})
    shown: list[bytes] = []

    def take(raw: bytes) -> bool:
        """Take bounces."""
        shown.append(raw)
        return b"bounce" in raw

    with serving(folder) as server, imaplib.IMAP4("127.0.0.1", server.port, timeout=5) as line:
        line.state = "AUTH"
        assert unread(line, "INBOX", take) == 1
        assert unread(line, "INBOX", take) == 0
    assert shown == [folder.mails[9], folder.mails[7], folder.mails[9]]
    assert folder.seen == {7}
    assert all(folder.peeked), "to look at a mail must not mark it"


def test_an_empty_folder_is_no_fault() -> None:
    """A folder without unread mail shows nothing."""
    with serving(Folder({})) as server, imaplib.IMAP4("127.0.0.1", server.port, timeout=5) as line:
        line.state = "AUTH"
        assert unread(line, "INBOX", lambda raw: True) == 0
