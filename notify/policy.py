"""The policy: which change leads to what. Data from a TOML file, validated whole; the first route that fits decides."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, field_validator

from core.errors import WrongSetting
from core.i18n import t
from core.places.finder import resolve
from core.places.names import codes
from notify.rules.faults import in_words
from notify.rules.model import Fault, Rules
from sources.events import EventKind
from sources.model import Advisory, AdvisoryChange, Authority, ChangeKind, Hazard

TEMPLATE_NAME = re.compile("[a-z][a-z0-9-]{0,29}")
POLICIES = Path(__file__).parent / "policies"
TOLD_FROM = 2
"""The tier of a hazard from which it is drafted or sent."""
LevelWord = Literal[1, 2, 3, 4, "unstated", "unknown"]


class Action(StrEnum):
    """What a route does with a change."""

    SEND = "send"
    DRAFT = "draft"
    DIGEST = "digest"
    FOLLOW_UP = "follow-up"
    BRIEF = "brief"


TELLING = frozenset({Action.SEND, Action.DRAFT, Action.FOLLOW_UP})
"""Actions by which somebody is told, or an officer asked. The others keep quiet."""


class Route(BaseModel):
    """One rule: what it fits, and what follows. An absent condition fits everything.

    A route that tells is for a change of which any part is meant by `country`, `not_country` and `hazard`; a route that keeps
    quiet only for one that is meant whole: a notice for two countries is not lost because one of them is to be quiet.

    Attributes:
        country, not_country: ISO codes; a file may name the country in words.
        template: which of the office's own sets of wordings its notices are worded by; empty: the usual one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=80)
    authority: tuple[Authority, ...] = ()
    change: tuple[ChangeKind, ...] = ()
    level: tuple[LevelWord, ...] = ()
    national: bool = False
    acute: bool | None = None
    placed: bool | None = None
    country: tuple[str, ...] = ()
    not_country: tuple[str, ...] = ()
    hazard: tuple[Hazard, ...] = ()
    tier: tuple[int, ...] = ()
    older: Mapping[EventKind, PositiveInt] = Field(default_factory=dict)
    action: Action
    page: bool = False
    every_channel: bool = False
    quiet: bool = True
    doubtful: bool = False
    ask_safe: Literal["never", "when-told-to-leave", "always"] = "never"
    valid: int = Field(1440, ge=5, le=36_000)
    template: str = Field("", pattern=f"^({TEMPLATE_NAME.pattern})?$")

    @field_validator("country", "not_country", "hazard", mode="before")
    @classmethod
    def _is_not_empty(cls, value: Any) -> Any:
        if isinstance(value, list | tuple) and not value:
            raise Fault(t("an empty list could mean nobody or everybody: leave the condition out, or name some"))
        return value

    @field_validator("country", "not_country")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        found: set[str] = set()
        for word in value:
            code = word.strip().upper()
            got = (code,) if code in codes() else resolve(word.strip())
            if not got:
                raise Fault(t("“{word}” is no country or region we know", word=word))
            found.update(got)
        return tuple(sorted(found))

    def fits(self, change: AdvisoryChange, authority: Authority, as_of: datetime | None = None) -> bool:
        """Tell whether this route is for this change, seen in the night `as_of`."""
        advisory = change.advisory
        level = advisory.level_national if self.national else advisory.level
        placed = bool(advisory.countries) or advisory.worldwide
        return (
            not (self.national and _only_a_part_rose(change))
            and (not self.authority or authority in self.authority)
            and (not self.change or change.kind in self.change)
            and (not self.level or level in self.level)
            and (self.acute is None or advisory.acute is self.acute)
            and (self.placed is None or placed is self.placed)
            and self._is_meant(advisory)
            and (not self.tier or advisory.tier in self.tier)
            and (not self.older or _is_late(change, self.older, as_of))
        )

    def _is_meant(self, advisory: Advisory) -> bool:
        tells = self.action in TELLING
        # What is meant for the whole world is never only about the countries it names.
        wide = advisory.worldwide and not tells and bool(self.country or self.not_country)
        return (
            not wide
            and _meant(advisory.countries, self.country, self.not_country, tells=tells)
            and _meant(advisory.hazards, self.hazard, (), tells=tells)
        )


