"""`/office/ledger`: is everybody accounted for, the proof of an alert, a person or a company, and do the books hold?"""

from __future__ import annotations

import io
import re
from base64 import b64encode
from hashlib import sha256
from itertools import islice
from typing import Any

from fastapi import APIRouter, BackgroundTasks, Request
from sqlalchemy import Connection
from starlette.responses import Response

from console.media import CSV, XLSX
from console.pages.forms import FieldError, Form, Posted
from console.pages.office.verifying import Verifying, verify
from console.pages.office.visit import Visit, Visitor, go
from core.errors import BadInput, LingbaoError
from core.i18n import t
from notify import proof
from notify.account import accounts, in_words
from notify.ledger.collect import begin
from notify.ledger.model import About, Look
from notify.ledger.proof_file import Format, proof_page, proof_rows, write_table
from notify.ledger.workbook import write_xlsx
from notify.store.ledger import last_seal
from notify.store.proof import released_versions
from registry.employers import find_employer

routes = APIRouter()
SHOWN = 20
"""Versions on the page, the newest first."""
MOST = 20_000
"""Lines of a file that is made for a browser."""
KINDS = {
    Format.CSV: CSV, Format.JSONL: "application/x-ndjson",
    Format.XLSX: XLSX,
}  # fmt: skip
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@routes.get("/ledger")
def ledger_page(request: Request, who: Visitor, alert: str = "", person: str = "") -> Response:
    """Show the latest alerts, each as an equation of people, what is not accounted for, and the last check of the books."""
    return _page(request, who, {"alert": alert[:10], "person": person[:10], "company": ""})


@routes.post("/ledger/proof")
def proof_file(request: Request, who: Visitor, form: Posted) -> Response:
    """Give a proof: a page to print, or a file. Who looked, at what and how, stands in the audit."""
    try:
        return _proof(who, form)
    except LingbaoError as error:
        typed = {name: form.text(name, 80) for name in ("alert", "person", "company")}
        return _page(request, who, typed, [FieldError("alert", error.message)])


@routes.post("/ledger/verify")
def check_books(request: Request, who: Visitor, form: Posted, later: BackgroundTasks) -> Response:
    """Begin to check the books: every seal, every text, every capture. It goes on after the answer."""
    verifying = _verifying(request)
    if verifying.begin(who.now, who.actor.name):
        later.add_task(verify, who.office, verifying)
    return go("/ledger#verify")


@routes.get("/ledger/verify")
def checked(request: Request, who: Visitor) -> Response:
    """Show how far the check is: the part of the page that renews itself."""
    return who.render("ledger/verify.html", verifying=_verifying(request))


def _page(request: Request, who: Visit, typed: dict[str, str], errors: list[FieldError] | None = None) -> Response:
    with who.reading() as connection:
        newest = [(row.id, row.title_zh, row.alert_id) for row in released_versions(connection)[-SHOWN:][::-1]]
        told = accounts(connection, [number for number, _, _ in newest])
        gaps = proof.gaps(connection)
        last = last_seal(connection)
    return who.render(
        "ledger/books.html", 422 if errors else 200, errors=errors or [], typed=typed, gaps=gaps, seal=last,
        told=[(one, title, in_words(one)) for one, (_, title, _) in zip(told, newest, strict=True)],
        verifying=_verifying(request), open_names=who.actor.sees_plain,
    )  # fmt: skip


def _proof(who: Visit, form: Form) -> Response:
    kind = form.text("form", 10)
    if kind not in {one.value for one in Format}:
        raise BadInput(t("Choose from the list."))
    look = Look(who.acting, who.keys, plain="plain" in form and who.actor.sees_plain)
    with who.writing() as connection:
        about = _about(connection, who, form)
        begin(connection, about, look)
        proof.seal(connection, who.now)  # so that every call on the page has its seal
    with who.reading() as connection:
        if kind == Format.HTML:
            return _printed(proof_page(connection, about, look, who.office.name, who.language))
        data = _file(Format(kind), list(islice(proof_rows(connection, about, look), MOST + 1)))
    name = about.subject.replace("/", "-").replace(" ", "-")
    given = {"Content-Disposition": f'attachment; filename="proof-{name}.{kind}"'}
    return Response(data, media_type=KINDS[Format(kind)], headers=given)


def _file(form: Format, rows: list[dict[str, Any]]) -> bytes:
    """Write rows in memory: names and numbers must not lie in clear on a disk, be it for a moment."""
    if len(rows) > MOST:
        raise BadInput(t("More than {most} lines: export them at the command line (lingbao ledger export).", most=MOST))
    if form is Format.XLSX:
        book = io.BytesIO()
        write_xlsx(book, rows)
        return book.getvalue()
    text = io.StringIO(newline="")
    write_table(text, rows, form)
    return text.getvalue().encode("utf-8-sig" if form is Format.CSV else "utf-8")


def _about(connection: Connection, who: Visit, form: Form) -> About:
    numbers = [form.text(name, 10) for name in ("alert", "person")]
    if not all(one.isdecimal() or not one for one in numbers):
        raise BadInput(t("Alert and person are numbers."))
    company = form.text("company", 80)
    if not (any(numbers) or company):
        raise BadInput(
            t("Say whose proof it is: an alert, a person or a company. The whole ledger is exported at the command.")
        )
    alert, person = (int(one) if one else None for one in numbers)
    employer = find_employer(connection, who.actor, company).employer_id if company else None
    return About(alert, person, employer)


def _printed(text: str) -> Response:
    """Return the page of a proof. It holds its own style, which the browser is told to take by its hash (CSP 3, 2.3.1)."""
    style = STYLE.search(text)
    known = "" if style is None else b64encode(sha256(style.group(1).encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{known}'; frame-ancestors 'none'; base-uri 'none'"
    return Response(text, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": policy})


def _verifying(request: Request) -> Verifying:
    found = request.app.state.verifying
    assert isinstance(found, Verifying)
    return found
