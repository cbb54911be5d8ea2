"""What is wrong in a policy, said to the person who wrote it: the route, the field and the reason. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from pydantic import ValidationError

from core.i18n import Message, t
from notify.rules.model import Fault

_TYPES: Mapping[str, Message] = {
    "missing": t("is missing"), "extra_forbidden": t("there is no such field"),
    "int_type": t("must be a whole number"), "int_parsing": t("must be a whole number"),
    "int_from_float": t("must be a whole number"), "bool_type": t("must be true or false"),
    "bool_parsing": t("must be true or false"), "string_type": t("must be a text in quotation marks"),
    "tuple_type": t("must be a list in brackets"), "dict_type": t("must be a table"), "mapping_type": t("must be a table"),
    "model_type": t("must be a table"), "model_attributes_type": t("must be a table"),
    "string_too_short": t("must not be empty"), "string_pattern_mismatch": t("may only hold small letters, digits and hyphens"),
}  # fmt: skip


def in_words(given: Mapping[str, Any], error: ValidationError) -> Message:
    """Return every fault of a policy as one phrase; `given` is the file as it was read."""
    each_one = error.errors()
    # A list whose only entry is wrong counts as empty too: that would be said beside what is really wrong.
    told = [each for each in each_one if each["type"] != "too_short" or len(each_one) == 1]
    found = [_one(_place(given, each["loc"]), each) for each in told]
    return reduce(lambda one, other: t("{one}; {other}", one=one, other=other), found)


def _one(place: str, each: Any) -> Message:
    return t("{place}: {fault}", place=place, fault=_fault(each)) if place else t("{fault}", fault=_fault(each))


def _fault(each: Any) -> Message | str:
    kind, facts = each["type"], each.get("ctx", {})
    ours = facts.get("error")
    if isinstance(ours, Fault):
        return ours.message
    if kind in {"enum", "literal_error"}:
        return t("must be one of {expected}", expected=str(facts["expected"]).replace(" or ", ", "))
    if kind in {"greater_than_equal", "greater_than"}:
        return t("must be {least} or more", least=facts["ge"] if "ge" in facts else facts["gt"] + 1)
    if kind == "less_than_equal":
        return t("must be {most} or less", most=facts["le"])
    if kind == "too_short":
        return t("must have at least {least} entries", least=facts["min_length"])
    if kind == "string_too_long":
        return t("must have at most {most} characters", most=facts["max_length"])
    return _TYPES.get(kind, str(each["msg"]))


def _place(given: Mapping[str, Any], where: Sequence[int | str]) -> str:
    """Name the place of a fault: the route by its name, or by its number from 1 if it has none, and the field."""
    parts = [str(part) for part in where]
    routes = given.get("route")
    if len(where) > 1 and where[0] == "route" and isinstance(where[1], int) and isinstance(routes, list):
        route = routes[where[1]]
        name = route.get("name") if isinstance(route, dict) else None
        parts[1] = str(name or where[1] + 1)
    return ".".join(parts)
