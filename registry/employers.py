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
OFFICE_CODE = re.compile(r"[\w.\-]{2,40}")


@dataclass(frozen=True)
class EmployerView:
    """An employer as the register holds it."""

    employer_id: int
    code: str
    name: str
    district: str
    sector: str


def check_code(text: str) -> str:
    """Return a code in its one form. Eighteen letters and digits must be a right unified social credit code. Pure.

    Raises:
        BadInput: it is no code, or its check character is wrong.
    """
    code = unicodedata.normalize("NFKC", text).strip().upper()
    if CREDIT_CODE.fullmatch(code):
        if set(code) - set(ALPHABET) or check_character(code[:17]) != code[17]:
            raise BadInput(t("{code} is no unified social credit code: its check character is wrong.", code=code))
    elif not OFFICE_CODE.fullmatch(code):
        raise BadInput(t("{code} is no code of an employer: 2 to 40 letters, digits, dots, hyphens.", code=text))
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


def list_employers(connection: Connection, actor: Actor) -> tuple[EmployerView, ...]:
    """Return the employers this actor may see, by code."""
    return tuple(_view(row) for row in store.employers(connection) if _seen(actor, row))


def _seen(actor: Actor, row: Row[Any]) -> bool:
    own = actor.role == Role.COMPANY and row.id == actor.employer_id
    return actor.is_office or actor.role == Role.AUDITOR or own


def _view(row: Row[Any]) -> EmployerView:
    return EmployerView(row.id, row.code, row.name, row.district, row.sector)
