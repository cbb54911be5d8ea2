"""The rules that a policy sets beside its routes, with the values that hold where it says nothing. Pure."""

from __future__ import annotations

from datetime import time

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.i18n import Message, t
from notify.quiet import Night


class Fault(ValueError):
    """A value of a policy makes no sense; `message` says why, in both languages."""

    def __init__(self, message: Message) -> None:
        """Keep the sentence."""
        super().__init__(str(message))
        self.message = message


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Approval(_Table):
    """From what size on a second person must release (DESIGN promise 10). The default: always.

    Attributes:
        people: from so many people on; 0: always.
        level: from this level on.
        countries: from so many countries on.
    """

    people: int = Field(0, ge=0)
    level: int = Field(4, ge=1, le=4)
    countries: int = Field(3, ge=1)


class Repeat(_Table):
    """The same level of the same situation is not told again by rule to the same person within `interval` hours; 0: it is.

    Attributes:
        even_4: level 4 too; without it, level 4 is always told again.
    """

    interval: int = Field(0, ge=0, le=720)
    even_4: bool = False


class Caps(_Table):
    """How many notices of alerts a person gets by rule on one day of the office; 0: no cap. Level 4 is never capped."""

    per_day: int = Field(0, ge=0, le=100)


class Quiet(_Table):
    """The night in which people are not woken, in whole hours where they are.

    Attributes:
        broken_by: an officer's notice of this level or above breaks it; 5: none does. A route says for itself by `quiet`.
    """

    begins: int = Field(22, ge=0, le=23)
    ends: int = Field(7, ge=0, le=23)
    broken_by: int = Field(4, ge=1, le=5)

    @model_validator(mode="after")
    def _is_a_night(self) -> Quiet:
        if self.begins == self.ends:
            raise Fault(t("the night must not end at the hour it begins"))
        return self

    @property
    def night(self) -> Night:
        """Return the night."""
        return Night(time(self.begins), time(self.ends))


class Inhibit(_Table):
    """Higher mutes lower: who was told of a situation is not told by rule of a lower level of the same situation.

    Attributes:
        steps: how many levels higher the one must be. A level that is not stated is neither higher nor lower.
    """

    on: bool = True
    steps: int = Field(1, ge=1, le=3)


class Rules(BaseModel):
    """All rules of a policy that are not routes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    approval: Approval = Field(default_factory=Approval)
    repeat: Repeat = Field(default_factory=Repeat)
    caps: Caps = Field(default_factory=Caps)
    quiet: Quiet = Field(default_factory=Quiet)
    inhibit: Inhibit = Field(default_factory=Inhibit)
