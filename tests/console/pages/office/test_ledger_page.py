"""The ledger at the desk: equations, proofs in every form, the check of the books, and what an auditor may see of it."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from core.database import reading, writing
from core.tables import Audit, table
from notify.tables import AlertText
from registry.tables import Role
from tests.console.pages.office.desk import Desk

AUDIT = table(Audit)
NAME, NUMBER = "孙悟空", "+992935000001"


@pytest.fixture
def told(office_desk: Desk) -> Desk:
    """The desk after the alert went out."""
    office_desk.house.drain(office_desk.office.clock.now() + timedelta(hours=6))  # the night there is over
    return office_desk


def test_everybody_is_accounted_for_in_words(told: Desk) -> None:
    """The page shows each alert as an equation and leads to it."""
    page = told.as_(Role.OFFICER).get("/office/ledger")
    assert "expected 4 = planned 4 + not planned 0" in page
    assert "/office/alerts/1" in page


def test_a_proof_is_given_in_every_form(told: Desk) -> None:
    """Page, workbook, table and lines hold the same people; formulas stay words; names are in full only when asked for."""
    wang = told.as_(Role.OFFICER)
    wang.get("/office/ledger")
    page = wang.post("/office/ledger/proof", alert="1", form="html", plain="yes")
    assert NAME in page
    assert "sha256-" in wang.page.headers["content-security-policy"]
    assert NAME not in wang.post("/office/ledger/proof", alert="1", form="html")
    wang.post("/office/ledger/proof", alert="1", form="xlsx", plain="yes")
    book = load_workbook(io.BytesIO(wang.page.content), read_only=True)
    assert any(NUMBER in str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    wang.post("/office/ledger/proof", alert="1", form="csv", plain="yes")
    assert f"'{NUMBER}" in wang.page.text
    lines = wang.post("/office/ledger/proof", alert="1", form="jsonl").splitlines()
    assert len([json.loads(one) for one in lines]) == 4


def test_a_proof_of_nothing_is_refused_in_words(told: Desk) -> None:
    """Without alert, person or company nothing is opened, and the page says what is missing."""
    wang = told.as_(Role.OFFICER)
    wang.get("/office/ledger")
    assert "Say whose proof it is" in wang.post("/office/ledger/proof", 422, form="html")
    assert "Alert and person are numbers" in wang.post("/office/ledger/proof", 422, form="html", alert="x")


def test_an_auditor_reads_the_ledger_shortened_and_nothing_else(told: Desk) -> None:
    """No name, no number, though asked for in full; the rooms of officers are closed to them; the look is in the audit."""
    zhao = told.as_(Role.AUDITOR)
    page = zhao.get("/office/ledger")
    assert "/office/people" not in page
    given = zhao.post("/office/ledger/proof", alert="1", form="html", plain="yes")
    assert NAME not in given
    assert NUMBER not in given
    for closed in ("policy", "silences", "duty"):
        zhao.get(f"/office/{closed}", 403)
    with reading(told.office.engine) as connection:
        query = select(AUDIT.c.actor, AUDIT.c.object).where(AUDIT.c.action == "ledger.export")
        assert ("zhao", "alert/1") in [tuple(row) for row in connection.execute(query)]


def test_the_books_are_checked_behind_the_page(told: Desk) -> None:
    """A whole ledger holds; one changed letter of a text that was sent is found, and the page says what to do."""
    wang = told.as_(Role.OFFICER)
    wang.get("/office/ledger")
    assert "The books hold" in wang.post("/office/ledger/verify")
    texts = table(AlertText)
    with writing(told.office.engine) as connection:
        connection.execute(update(texts).values(body=texts.c.body + "!"))
    page = wang.post("/office/ledger/verify")
    assert "The books do not hold" in page
    assert "the hash is not that of its text" in page
