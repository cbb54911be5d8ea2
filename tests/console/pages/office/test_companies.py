"""Companies in the console of the office: listed, written down, their contacts named and invited."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from console.app import build
from core.database import reading, writing
from core.tables import Audit, table
from notify.channels.base import Rejected
from notify.channels.recorder import Recorder
from notify.invite import letter
from notify.model import OfficeName
from registry.asking.tables import ConfirmationRound
from registry.liaisons import Duty, LiaisonView
from registry.tables import Posting, Role
from tests.console.pages.office.desk import Desk
from tests.console.pages.surfer import Surfer

A = "/office/companies/1"


def with_mail(desk: Desk, mails: Recorder) -> Surfer:
    """Return an officer's browser in an office that sends mail."""
    office = desk.office
    surfer = desk.as_(Role.OFFICER)
    surfer.app = build(desk.house.with_channels(*(office.channels or {}).values(), mails).office)
    return surfer


def test_the_list_tells_how_each_company_stands(office_desk: Desk) -> None:
    """People away, stale, the last list, and whether anybody can sign in; narrowed by words and by what is missing."""
    with writing(office_desk.office.engine) as connection:
        stays = table(Posting)
        rounds = table(ConfirmationRound)
        now = office_desk.office.clock.now()
        connection.execute(update(stays).where(stays.c.id == 1).values(confirmed_at=now.replace(year=2025)))
        connection.execute(rounds.insert().values(employer_id=2, month="2026-11", asked_at=now, reminders=0, answer=""))
    surfer = office_desk.as_(Role.OFFICER)
    shown = surfer.get("/office/companies")
    assert "2 companies" in shown
    assert "花果山公司" in shown
    assert "nobody can sign in" in shown
    assert "/office/people?company=DEMO-A&show=stale" in shown
    assert "/office/people?company=DEMO-B&show=stale" not in shown
    assert "1 companies" in surfer.get("/office/companies?text=大观")
    assert "DEMO-B" in surfer.get("/office/companies?of=owing")
    assert "DEMO-A" not in surfer.page.text
    assert "2 companies" in surfer.get("/office/companies?of=unverified")
    assert "2 companies" in surfer.get("/office/companies?of=shut")
    assert "No company, as of now." in surfer.get("/office/companies?text=%25")


def test_a_new_company_and_its_first_contact(office_desk: Desk) -> None:
    """A wrong code is told at its field, the right one leads on to the contact; then the office says that it checked."""
    surfer = office_desk.as_(Role.OFFICER)
    surfer.get("/office/companies/new")
    shown = surfer.post("/office/companies/new", 422, code="91370600MA3C000000", name="取经集团")
    assert 'id="code-error"' in shown
    assert 'value="取经集团"' in shown
    assert 'id="name-error"' in surfer.post("/office/companies/new", 422, code="QUJING", name="")
    shown = surfer.post("/office/companies/new", code="QUJING", name="取经集团", district="", sector="")
    assert "Add a contact next" in shown
    assert "取经集团" in shown
    page = str(surfer.page.url.path)
    shown = surfer.post(
        f"{page}/contacts", name="唐三藏", duty="liaison", mail="tang@example.com", phone="", language="zh"
    )
    assert "The contact was added." in shown
    assert "tang@example.com" in shown
    assert "checked by the office 2026" in surfer.post(f"{page}/verify")
    assert "nobody can sign in" in surfer.post(surfer.links(f"{page}/contacts/")[1])


def test_the_page_of_a_company(shared_desk: Desk) -> None:
    """Its figures open their lists, its countries their people; its lists and tokens are there."""
    surfer = shared_desk.as_(Role.APPROVER)
    shown = surfer.get(A)
    assert "roster.csv" in shown
    assert "1 tokens" in shown
    assert "/office/people?country=TJ&company=DEMO-A" in shown
    surfer.get("/office/companies/99", 404)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "", "mail": "a@example.com"}, "name"),
        ({"name": "唐三藏"}, "mail"),
        ({"name": "唐三藏", "phone": "12"}, "phone"),
        ({"name": "唐三藏", "mail": "+8613800138000"}, "mail"),
    ],
)
def test_a_contact_that_cannot_be_called(shared_desk: Desk, fields: dict[str, str], field: str) -> None:
    """Without a name, or without a way that works, nobody is written down; what was typed is kept."""
    surfer = shared_desk.as_(Role.OFFICER)
    surfer.get(A)
    shown = surfer.post(f"{A}/contacts", 422, **{"duty": "hr", "phone": "", "mail": "", "language": "en", **fields})
    assert f'id="{field}-error"' in shown


