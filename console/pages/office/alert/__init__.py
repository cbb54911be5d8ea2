"""The page of one alert: what can be done now, how it lands, its chain, its record, and the safety board after it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter

from console.pages.office.alert import acts, follow, notices, page, people, release, report, safety, strangers
from core.i18n import Message

_PARTS = (page, acts, release, follow, notices, people, report, safety, strangers)
routes = APIRouter()
DONE: dict[str, Message] = {}
for _part in _PARTS:
    routes.include_router(_part.routes)
    _said: Mapping[str, Message] = getattr(_part, "DONE", {})
    DONE.update(_said)
