"""People in the console of the office: found, listed, looked at, put right, erased."""

from __future__ import annotations

from fastapi import APIRouter

from console.pages.office.people import coverage, files, listing, mending, parting, person, reasons
from console.pages.office.people.words import DONE

routes = APIRouter()
for _part in (listing, files, coverage, person, mending, parting, reasons):
    routes.include_router(_part.routes)

__all__ = ["DONE", "routes"]