def _meant(has: Sequence[str], wanted: Sequence[str], unwanted: Sequence[str], *, tells: bool) -> bool:
    """Tell whether a change with these countries, or hazards, is meant: any of them for what tells, all for what keeps quiet."""
    if not wanted and not unwanted:
        return True
    if not has:
        return tells and not wanted
    meant = [one for one in has if (not wanted or one in wanted) and one not in unwanted]
    return bool(meant) if tells else len(meant) == len(has)


def _only_a_part_rose(change: AdvisoryChange) -> bool:
    """Tell whether only a region's level moved: the whole country's is what it was, and no country came in."""
    before, after = change.before, change.after
    if before is None or after is None or before.level_national != after.level_national:
        return False
    moved = before.level_regional_max != after.level_regional_max
    return moved and set(after.countries) <= set(before.countries)


def _is_late(change: AdvisoryChange, hours: Mapping[EventKind, int], as_of: datetime | None) -> bool:
    """Tell whether an event that nobody can have been told of began longer ago than the hours given for its kind."""
    event, before = change.advisory.event, change.before
    if event is None or event.at is None or as_of is None or event.kind not in hours:
        return False
    unheard = before is None or (before.tier or 0) < TOLD_FROM
    return unheard and as_of - event.at > timedelta(hours=hours[event.kind])


class Policy(Rules):
    """All routes in order, the rules beside them, and the hash of the text they came from."""

    version: int
    route: tuple[Route, ...] = Field(min_length=1)
    digest: str

    def route_for(self, change: AdvisoryChange, authority: Authority, as_of: datetime | None = None) -> Route:
        """Return the first route that fits; `parse_policy` made sure that there is always one."""
        return next(route for route in self.route if route.fits(change, authority, as_of))


def load_policy(path: Path | None) -> Policy:
    """Read a policy file; None for the shipped default.

    Raises:
        WrongSetting: the file is missing or wrong; the sentence names the route and the field.
    """
    path = path or POLICIES / "policy.toml"
    return parse_policy(read_policy(path), str(path))


def read_policy(path: Path) -> str:
    """Return the text of a policy file.

    Raises:
        WrongSetting: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSetting(t("Policy {path} cannot be read.", path=str(path))) from error


@lru_cache(maxsize=8)
def parse_policy(text: str, name: str) -> Policy:
    """Return the policy that a text is. Two routes never have the same name: it is what a notice came from.

    Args:
        name: of the file or the version, for the sentence.

    Raises:
        WrongSetting: it is wrong; the sentence names the route and the field.
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongSetting(t("Policy {path} is no TOML: {error}", path=name, error=str(error))) from error
    try:
        policy = Policy.model_validate(given | {"digest": hashlib.sha256(text.encode()).hexdigest()})
    except ValidationError as error:
        raise WrongSetting(t("Policy {path}: {faults}", path=name, faults=in_words(given, error))) from error
    names = [route.name for route in policy.route]
    if len(set(names)) < len(names):
        double = next(one for one in names if names.count(one) > 1)
        raise WrongSetting(t("Policy {path}: two routes are named {name}.", path=name, name=double))
    if not _fits_all(policy.route[-1]):
        raise WrongSetting(t("Policy {path}: the last route must fit everything.", path=name))
    return policy


def _fits_all(last: Route) -> bool:
    limits = (
        last.authority,
        last.change,
        last.level,
        last.country,
        last.not_country,
        last.hazard,
        last.tier,
        last.older,
    )
    return not any(limits) and not last.national and last.acute is None and last.placed is None
