"""Countries and regions: the board, and a page for each."""

from __future__ import annotations

from fastapi import APIRouter

from console.pages.office.countries import board, country

routes = APIRouter()
for room in (board, country):
    routes.include_router(room.routes)
