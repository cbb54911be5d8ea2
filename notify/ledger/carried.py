"""What notices carried: the exact words, every attempt with its hash, every outcome and receipt, and the seals over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from core.keys import KeyGone, unseal
from notify.ledger.model import Heard, Look, Notice, Outcome, Tried
from notify.ledger.words import HIDDEN, exact, hashes_of
from notify.ref import fill, reference
from notify.safety.links import Links
from notify.store import ledger as store
from registry import scope
from registry.actors import SYSTEM
from registry.enrol import index_key
from registry.masks import mask_address
from registry.tables import Role

RECEIPT_CONTEXT = "receipt.payload/{id}"


@dataclass(frozen=True)
class Seals:
    """Which seal covers which row."""

    ranges: Mapping[str, Sequence[tuple[int, int, int]]]

    def over(self, table: str, number: int) -> int | None:
        """Return the number of the seal over a row; None: it is not sealed yet."""
        ranges = self.ranges.get(table, ())
        low, high = 0, len(ranges)
        while low < high:
            middle = (low + high) // 2
            if ranges[middle][1] < number:
                low = middle + 1
            else:
                high = middle
        return ranges[low][2] if low < len(ranges) and ranges[low][0] <= number else None


class Carried:
    """What hangs on the notices of one page, read at once."""

    def __init__(
        self, connection: Connection, notices: Sequence[Row[Any]], uids: Mapping[int, str], look: Look, seals: Seals
    ) -> None:
        """Read it.

        Args:
            notices: rows of `delivery`.
            uids: by the number of a version, the instance that sent it.
        """
        ids = sorted({one.id for one in notices})
        self._uids, self._look, self._seals = uids, look, seals
        self._texts = store.texts(connection, sorted({one.text_id for one in notices}))
        self._tried, self._came = store.attempts_of(connection, ids), store.outcomes_of(connection, ids)
        self._heard = store.receipts_of(connection, ids)
        self._merged = store.merged_texts(connection, sorted({one.version_id for one in notices if one.attempts}))
        self._addresses = _addresses(connection, sorted({one.address_id for one in notices}), look)
        people = sorted({word.person_id for words in self._heard.values() for word in words}) if look.raw else []
        self._keys = scope.person_keys(connection, people)
        self._links = None if look.keys is None else Links.under(index_key(connection, look.keys))

    def notice(self, row: Row[Any]) -> Notice:
        """Return one notice with everything that hangs on it."""
        text, uid = self._texts[row.text_id], self._uids.get(row.version_id, "")
        words = exact(text, uid, row.id, HIDDEN)
        code = reference(uid, row.id)
        return Notice(
            delivery_id=row.id, ref=code, channel=row.channel, address=self._addresses.get(row.address_id, ""),
            language=text.language, subject=fill(text.subject, code), body=words.body, state=row.state, reason=row.reason,
            provider=row.provider, provider_status=row.provider_status, provider_id=row.provider_id or "",
            error_code=row.error_code, attempts=row.attempts, doubtful=row.doubtful, people=row.people,
            ground=row.transfer_ground, step=row.step, accepted_at=row.accepted_at, updated_at=row.updated_at,
            tried=tuple(self._attempt(one, self._right(row, text)) for one in self._tried.get(row.id, ())),
            heard=tuple(self._receipt(one) for one in self._heard.get(row.id, ())),
        )  # fmt: skip

    def _right(self, row: Row[Any], text: Any) -> frozenset[str]:
        """Return the hashes an attempt may carry: of its text, or of one with which it carried others before they were taken apart."""
        merged = (one for one in self._merged if one.version_id == row.version_id)
        uid = self._uids.get(row.version_id, "")
        return frozenset().union(*(hashes_of(one, uid, row.id, self._links) for one in (text, *merged)))

    def _attempt(self, row: Row[Any], right: frozenset[str]) -> Tried:
        came = [one for one in self._came.get(row.delivery_id, ()) if one.attempt_id == row.id]
        outcomes = tuple(Outcome(o.outcome, o.by, o.ended_at, o.error_code, o.provider_id or "") for o in came)
        seal = self._seals.over("attempt", row.id)
        return Tried(row.id, row.no, row.started_at, row.body_sha256, row.body_sha256 in right, seal, outcomes)

    def _receipt(self, row: Row[Any]) -> Heard:
        seal = self._seals.over("receipt", row.id)
        return Heard(row.received_at, row.status, row.error_code, row.via, seal, self._raw(row))

    def _raw(self, row: Row[Any]) -> str | None:
        if not self._look.raw or self._look.keys is None:
            return ""
        try:
            key = self._look.keys.unwrap(self._keys.get(row.person_id))
            return unseal(key, row.payload, RECEIPT_CONTEXT.format(id=row.delivery_id))
        except KeyGone:
            return None


def _addresses(connection: Connection, address_ids: Sequence[int], look: Look) -> dict[int, str]:
    """Return addresses as the reader may see them; absent: of an erased person, or of somebody this company does not know."""
    if look.keys is None:
        return {}
    actor = look.acting.actor
    reader = SYSTEM if actor.role == Role.AUDITOR else actor  # shown shortened below, in any case
    found = scope.open_addresses(connection, reader, address_ids, look.keys)
    return found if look.plain else {one: mask_address(value) for one, value in found.items()}
