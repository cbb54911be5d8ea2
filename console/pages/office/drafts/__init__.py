"""Alerts before they are released: the list, the form with its preview, editing, what was pasted, saved groups."""

from __future__ import annotations

from fastapi import APIRouter

from console.pages.office.drafts import editing, grouping, listing, pasting, previewing, writing
from core.i18n import t

routes = APIRouter()
for room in (listing, writing, previewing, pasting, editing, grouping):
    routes.include_router(room.routes)

DONE = {
    "drafted": t("The draft is written. Nothing is sent yet: look at it, then submit it to a second person."),
    "edited": t("The draft is changed. You are one of its authors now, so that somebody else approves it."),
    "unchanged": t("Nothing was changed: the draft stands as it was."),
    "pasted": t("The notice is kept and this draft was made of it. Nothing is sent yet."),
    "pasted-before": t("Exactly this text was entered before: this is the alert it became."),
    "pasted-nowhere": t("The draft is written, but its title names no country that we know. Name it before it can go anywhere."),
    "grouped": t("The group is saved. Who is in it is counted whenever an alert is sent."),
    "ungrouped": t("The group is removed. Alerts written for it keep it."),
}  # fmt: skip
