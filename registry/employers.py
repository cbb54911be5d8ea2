"""Employers (派出单位): added by the office, found by their code."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from core.audit import record
from core.errors import BadInput, NotFound
from core.i18n import t
from registry.accounts import store
from registry.actors import Actor, require_office
from registry.tables import Role

# GB 32100-2015, section 4: 31 characters (no I, O, S, V, Z), weights 3^(i-1) mod 31.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_CODE = re.compile(r"[0-9A-Z]{18}")
# A spreadsheet shows 91370600… as 9.137E+17, and keeps 15 digits of it: the last three are noughts.
ROUNDED = re.compile(r"\d(?:\.\d+)?E\+?\d+|\d{15}000")
OFFICE_CODE = re.compile(r"[\w.\-]{2,40}")


@dataclass(frozen=True)
class EmployerView:
    """An employer as the register holds it. `verified_at`: when the office checked that it is who it says; None: not yet."""

    employer_id: int
    code: str
    name: str
    district: str
    sector: str
    verified_at: datetime | None = None


def check_code(text: str) -> str:
    """Return a code in its one form. Eighteen letters and digits must be a right unified social credit code. Pure.

    Raises:
        BadInput: it is no code, or its check character is wrong.
    """
    code = unicodedata.normalize("NFKC", text).strip().upper()
    if CREDIT_CODE.fullmatch(code):
        return check_credit_code(code)
    if not OFFICE_CODE.fullmatch(code):
        raise BadInput(t("{code} is no code of an employer: 2 to 40 letters, digits, dots, hyphens.", code=text))
    return code


def check_credit_code(text: str) -> str:
    """Return a unified social credit code in its one form, blanks and apostrophes taken out. Pure.

    Raises:
        BadInput: it is none, its check character is wrong, or a spreadsheet has rounded it.
    """
    code = "".join(unicodedata.normalize("NFKC", text).split()).strip("'").upper()
    if ROUNDED.fullmatch(code):
        raise BadInput(t("Digits were lost in the spreadsheet. Format the column as text and type the code again."))
    if not CREDIT_CODE.fullmatch(code):
        raise BadInput(t("{code} is no unified social credit code: it has 18 letters and digits.", code=code[:40]))
    if set(code) - set(ALPHABET) or check_character(code[:17]) != code[17]:
        raise BadInput(t("{code} is no unified social credit code: its check character is wrong.", code=code))
    return code


def check_character(body: str) -> str:
    """Return the last character that belongs to the first 17 of a unified social credit code (GB 32100-2015). Pure."""
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(body))
    return ALPHABET[-total % 31]


def add_employer(
    connection: Connection, actor: Actor, *, code: str, name: str, now: datetime, district: str = "", sector: str = ""
) -> int:
    """Write an employer; return its id.

    Raises:
        NotAllowed: the actor is not the office.
        BadInput: the code is none or taken, or the name is empty.
    """
    require_office(actor)
    plain = check_code(code)
    if not name.strip():
        raise BadInput(t("The name of the employer is missing."))
    if store.employer_coded(connection, plain) is not None:
        raise BadInput(t("There is an employer with code {code} already.", code=plain))
    employer_id = store.insert_employer(
        connection,
        code=plain,
        name=name.strip(),
        district=district,
        sector=sector,
        created_at=now,
        created_by=actor.name,
    )
    record(connection, actor=actor.name, action="employer.add", subject=f"employer/{employer_id}", now=now)
    return employer_id


def find_employer(connection: Connection, actor: Actor, code: str) -> EmployerView:
    """Return the employer of a code. For a company all others do not exist.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    row = store.employer_coded(connection, unicodedata.normalize("NFKC", code).strip().upper())
    if row is None or not _seen(actor, row):
        raise NotFound(t("There is no employer with code {code}.", code=code))
    return _view(row)


def employer_numbered(connection: Connection, actor: Actor, employer_id: int) -> EmployerView:
    """Return the employer of a number. For a company all others do not exist.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    row = store.employer(connection, employer_id)
    if row is None or not _seen(actor, row):
        raise NotFound(t("There is no company {number}.", number=employer_id))
    return _view(row)


def own_employer(connection: Connection, actor: Actor) -> EmployerView:
    """Return the company of a company's user.

    Raises:
        NotFound: the actor is of no company.
    """
    row = store.employer(connection, actor.employer_id) if actor.employer_id is not None else None
    if row is None or actor.role != Role.COMPANY:
        raise NotFound(t("{actor} is of no company.", actor=actor.name))
    return _view(row)


def list_employers(connection: Connection, actor: Actor) -> tuple[EmployerView, ...]:
    """Return the employers this actor may see, by code."""
    return tuple(_view(row) for row in store.employers(connection) if _seen(actor, row))


def verify_employer(connection: Connection, actor: Actor, code: str, *, now: datetime) -> None:
    """Write that the office checked an employer: its code, its name, and who speaks for it. The first time counts.

    Raises:
        NotAllowed: the actor is not the office.
        NotFound: there is no such employer.
    """
    require_office(actor)
    found = find_employer(connection, actor, code)
    if found.verified_at is None:
        store.verify_employer(connection, found.employer_id, now)
        subject = f"employer/{found.employer_id}"
        record(connection, actor=actor.name, action="employer.verify", subject=subject, now=now)


def _seen(actor: Actor, row: Row[Any]) -> bool:
    own = actor.role == Role.COMPANY and row.id == actor.employer_id
    return actor.is_office or actor.role == Role.AUDITOR or own


def _view(row: Row[Any]) -> EmployerView:
    return EmployerView(row.id, row.code, row.name, row.district, row.sector, row.verified_at)
