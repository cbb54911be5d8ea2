"""The pages of residents: they register themselves, see and change what is kept of them, and leave; without an officer."""

from __future__ import annotations

from fastapi import FastAPI

from console.pages.application import application
from console.pages.frame import Frame
from console.pages.resident import companions, digest, mine, parting, proving, signup, stays, ways
from console.pages.resident.errands import Errands
from console.pages.resident.visiting import NoVisit

PATH = "/register"


def mount(app: FastAPI, frame: Frame) -> None:
    """Hang the pages of residents into the application."""
    made = application(frame)
    made.state.errands = Errands()
    made.add_exception_handler(NoVisit, proving.no_visit)
    for part in (signup, mine, stays, ways, companions, parting, digest, proving):
        made.include_router(part.routes)
    app.mount(PATH, made)
