"""The history of the register as nouns: one row, as it was before and as it is after. Pure."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.clock import iso

Values = Mapping[str, object]
"""Columns of one row by their names."""

CONFIRMED = "confirmed_at"
DOUBLE = "double"
"""In place of a table: what was said of a person and another one who may be the same; the row is that other person."""


@dataclass(frozen=True)
class Change:
    """What was done to one row.

    Attributes:
        table_name: `registrant`, `posting`, `address`, `consent` or `home_contact`; or `double`, see there.
        before: the changed columns; None: there was no row.
        after: the same columns; None: there is no row any more.
    """

    registrant_id: int
    table_name: str
    row_id: int
    before: Values | None
    after: Values | None

    @property
    def only_confirms(self) -> bool:
        """Tell whether somebody only said that all is as it was."""
        return self.before is not None and self.after is not None and set(self.after) == {CONFIRMED}

    def stands(self, now: Values) -> bool:
        """Tell whether a row, as it is now, is still as this change left it. To confirm it anew is no other content."""
        return all(now[name] == value for name, value in (self.after or {}).items() if name != CONFIRMED)


@dataclass(frozen=True)
class PastChange:
    """A change with who made it and when.

    Attributes:
        import_id: the roster that brought it; None: by hand, or by the program itself.
    """

    change_id: int
    change: Change
    import_id: int | None
    at: datetime
    by: str


def between(registrant_id: int, table_name: str, row_id: int, before: Values, after: Values) -> Change:
    """Return the change of a row, with only those columns that differ. What `after` does not name stayed."""
    names = [name for name in after if before[name] != after[name]]
    kept = {name: before[name] for name in names}
    return Change(registrant_id, table_name, row_id, kept, {name: after[name] for name in names})


def to_json(values: Values | None) -> str | None:
    """Write columns as JSON: times and dates as ISO 8601, bytes as base64. None stays None."""
    return None if values is None else json.dumps({name: _plain(value) for name, value in values.items()})


def from_json(text: str | None) -> Values | None:
    """Read what `to_json` wrote; the name of a column tells its type."""
    return None if text is None else {name: _typed(name, value) for name, value in json.loads(text).items()}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _typed(name: str, value: str | None) -> object:
    if value is None:
        return None
    if name.endswith("_at"):
        return datetime.fromisoformat(value)
    if name.startswith("date_"):
        return date.fromisoformat(value)
    return base64.b64decode(value) if name.endswith(("_sealed", "_index")) else value
