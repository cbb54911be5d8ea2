"""Companies in the console of the office: listed, looked at, written down, invited."""

from __future__ import annotations

from fastapi import APIRouter

from console.pages.office.companies import company, doubles, listing
from console.pages.office.companies.words import DONE

routes = APIRouter()
for _part in (listing, company, doubles):
    routes.include_router(_part.routes)

__all__ = ["DONE", "routes"]
