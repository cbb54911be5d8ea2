"""Two officers at one draft: what the other changed meanwhile, beside what the reader typed. Nothing of either is lost. Pure.

The page carries a short mark of every field as it was first shown. So a field that only the other changed is taken over, and
one that both changed is shown in both forms, for the reader to settle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from console.pages.office.drafts.typed import Typed
from core.i18n import Message, t

LABELS: Mapping[str, Message] = {
    "countries": t("Countries"), "level": t("Level"), "title_zh": t("Title in Chinese"), "body_zh": t("Text in Chinese"),
    "title_en": t("Title in English"), "body_en": t("Text in English"), "url": t("Link"), "places": t("Regions and cities"),
    "employers": t("Companies"), "people": t("People one by one, by their numbers"), "groups": t("Saved groups"), "channels": t("Channels"),
    "ask_safe": t("Ask whether they are safe"), "valid_hours": t("Valid for hours"), "send_at": t("Leaves at"),
    "expire_hours": t("Not sent later than so many hours after"),
}  # fmt: skip
"""The fields of a draft, in the order of the form."""
CUT = 12


@dataclass(frozen=True)
class Difference:
    """One field that the other changed. `both`: the reader changed it too, and theirs stands in the form."""

    name: str
    label: Message
    theirs: str
    yours: str
    both: bool


@dataclass(frozen=True)
class Clash:
    """What the other did. `by`, `at`: who changed it last, and when, as far as it is known."""

    by: str
    at: datetime | None
    differences: tuple[Difference, ...]


def base_of(typed: Typed) -> dict[str, str]:
    """Return the marks of the fields of a form as it is shown."""
    return {name: _mark(getattr(typed, name)) for name in LABELS}


def write_base(base: Mapping[str, str]) -> str:
    """Write marks as one hidden field."""
    return ",".join(base[name] for name in LABELS)


def read_base(text: str) -> dict[str, str]:
    """Read marks back; what somebody made up fits no field, and every field then counts as changed."""
    marks = text.split(",")
    return dict(zip(LABELS, marks, strict=True)) if len(marks) == len(LABELS) else {}


def clash(
    base: Mapping[str, str], yours: Typed, theirs: Typed, last: tuple[str, datetime] | None
) -> tuple[Clash, Typed]:
    """Return what the other changed, and the form that holds both: theirs where only they changed a field, else the reader's."""
    found, kept = [], yours
    for name, label in LABELS.items():
        mine, other = getattr(yours, name), getattr(theirs, name)
        if _mark(other) == base.get(name) or _mark(mine) == _mark(other):
            continue
        both = _mark(mine) != base.get(name)
        found.append(Difference(name, label, _shown(other), _shown(mine), both))
        if not both:
            kept = replace(kept, **{name: other})
    by, at = last or ("", None)
    return Clash(by, at, tuple(found)), kept


def _mark(value: object) -> str:
    """Return a short mark of a value; blank fields, and the order of what is chosen, make no difference."""
    plain = (
        sorted(one for one in value if one) if isinstance(value, tuple) else str(value).replace("\r\n", "\n").strip()
    )
    return sha256(repr(plain).encode()).hexdigest()[:CUT]


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "、".join(str(one) for one in value)
    if isinstance(value, bool):
        return "✓" if value else "–"
    return str(value)
