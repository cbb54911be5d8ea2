"""The check of the books: every seal recomputed, every attempt's hash against its text, every capture against its hash."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from gzip import BadGzipFile
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row

from core import chain
from core.chain import Fault
from notify.keeping.store import dropped_before
from notify.ledger.words import hashes_of
from notify.safety.links import Links
from notify.store import ledger as store
from notify.store.alerts import instance
from notify.store.proof import CHAINED
from sources.archive import Archive


@dataclass(frozen=True)
class WrongText:
    """An attempt whose hash is not that of the text of its notice; or, `missing`, one whose text is gone."""

    attempt_id: int
    delivery_id: int
    alert_id: int | None
    missing: bool


@dataclass(frozen=True)
class WrongCapture:
    """A capture whose bytes are not those of its hash; or, `missing`, are not there."""

    capture_id: int
    source_id: str
    sha256: str
    missing: bool


@dataclass(frozen=True)
class Checked:
    """What was looked at, in numbers, and what does not hold.

    Attributes:
        rows: sealed rows by table. `unsealed`: rows no seal covers yet.
        texts: attempts whose text was put together again and hashed. `captures`: bodies that were hashed.
        let_go: captures whose bytes were deleted when their time was over, as the audit says; no alert rests on them.
    """

    seals: int
    rows: Mapping[str, int]
    unsealed: int
    texts: int
    captures: int
    faults: tuple[Fault, ...] = ()
    wrong_texts: tuple[WrongText, ...] = ()
    wrong_captures: tuple[WrongCapture, ...] = ()
    let_go: int = 0

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        return not (self.faults or self.wrong_texts or self.wrong_captures)


@dataclass
class _Count:
    done: int = 0
    let_go: int = 0
    wrong_texts: list[WrongText] = field(default_factory=list)
    wrong_captures: list[WrongCapture] = field(default_factory=list)


def check(
    connection: Connection, archive: Archive, *, links: Links | None = None, all_captures: bool = False
) -> Checked:
    """Check everything; changes nothing. Works the same after people are erased: the chain runs over ciphertext.

    Args:
        links: makes the personal links that notices may have carried; without it those do not hold.
        all_captures: every capture that was ever kept, instead of those that released alerts rest on.
    """
    faults = tuple(chain.verify(connection, CHAINED))
    rows, unsealed = store.sealed_rows(connection, CHAINED)
    texts = _texts(connection, links)
    bodies = _captures(connection, archive, all_captures=all_captures)
    last = store.last_seal(connection)
    return Checked(
        0 if last is None else last.id, rows, unsealed, texts.done, bodies.done, faults, tuple(texts.wrong_texts),
        tuple(bodies.wrong_captures), bodies.let_go,
    )  # fmt: skip


def _texts(connection: Connection, links: Links | None) -> _Count:
    count, last, here = _Count(), 0, instance(connection).uid
    while page := store.sent_texts(connection, last):
        last = page[-1].id
        known = store.texts(connection, sorted({row.text_id for row in page if row.text_id is not None}))
        for row in page:
            text = known.get(row.text_id)
            if text is None or row.instance_uid is None:
                count.wrong_texts.append(WrongText(row.id, row.delivery_id, row.alert_id, missing=True))
                continue
            count.done += 1
            # What the last gate refused because the alert is another instance's carries our reference.
            uids = {row.instance_uid, here}
            right = any(row.body_sha256 in hashes_of(text, uid, row.delivery_id, links) for uid in uids)
            if not right and not _was_merged(connection, row):
                count.wrong_texts.append(WrongText(row.id, row.delivery_id, row.alert_id, missing=False))
    return count


def _was_merged(connection: Connection, row: Row[Any]) -> bool:
    """Tell whether an attempt was made with the text of a merged notice that was taken apart since."""
    texts = store.merged_texts(connection, [row.version_id])
    return any(row.body_sha256 in hashes_of(one, row.instance_uid, row.delivery_id, None) for one in texts)


def _captures(connection: Connection, archive: Archive, *, all_captures: bool) -> _Count:
    count = _Count()
    rests = {row.id for row in store.captures(connection, behind_alerts=True)} if all_captures else set()
    dropped = dropped_before(connection)
    for row in store.captures(connection, behind_alerts=not all_captures):
        count.done += 1
        try:
            right = sha256(archive.get(row.sha256)).hexdigest() == row.sha256
        except FileNotFoundError:
            if all_captures and row.id not in rests and dropped is not None and row.fetched_at < dropped:
                count.let_go += 1
                continue
            count.wrong_captures.append(WrongCapture(row.id, row.source_id, row.sha256, missing=True))
            continue
        except (BadGzipFile, EOFError, zlib.error):
            right = False
        if not right:
            count.wrong_captures.append(WrongCapture(row.id, row.source_id, row.sha256, missing=False))
    return count
