"""The mailbox to which bounces come back: a Maildir on this machine, or a folder at an IMAP server over TLS.

What was read and counted is marked as seen; what is no bounce is left as it is, for a person.
"""

from __future__ import annotations

import imaplib
import mailbox
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from core.errors import WrongSetting
from core.i18n import t

MOST = 1000
"""Unread mails looked at in one go, the newest first: what was left for a person must not hide what comes after it. The next sweep
takes more, for what was taken is marked."""

LARGEST = 2_000_000
TIMEOUT = 30.0
Take = Callable[[bytes], bool]
"""Given a mail as bytes, says whether it was a bounce and has been written down."""


def read(where: str, take: Take) -> int:
    """Show every unread mail to `take`, and mark those it took as seen only after it returned. Returns how many it took.

    Raises:
        WrongSetting: the mailbox is not there, cannot be reached, or refuses us.
    """
    try:
        return _imap(where, take) if "://" in where else _maildir(Path(where).expanduser(), take)
    except (OSError, imaplib.IMAP4.error, mailbox.Error) as error:
        # Neither the address nor the password may stand in a log.
        raise WrongSetting(t("The mailbox of bounces cannot be read: {error}", error=type(error).__name__)) from error


def _maildir(path: Path, take: Take) -> int:
    if not (path / "new").is_dir():
        raise FileNotFoundError(path)
    box = mailbox.Maildir(path, create=False)
    taken = 0
    for key in _unseen(path)[:MOST]:
        try:
            message = box.get_message(key)
        except KeyError:
            continue  # a person, or another process, was first
        if not take(message.as_bytes()):
            continue
        message.set_subdir("cur")
        message.add_flag("S")
        box[key] = message
        taken += 1
    return taken


def _unseen(path: Path) -> list[str]:
    """Return the keys of the unread mails, the newest first: the flags stand behind the colon of a file's name (Maildir)."""
    found = []
    for folder in ("new", "cur"):
        with os.scandir(path / folder) as files:
            for one in files:
                key, _, info = one.name.partition(":")
                if not one.name.startswith(".") and "S" not in info.rpartition(",")[2]:
                    found.append((one.stat().st_mtime, key))
    return [key for _, key in sorted(found, reverse=True)]


def _imap(where: str, take: Take) -> int:
    parts = urlsplit(where)
    if parts.scheme != "imaps" or not parts.hostname:
        raise WrongSetting(t("The mailbox of bounces must be a Maildir, or imaps://user:password@host/INBOX."))
    context = ssl.create_default_context()
    with imaplib.IMAP4_SSL(parts.hostname, parts.port or 993, ssl_context=context, timeout=TIMEOUT) as server:
        server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        return unread(server, parts.path.strip("/") or "INBOX", take)


def unread(server: imaplib.IMAP4, folder: str, take: Take) -> int:
    """Show the unread mails of a folder to `take`, on a line that is logged in; return how many it took."""
    server.select(folder)
    _, found = server.uid("SEARCH", f"UNSEEN SMALLER {LARGEST}")
    taken = 0
    for number in found[0].split()[
        : -MOST - 1 : -1
    ]:  # numbers rise with the time at which mails came (RFC 3501, 2.3.1.1)
        _, answer = server.uid("FETCH", number.decode(), "(BODY.PEEK[])")
        raw = next((part[1] for part in answer if isinstance(part, tuple)), b"")
        if take(raw):
            server.uid("STORE", number.decode(), "+FLAGS", r"(\Seen)")
            taken += 1
    return taken
