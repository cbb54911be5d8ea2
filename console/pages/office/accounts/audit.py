"""`/office/audit`: who did what, when. Nobody can change a line of it; that somebody looked is a line of its own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from console.media import CSV
from console.pages.forms import FieldError, Posted
from console.pages.office.accounts.action_words import families, in_words
from console.pages.office.visit import Reader, Visit
from core.audit import Line, Sought, lines, record
from core.clock import iso
from core.errors import BadInput
from core.i18n import t
from notify.ledger.flat import FORMULA
from registry.cells import visible

routes = APIRouter()
SHOWN, BATCH, MOST_LINES = 100, 5000, 2**62
SUBJECT = re.compile(r"[a-z_]+(/[a-zA-Z0-9_.\-]+)?")
COLUMNS = ("number", "at", "actor", "action", "subject", "detail")


class Asked:
    """What the reader looks for, as typed."""

    def __init__(self, actor: str = "", action: str = "", subject: str = "", day: str = "", before: int = 0) -> None:
        """Cut what was typed to measure. `before`: the lines before that one."""
        self.actor, self.action, self.subject, self.day = (
            visible(one).strip()[:most] for one, most in ((actor, 100), (action, 64), (subject, 200), (day, 10))
        )
        self.before = min(max(before, 0), MOST_LINES)

    def sought(self, zone: str) -> Sought:
        """Return it as a question; a day is one of the office.

        Raises:
            BadInput: the day is none, or the thing has not the form of one.
        """
        if self.subject and not SUBJECT.fullmatch(self.subject):
            raise BadInput(t("What it was done to is written as a kind, or a kind and a number: alert, alert/7."))
        if not self.day:
            return Sought(self.actor, self.action, self.subject)
        try:
            day = date.fromisoformat(self.day)
            if not 2000 <= day.year < 3000:
                raise ValueError(self.day)
        except ValueError as error:
            raise BadInput(t("A day is written as 2026-11-22.")) from error
        since, until = (datetime.combine(one, time(), ZoneInfo(zone)) for one in (day, day + timedelta(days=1)))
        return Sought(self.actor, self.action, self.subject, since, until)

    @property
    def parts(self) -> dict[str, str]:
        """Return what narrows, for the next page and the file."""
        found = {"actor": self.actor, "action": self.action, "subject": self.subject, "day": self.day}
        return {name: value for name, value in found.items() if value}


@routes.get("/audit")
def audit_page(who: Reader, asked: Annotated[Asked, Depends()]) -> Response:
    """Show lines, newest first. Each page that is looked at leaves a line."""
    try:
        sought = asked.sought(who.office.settings.zone)
    except BadInput as error:
        return _page(who, asked, (), [FieldError("day" if asked.day else "subject", error.message)])
    with who.writing() as connection:
        found = lines(connection, sought, before=asked.before, most=SHOWN + 1)
        _looked(who, connection, asked, "audit.view")
    return _page(who, asked, found, [])


@routes.post("/audit/export")
def export(who: Reader, form: Posted) -> Response:
    """Give the lines as a table (CSV). A cell that a spreadsheet would run as a formula gets a quote before it (OWASP)."""
    asked = Asked(form.text("actor"), form.text("action"), form.text("subject"), form.text("day"))
    sought = asked.sought(who.office.settings.zone)
    with who.writing() as connection:
        _looked(who, connection, asked, "audit.export")
    head = {"Content-Disposition": f'attachment; filename="audit-{who.day.isoformat()}.csv"'}
    return StreamingResponse(_table(who, sought), media_type=CSV, headers=head)


def _table(who: Visit, sought: Sought) -> Iterator[bytes]:
    """Yield the file part by part: an audit of years does not lie in memory."""
    yield "\ufeff".encode() + _rows([COLUMNS])
    before = 0
    while True:
        with who.reading() as connection:
            found = lines(connection, sought, before=before, most=BATCH)
        if not found:
            return
        yield _rows([_cells(one) for one in found])
        before = found[-1].number


def _cells(one: Line) -> tuple[str, ...]:
    texts = (str(one.number), iso(one.at) or "", one.actor, one.action, one.subject, one.detail)
    return tuple(f"'{text}" if text[:1] in FORMULA else text for text in texts)


def _rows(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _looked(who: Visit, connection: Connection, asked: Asked, action: str) -> None:
    """Write who looked for what; a name only if it is in the audit already, for anything may be typed."""
    told = {name: value for name, value in asked.parts.items() if name != "actor"}
    if asked.actor and lines(connection, Sought(asked.actor), most=1):
        told["actor"] = asked.actor
    detail = " ".join(f"{name}={value}" for name, value in told.items())
    record(connection, actor=who.actor.name, action=action, subject="audit", now=who.now, detail=detail)


def _page(who: Visit, asked: Asked, found: Sequence[Line], errors: list[FieldError]) -> Response:
    older = "?" + urlencode(asked.parts | {"before": str(found[SHOWN - 1].number)}) if len(found) > SHOWN else ""
    return who.render(
        "accounts/audit.html", 422 if errors else 200, errors=errors, asked=asked, older=older, families=families(),
        found=[(one, in_words(one.action)) for one in found[:SHOWN]],
    )  # fmt: skip
