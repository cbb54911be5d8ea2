"""`/office/sources`: how the sources are, what they said last, and what an officer can do about them."""

from __future__ import annotations

from fastapi import APIRouter

from console.pages.office.sources import acts, captures, card, table

routes = APIRouter()
for room in (table, acts, captures, card):
    routes.include_router(room.routes)
DONE = acts.DONE
