"""Who must release: from which size on an alert needs a second person (DESIGN promise 10). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.i18n import Message, t
from notify.rules.model import Approval


@dataclass(frozen=True)
class Size:
    """How large an alert is: people who would be told, its level (None: not stated), and how many countries it names."""

    people: int
    level: int | None
    countries: int


def needs_second(size: Size, approval: Approval) -> Message | None:
    """Return why a second person must release an alert of this size; None if one person is enough."""
    if size.level is not None and size.level >= approval.level:
        return t("A second person must release it: level {level}, and from level {limit} on two are needed.",
                 level=size.level, limit=approval.level)  # fmt: skip
    if size.countries >= approval.countries:
        return t("A second person must release it: {countries} countries, and from {limit} on two are needed.",
                 countries=size.countries, limit=approval.countries)  # fmt: skip
    if size.people >= approval.people:
        return t("A second person must release it: {people} people, and from {limit} on two are needed.",
                 people=size.people, limit=approval.people)  # fmt: skip
    return None
