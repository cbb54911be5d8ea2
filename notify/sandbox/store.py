"""What reached the sandbox, in a SQLite file of its own.

A row is handed to the operating system before the provider answers, so it outlives a kill of this process (not a
power cut: nothing here is worth an fsync). Rows that arrive in one turn of the event loop share one transaction.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from core.errors import NotFound
from core.i18n import t
from notify.sandbox.life import Message
from notify.sandbox.life_call import Call
from notify.sandbox.records import Called, Mail, Query, Stats
from notify.sandbox.store_rows import call_of, call_row, from_row, to_row, utc, where_of

FILE_NAME = "sandbox.db"
SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    seq INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE, recipient TEXT NOT NULL, sender TEXT NOT NULL, service TEXT
    NOT NULL, body TEXT NOT NULL, created REAL NOT NULL, parts INTEGER NOT NULL, first TEXT NOT NULL, step REAL NOT
    NULL, held REAL NOT NULL, wait REAL NOT NULL, validity INTEGER NOT NULL, outcome TEXT NOT NULL, error INTEGER
    NOT NULL, callback TEXT NOT NULL, canceled REAL, sent REAL);
CREATE INDEX IF NOT EXISTS message_recipient ON message (recipient);
CREATE TABLE IF NOT EXISTS call (
    seq INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE, recipient TEXT NOT NULL, sender TEXT NOT NULL, created REAL NOT
    NULL, rest TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS call_recipient ON call (recipient);
CREATE TABLE IF NOT EXISTS mail (
    seq INTEGER PRIMARY KEY, received REAL NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, message_id TEXT
    NOT NULL, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS callback (
    seq INTEGER PRIMARY KEY, sid TEXT NOT NULL, url TEXT NOT NULL, status TEXT NOT NULL, at REAL NOT NULL,
    outcome TEXT NOT NULL);
"""
ADD_MESSAGE = "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ADD_CALL = "INSERT INTO call VALUES (?, ?, ?, ?, ?, ?)"
ADD_MAIL = "INSERT INTO mail (received, sender, recipients, message_id, raw) VALUES (?, ?, ?, ?, ?)"
ADD_CALLBACK = "INSERT INTO callback (sid, url, status, at, outcome) VALUES (?, ?, ?, ?, ?)"
STATS = """
SELECT (SELECT COUNT(*) FROM message WHERE first <> 'received'),
    (SELECT COUNT(*) FROM (SELECT DISTINCT recipient, body FROM message WHERE first <> 'received')),
    (SELECT COUNT(*) FROM message WHERE first = 'received'),
    (SELECT COUNT(*) FROM mail),
    (SELECT COUNT(*) FROM (SELECT DISTINCT message_id, recipients FROM mail)),
    (SELECT COUNT(*) FROM callback),
    (SELECT COUNT(*) FROM callback WHERE outcome = 'refused'),
    (SELECT COUNT(*) FROM call),
    (SELECT COUNT(*) FROM (SELECT DISTINCT recipient, json_extract(rest, '$.said') FROM call))
"""


