"""Who may come in: the sign-in, setting up, one's own account, the users, and the audit."""

from __future__ import annotations

from fastapi import APIRouter

from console.pages.office.accounts import audit, door, me, set_up, users

ROOMS = (door, set_up, me, users, audit)
DONE = {**me.DONE, **users.DONE}
routes = APIRouter()
for room in ROOMS:
    routes.include_router(room.routes)
