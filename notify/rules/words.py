"""The words in which rules are shown: a route, its conditions and what follows; a silence and how it stands. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.i18n import Language, Message, t
from core.places.names import display
from notify.policy import Action, Route
from notify.rules.tables import Silence
from sources.difference import HAZARDS
from sources.model import Authority, ChangeKind, Hazard

ACTIONS = {
    Action.SEND: t("send by rule"), Action.DRAFT: t("draft for an officer"),
    Action.DIGEST: t("digest and weekly bulletin only"), Action.FOLLOW_UP: t("follow-up to those who were told"),
    Action.BRIEF: t("morning brief only"),
}  # fmt: skip
FIELDS = {
    "authority": t("said by"), "change": t("change"), "level": t("level"), "national": t("national level only"),
    "acute": t("something is happening"), "placed": t("a country is named"), "country": t("countries"),
    "not_country": t("all countries but"), "hazard": t("kind of danger"), "tier": t("tier"), "older": t("older than, hours"),
    "page": t("calls the duty officer"), "every_channel": t("every channel"), "quiet": t("keeps quiet hours"),
    "doubtful": t("the doubtful too"), "ask_safe": t("asks whether safe"), "valid": t("valid for minutes"),
    "template": t("worded by"),
}  # fmt: skip
CONDITIONS = tuple(FIELDS)[:11]
_VALUES: dict[object, Message] = {
    True: t("yes"), False: t("no"), Authority.HOME: t("home authorities"), Authority.HAZARD: t("hazard feeds"),
    Authority.PEER: t("other governments"), ChangeKind.NEW: t("new"), ChangeKind.RAISED: t("raised"),
    ChangeKind.LOWERED: t("lowered"), ChangeKind.REWORDED: t("reworded"), ChangeKind.TOUCHED: t("date moved"),
    ChangeKind.WITHDRAWN: t("withdrawn"), ChangeKind.EXPIRED: t("expired"), "unstated": t("unstated"),
    "unknown": t("not understood"), "always": t("always"), "never": t("no"),
    "when-told-to-leave": t("when told to leave"),
}  # fmt: skip


def told(route: Route, language: Language) -> tuple[str, str]:
    """Return what a route is for, and how it tells, as far as its file says so: two phrases, the first empty for everything."""
    said = [name for name in FIELDS if name in route.model_fields_set]
    parts = {name: f"{FIELDS[name].render(language)} {value(name, getattr(route, name), language)}" for name in said}
    gap = "；" if language == "zh" else "; "
    return (
        gap.join(words for name, words in parts.items() if name in CONDITIONS),
        gap.join(words for name, words in parts.items() if name not in CONDITIONS),
    )


def value(name: str, one: Any, language: Language) -> str:
    """Return the value of a field of a route in words."""
    if isinstance(one, tuple):
        return "/".join(value(name, each, language) for each in one)
    if isinstance(one, dict):
        return ", ".join(f"{key} {number}" for key, number in one.items())
    if name in {"country", "not_country"}:
        return display(one, language)
    # By type too: `True` is 1 for a dictionary, and level 1 is no yes.
    known = HAZARDS.get(one) if name == "hazard" else _VALUES.get(one) if isinstance(one, str | bool) else None
    return str(one) if known is None else known.render(language)


def state_of(one: Silence, now: datetime) -> Message:
    """Say how a silence stands."""
    if one.ended_at is not None:
        return t("ended early")
    if one.ends_at <= now:
        return t("ran out")
    if one.begins_at > now:
        return t("not begun yet")
    if one.even_4 and one.agreed_at is None:
        return t("holds; level 4 waits for a second person")
    return t("holds, even for level 4") if one.even_4 else t("holds")


def conditions(one: Silence, language: Language) -> str:
    """Return what a silence keeps quiet, in one phrase."""
    places = [display(code, language) for code in one.countries]
    hazards = [HAZARDS[Hazard(name)].render(language) for name in one.hazards]
    return ", ".join([*places, *hazards, *one.sources, *one.routes])