def test_a_contact_is_invited_by_mail(office_desk: Desk) -> None:
    """The mail says where to sign in and holds no secret; what is refused is told with its reason; strangers' contacts are none."""
    mails = Recorder("email")
    surfer = with_mail(office_desk, mails)
    surfer.get(A)
    surfer.post(f"{A}/contacts", name="唐三藏", duty="liaison", mail="tang@example.com", phone="", language="zh")
    surfer.post(f"{A}/contacts", name="沙僧", duty="hr", mail="", phone="+8613800138009", language="zh")
    assert "The invitation is on its way." in surfer.post(f"{A}/contacts/1/invite")
    (sent,) = mails.sent
    assert sent.address == "tang@example.com"
    assert "/company/sign-in" in sent.body
    assert "花果山公司" in sent.body
    surfer.post("/office/companies/2/contacts/1/invite", 404)
    surfer.post("/office/companies/2/contacts/1/end", 404)
    surfer.post(f"{A}/contacts/2/invite", 422)
    mails.answer = lambda notice: Rejected("550", "no such user")
    assert "The invitation was not sent (550)." in surfer.post(f"{A}/contacts/1/invite", 422)
    with reading(office_desk.office.engine) as connection:
        row = table(Audit).c
        found = connection.execute(select(row.actor, row.object).where(row.action == "contact.invite")).all()
    assert [tuple(one) for one in found] == [("wang", "employer_contact/1")] * 2


def test_without_mail_the_office_is_told(office_desk: Desk) -> None:
    """An office that sends no mail is told so at the button, and nothing is claimed."""
    surfer = office_desk.as_(Role.OFFICER)
    surfer.get(A)
    surfer.post(f"{A}/contacts", name="唐三藏", duty="liaison", mail="tang@example.com", phone="", language="en")
    assert "The invitation was not sent (no-channel)." in surfer.post(f"{A}/contacts/1/invite", 422)


@pytest.mark.parametrize(("language", "words"), [("zh", "联络员"), ("en", "You are the contact of")])
def test_the_invitation_in_both_languages(language: str, words: str) -> None:
    """The words and the office's name are in the contact's language."""
    contact = LiaisonView(7, 1, Duty.LIAISON, "唐三藏", "", "tang@example.com", language)
    found = letter(
        contact, "花果山公司", "https://office.example/company/sign-in", OfficeName("示例市外办", "Example City FAO")
    )
    assert words in found.body
    assert found.body.count("https://office.example/company/sign-in\n") == 1
    assert (found.subject, found.address) == ("employer_contact/7", "tang@example.com")


def test_companies_are_not_for_auditors(shared_desk: Desk) -> None:
    """Neither the pages nor the forms."""
    auditor = shared_desk.as_(Role.AUDITOR)
    auditor.get("/office/me")
    for page in ("/office/companies", A, f"{A}/doubles", "/office/companies/new"):
        auditor.get(page, 403)
    auditor.get("/office/me")
    auditor.post(f"{A}/contacts/1/end", 403)


def test_who_may_be_one_person_is_asked_and_not_joined(office_desk: Desk) -> None:
    """Two entries of one name stand side by side until somebody says what is right; another company's are none."""
    office_desk.world.a.apply((("孙悟空", "赞比亚", "", "+260977000321", "", "", "", "", "在外"),))
    surfer = office_desk.as_(Role.OFFICER)
    path = f"{A}/doubles"
    shown = surfer.get(path)
    (answer, _) = surfer.links(path + "/")
    assert "One name" in shown
    assert "+260977000321" in shown
    surfer.post(answer, 422, said="perhaps")
    assert "Now end the entry that is wrong." in surfer.post(answer, said="the-same")
    assert "Said to be one person." in surfer.page.text
    assert "these are two people" in surfer.post(answer, said="two-people")
    assert "Nobody of this company seems" in surfer.get(path)
    surfer.post(f"{path}/1/4", 404, said="the-same")
    surfer.get("/office/companies/99/doubles", 404)
