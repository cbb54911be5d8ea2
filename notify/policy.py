"""The policy: which change leads to what. Data from a TOML file, validated whole; the first route that fits decides."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from core.errors import WrongSetting
from core.i18n import t
from sources.events import EventKind
from sources.model import AdvisoryChange, Authority, ChangeKind

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


class Route(BaseModel):
    """One rule: what it fits, and what follows. An absent condition fits everything."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=80)
    authority: tuple[Authority, ...] = ()
    change: tuple[ChangeKind, ...] = ()
    level: tuple[LevelWord, ...] = ()
    national: bool = False
    acute: bool | None = None
    placed: bool | None = None
    tier: tuple[int, ...] = ()
    older: Mapping[EventKind, PositiveInt] = Field(default_factory=dict)
    action: Action
    page: bool = False
    every_channel: bool = False
    quiet: bool = True
    doubtful: bool = False
    ask_safe: Literal["never", "when-told-to-leave", "always"] = "never"
    valid: int = Field(1440, ge=5, le=36_000)

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
            and (not self.tier or advisory.tier in self.tier)
            and (not self.older or _is_late(change, self.older, as_of))
        )


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


class Policy(BaseModel):
    """All routes in order, and the hash of the text they came from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    route: tuple[Route, ...] = Field(min_length=1)
    digest: str

    def route_for(self, change: AdvisoryChange, authority: Authority, as_of: datetime | None = None) -> Route:
        """Return the first route that fits; `load_policy` made sure that there is always one."""
        return next(route for route in self.route if route.fits(change, authority, as_of))


def load_policy(path: Path | None) -> Policy:
    """Read a policy file; None for the shipped default. Two routes never have the same name: it is what a notice came from.

    Raises:
        WrongSetting: the file is missing or wrong; the sentence names the route and the field.
    """
    path = path or POLICIES / "policy.toml"
    try:
        text = path.read_text(encoding="utf-8")
        given = tomllib.loads(text)
        policy = Policy.model_validate(given | {"digest": hashlib.sha256(text.encode()).hexdigest()})
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSetting(t("policy_file: {path} cannot be read.", path=path)) from error
    except tomllib.TOMLDecodeError as error:
        raise WrongSetting(t("policy_file: {path} is no TOML: {error}", path=path, error=str(error))) from error
    except ValidationError as error:
        faults = "; ".join(f"{_place(given, e['loc'])}: {e['msg']}" for e in error.errors())
        raise WrongSetting(t("policy_file: {path}: {faults}", path=path, faults=faults)) from error
    names = [route.name for route in policy.route]
    if len(set(names)) < len(names):
        double = next(name for name in names if names.count(name) > 1)
        raise WrongSetting(t("policy_file: {path}: two routes are named {name}.", path=path, name=double))
    last = policy.route[-1]
    limits = (last.authority, last.change, last.level, last.tier, last.older)
    if any(limits) or last.acute is not None or last.placed is not None:
        raise WrongSetting(t("policy_file: {path}: the last route must fit everything.", path=path))
    return policy


def _place(given: Mapping[str, Any], where: Sequence[int | str]) -> str:
    """Name the place of a fault: the route by its name, or by its number from 1 if it has none, and the field."""
    parts = [str(part) for part in where]
    routes = given.get("route")
    if len(where) > 1 and isinstance(where[1], int) and isinstance(routes, list):
        route = routes[where[1]]
        name = route.get("name") if isinstance(route, dict) else None
        parts[1] = str(name or where[1] + 1)
    return ".".join(parts)
