"""`/rosters`: a list of people compared with the register, applied, looked at again, and taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Connection, Row

from console.api import models, views
from console.api.call import Call, Caller
from console.api.described import refusals
from console.api.ids import Kind
from console.api.once import Key, MaybeKey, once
from console.api.problems import Answer, Problem, not_found
from console.api.upload import ENDINGS, FORM, Upload, read_upload
from core.database import reading
from core.errors import BadInput, NotAllowed
from core.i18n import t
from notify.store.references import NOTICES
from registry.accounts.store import roster_import
from registry.employers import own_employer
from registry.roster.apply import import_roster, preview_roster
from registry.roster.check import check_roster
from registry.roster.report import RosterReport
from registry.roster.undo import imports_of, undo_import
from registry.roster.whose import OtherCompany

routes = APIRouter(tags=["rosters"])
RosterId = Annotated[str, Path(description="Id of a roster that was applied.")]
FILE: dict[str, Any] = {"type": "string", "format": "binary"}
BODY = {
    "required": True,
    "content": {kind: {"schema": FILE} for kind in ENDINGS}
    | {FORM: {"schema": {"type": "object", "properties": {"file": FILE}, "required": ["file"]}}},
}


@routes.post(
    "/rosters", responses=refusals(409, 413, 415) | {201: {"description": "Applied.", "model": models.RosterAnswer}},
    openapi_extra={"requestBody": BODY},
)  # fmt: skip
async def upload(
    call: Caller, request: Request, response: Response, key: MaybeKey = "",
    apply: Annotated[bool, Query(description="Write it. Without: only tell what would be done.")] = False,
    full: Annotated[bool, Query(description="The list is of everybody: whoever is not on it is asked about.")] = False,
) -> models.RosterAnswer:  # fmt: skip
    """Compare a roster (.xlsx, .xls, .csv; at most 20 MB) with the register, and with `apply` write it (then 201).

    The answer tells of every row that is not simply accepted: where, what was read, and what to do. Refused rows are left out,
    all others are written. The same file twice changes nothing.
    """
    if apply and not key:
        raise Problem(400, "key", t("Applying a roster needs the header Idempotency-Key."))
    file = await read_upload(request)
    if not apply:
        return await run_in_threadpool(_preview, call, file, full=full)
    response.status_code = 201
    return await run_in_threadpool(_apply, call, file, key, full=full)


@routes.get("/rosters/{id}", responses=refusals())
def one_roster(call: Caller, id: RosterId) -> models.Roster:
    """Return a roster that was applied, with its counts."""
    with reading(call.office.engine) as connection:
        return views.roster(_own(connection, call, call.ids.read(Kind.ROSTER, id)), call.ids)


@routes.post("/rosters/{id}/undo", status_code=201, responses=refusals(409))
def undo(call: Caller, id: RosterId, key: Key) -> models.Roster:
    """Take a roster back: the register is as it was before. Only the newest one, and only while nobody changed its people."""
    number = call.ids.read(Kind.ROSTER, id)

    def work(connection: Connection, now: datetime) -> int:
        _refuse_undo(connection, call, _own(connection, call, number))
        try:
            return undo_import(connection, call.actor, number, notices=NOTICES, now=now).import_id
        except NotAllowed as error:
            raise Problem(
                409,
                "office-only",
                t("The office imported this roster, or its people were sent notices: ask the office to undo it."),
            ) from error
        except BadInput as error:  # its sentence names rows
            raise Problem(
                409, "changed", t("People of this roster were changed since. It cannot be undone.")
            ) from error

    once(call, key, ["POST /rosters/undo", str(number)], work)
    with reading(call.office.engine) as connection:
        return views.roster(_own(connection, call, number), call.ids)


def _refuse_undo(connection: Connection, call: Call, row: Row[Any]) -> None:
    if row.undone_at is not None:
        raise Problem(409, "undone", t("This roster is undone already."))
    newest = imports_of(connection, call.actor, call.employer_id)[0].import_id
    if newest != row.id:
        answer = Answer(more={"newest": call.ids.show(Kind.ROSTER, newest)})
        raise Problem(409, "not-newest", t("Only the newest roster can be undone; `newest` names it."), answer)


def _own(connection: Connection, call: Call, number: int) -> Row[Any]:
    """Return the line of a roster of this company.

    Raises:
        Problem: there is none, or it is another company's.
    """
    row = roster_import(connection, number)
    if row is None or row.employer_id != call.employer_id:
        raise not_found()
    return row


def _check(call: Call, file: Upload, moment: datetime) -> RosterReport:
    try:
        return check_roster(file.data, file.name, call.day(moment))
    except BadInput as error:
        raise Problem(422, "unreadable-file", error.message) from error


def _preview(call: Call, file: Upload, *, full: bool) -> models.RosterAnswer:
    report = _check(call, file, call.now)
    with reading(call.office.engine) as connection:
        employer = own_employer(connection, call.actor)
        plan = preview_roster(connection, call.actor, employer, report, index_key=call.index_key, full=full)
    return views.roster_answer(report, plan.counts(), call, full=full, roster=None, plan=plan)


def _apply(call: Call, file: Upload, key: str, *, full: bool) -> models.RosterAnswer:
    # Outside the transaction: nobody shall wait while a long list is read.
    report = _check(call, file, call.now)

    def work(connection: Connection, moment: datetime) -> int:
        employer = own_employer(connection, call.actor)
        try:
            return import_roster(
                connection, call.actor, employer, report, keys=call.office.keys, index_key=call.index_key, now=moment,
                full=full,
            ).import_id  # fmt: skip
        except OtherCompany as error:
            raise Problem(409, "other-company", error.message) from error

    done = once(call, key, ["POST /rosters", str(full), file.name, file.data], work)
    if done.repeated:
        report = _check(call, file, done.at)
    with reading(call.office.engine) as connection:
        row = _own(connection, call, done.result)
    shown = call.ids.show(Kind.ROSTER, row.id)
    return views.roster_answer(report, views.people_counts(row), call, full=full, roster=shown, plan=None)
