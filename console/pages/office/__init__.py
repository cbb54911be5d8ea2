"""The console of the office (`/office`): what officers, approvers, administrators and auditors work with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType

from fastapi import FastAPI

from console.pages.application import application
from console.pages.frame import Frame
from console.pages.office import (
    accounts,
    alert,
    companies,
    countries,
    drafts,
    duty,
    ledger,
    people,
    policy,
    settings,
    silences,
    sources,
    texts,
    tonight,
)
from console.pages.office.verifying import Verifying
from console.pages.office.visit import PATH, SignInNeeded, sign_in_first
from core.i18n import Message
from notify.tonight.drafts import Sizes

ROOMS: tuple[ModuleType, ...] = (
    drafts,
    accounts,
    alert,
    countries,
    tonight,
    sources,
    ledger,
    policy,
    silences,
    texts,
    duty,
    settings,
    people,
    companies,
)
"""Each has `routes`, and `DONE` where it says afterwards what was done."""


def mount(app: FastAPI, frame: Frame) -> None:
    """Mount the console into the web application."""
    made = application(frame)
    made.state.done = _done(ROOMS)
    made.state.verifying = Verifying()
    made.state.sizes = Sizes()
    made.add_exception_handler(SignInNeeded, sign_in_first)
    for room in ROOMS:
        made.include_router(room.routes)
    app.mount(PATH, made)


def _done(rooms: Iterable[ModuleType]) -> Mapping[str, Message]:
    return {mark: words for room in rooms for mark, words in getattr(room, "DONE", {}).items()}
