"""Every page and form of an alert is for the workers of the office, and for nobody else."""

from __future__ import annotations

import pytest

from registry.tables import Role
from tests.console.api.world import everything
from tests.console.pages.office.desk import Desk
from tests.console.pages.surfer import Surfer

PAGES = (
    "", "/release", "/cancel", "/follow?kind=update", "/notices?state=waiting", "/people", "/report", "/report?names=full",
    "/safety", "/safety/phone", "/safety/strangers",
)  # fmt: skip
FORMS = (
    "/submit", "/release", "/pause", "/resume", "/cancel", "/follow?kind=update", "/notices", "/safety", "/safety/rounds",
    "/safety/export", "/safety/strangers/1",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_refused(shared_desk: Desk, path: str) -> None:
    """An auditor is refused; who is not signed in is led to the sign-in, and back to the page."""
    address = f"/office/alerts/1{path}"
    assert shared_desk.as_(Role.AUDITOR).ask("GET", address).status_code == 403
    answer = shared_desk.stranger().ask("GET", address, follow=False)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/office/sign-in")


@pytest.mark.parametrize("path", FORMS)
def test_forms_are_refused_and_change_nothing(shared_desk: Desk, path: str) -> None:
    """By an auditor, without a session, and without the token of a page of ours."""
    address, engine = f"/office/alerts/1{path}", shared_desk.office.engine
    auditor, stranger, officer = shared_desk.as_(Role.AUDITOR), shared_desk.stranger(), shared_desk.as_(Role.OFFICER)
    before = everything(engine, frozenset({"office_session"}))
    auditor.token = "0" * 64
    assert _post(auditor, address) == 403
    assert _post(stranger, address) == 401
    assert _post(officer, address) == 403
    assert everything(engine, frozenset({"office_session"})) == before


def test_a_company_has_no_door_here(shared_desk: Desk) -> None:
    """The cookie of a company's session opens nothing of the office."""
    surfer = shared_desk.stranger()
    surfer.cookies.set("lingbao-company-session", "anything", domain="127.0.0.1")
    assert surfer.ask("GET", "/office/alerts/1", follow=False).status_code == 303


def _post(who: Surfer, address: str) -> int:
    return who.ask("POST", address, data={"form_token": who.token, "answer": "safe", "person": "1"}).status_code
