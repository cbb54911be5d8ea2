"""`/office/`: what needs a person now; the brief of a day; the bulletin of a week."""

from __future__ import annotations

from fastapi import APIRouter

from console.pages.office.tonight import brief, bulletin, correcting, page

routes = APIRouter()
for room in (page, brief, correcting, bulletin):
    routes.include_router(room.routes)
DONE = bulletin.DONE