class Store:
    """The file of one sandbox. Used from one event loop only."""

    def __init__(self, directory: Path) -> None:
        """Open the store in `directory`, or make it."""
        directory.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(directory / FILE_NAME, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)
        self._waiting: list[tuple[str, tuple[object, ...], asyncio.Future[None]]] = []
        self._last = self._number(
            "SELECT MAX(COALESCE((SELECT MAX(seq) FROM message), 0), COALESCE((SELECT MAX(seq) FROM call), 0))"
        )

    def close(self) -> None:
        """Write what is waiting, and close the file."""
        self._flush()
        self._db.close()

    def next_number(self) -> int:
        """Return the running number of the next message."""
        self._last += 1
        return self._last

    async def add(self, message: Message) -> None:
        """Keep a message. Returns when it would survive a kill of this process."""
        await self._write(ADD_MESSAGE, to_row(message))

    async def add_call(self, call: Call) -> None:
        """Keep a call. Returns when it would survive a kill of this process."""
        await self._write(ADD_CALL, call_row(call))

    async def add_mail(self, mail: Mail) -> None:
        """Keep a mail. Returns when it would survive a kill of this process."""
        row = (mail.received.timestamp(), mail.sender, json.dumps(mail.recipients), mail.message_id, mail.raw)
        await self._write(ADD_MAIL, row)

    async def add_callback(self, called: Called) -> None:
        """Note what became of a status callback."""
        await self._write(ADD_CALLBACK, (called.sid, called.url, called.status, called.at.timestamp(), called.outcome))

    def cancel(self, sid: str, at: datetime) -> None:
        """Note that a message was canceled."""
        self._db.execute("UPDATE message SET canceled = ?, sent = NULL WHERE sid = ?", (at.timestamp(), sid))

    def find(self, sid: str) -> Message:
        """Return one message.

        Raises:
            NotFound: there is none with this sid.
        """
        row = self._db.execute("SELECT * FROM message WHERE sid = ?", (sid,)).fetchone()
        if row is None:
            raise NotFound(t("The sandbox has no message {sid}.", sid=sid))
        return from_row(row)

    def messages(self, query: Query) -> list[Message]:
        """Return the messages that `query` asks for, newest first."""
        where, values = where_of(query)
        order = "ASC" if query.after else "DESC"
        sql = f"SELECT * FROM message WHERE {where} ORDER BY seq {order} LIMIT ? OFFSET ?"  # noqa: S608 - fixed parts only
        rows = self._db.execute(sql, [*values, query.limit, query.skip]).fetchall()
        return [from_row(row) for row in (reversed(rows) if query.after else rows)]

    def find_call(self, sid: str) -> Call:
        """Return one call.

        Raises:
            NotFound: there is none with this sid.
        """
        row = self._db.execute("SELECT * FROM call WHERE sid = ?", (sid,)).fetchone()
        if row is None:
            raise NotFound(t("The sandbox has no call {sid}.", sid=sid))
        return call_of(row)

    def calls(self, query: Query) -> list[Call]:
        """Return the calls that `query` asks for, newest first; of its bounds of time none is heeded."""
        where, values = where_of(replace(query, sent_from=None, sent_until=None))
        order = "ASC" if query.after else "DESC"
        sql = f"SELECT * FROM call WHERE {where} ORDER BY seq {order} LIMIT ? OFFSET ?"  # noqa: S608 - fixed parts only
        rows = self._db.execute(sql, [*values, query.limit, query.skip]).fetchall()
        return [call_of(row) for row in (reversed(rows) if query.after else rows)]

    def mails(self, newest: int = -1) -> list[Mail]:
        """Return the `newest` mails, the newest first; every mail if it is negative."""
        sql = "SELECT received, sender, recipients, message_id, raw FROM mail ORDER BY seq DESC LIMIT ?"
        rows = self._db.execute(sql, (newest,))
        return [Mail(utc(at), sender, tuple(json.loads(to)), mid, raw) for at, sender, to, mid, raw in rows]

    def callbacks(self) -> list[Called]:
        """Return every status callback, oldest first."""
        rows = self._db.execute("SELECT sid, url, status, at, outcome FROM callback ORDER BY seq")
        return [Called(sid, url, status, utc(at), outcome) for sid, url, status, at, outcome in rows]

    def replies(self) -> list[Message]:
        """Return the inbound messages, oldest first."""
        rows = self._db.execute("SELECT * FROM message WHERE first = 'received' ORDER BY seq")
        return [from_row(row) for row in rows]

    def stats(self) -> Stats:
        """Count what reached the sandbox."""
        found = self._db.execute(STATS).fetchone()
        messages, distinct, inbound, mail, distinct_mail, callbacks, refused, calls, distinct_calls = found
        return Stats(
            messages, distinct, messages - distinct, inbound, mail, mail - distinct_mail, callbacks, refused, calls,
            calls - distinct_calls,
        )  # fmt: skip

    def clear(self) -> None:
        """Forget everything, and begin to count messages anew."""
        self._flush()
        for table in ("message", "call", "mail", "callback"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - fixed names
        self._last = 0

    async def _write(self, sql: str, row: tuple[object, ...]) -> None:
        loop = asyncio.get_running_loop()
        written = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._flush)
        self._waiting.append((sql, row, written))
        await written

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            self._commit(waiting)
        except sqlite3.Error as error:
            for _, _, written in waiting:
                if not written.done():
                    written.set_exception(error)
            return
        for _, _, written in waiting:
            if not written.done():
                written.set_result(None)

    def _commit(self, waiting: Iterable[tuple[str, tuple[object, ...], asyncio.Future[None]]]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for sql, row, _ in waiting:
                self._db.execute(sql, row)
        except sqlite3.Error:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _number(self, sql: str) -> int:
        return int(self._db.execute(sql).fetchone()[0])
