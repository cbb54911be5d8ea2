"""Signing in by mail: once, for a while, and without telling strangers who is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.clock import FixedClock
from core.database import reading, writing
from core.errors import NotAllowed, NotFound
from registry.accounts.sign_in import link_for_user
from registry.actors import SYSTEM, Actor
from registry.contacts import end_contact
from registry.tables import Role
from registry.users import close_user
from tests.console.api.test_apart import statements
from tests.console.api.world import everything
from tests.console.pages.company.portal import MAILS, Portal
from tests.console.pages.surfer import Surfer

CHIEF = Actor("chief", Role.ADMINISTRATOR)
SIGN_IN = "Sign in for your company"


def clock_of(portal: Portal) -> FixedClock:
    """Return the clock of the office."""
    clock = portal.world.office.clock
    assert isinstance(clock, FixedClock)
    return clock


def stranger(portal: Portal) -> Surfer:
    """Return a browser that was never here."""
    return Surfer(portal.a.app)


def test_a_link_lets_in_once(two: Portal) -> None:
    """Looking at the link uses nothing up, pressing the button does; a second press finds nothing."""
    one, other = stranger(two), stranger(two)
    one.get("/company/sign-in")
    one.post("/company/sign-in", mail=MAILS["a"].upper())
    link = two.link(MAILS["a"].upper())
    for _ in range(3):
        assert "One more press" in other.get(link)
    one.get(link)
    assert "花果山公司" in one.post(link)
    assert "not good any more" in other.post(link, 403)
    assert SIGN_IN in other.get("/company/")


def test_a_link_is_good_for_a_quarter_of_an_hour(light: Portal) -> None:
    """Fourteen minutes later it works, fifteen minutes later it does not; a made-up one never did."""
    one = stranger(light)
    for minutes, status in ((14, 200), (15, 403)):
        one.get("/company/sign-in")
        one.post("/company/sign-in", mail=MAILS["a"])
        clock_of(light).advance(timedelta(minutes=minutes))
        one.get(light.link(MAILS["a"]))
        one.post(light.link(MAILS["a"]), status)
    one.post("/company/sign-in/made-up", 403)


def test_whether_an_address_is_known_shows_nowhere(two: Portal) -> None:
    """Known or not: the same answer after the same statements; the mail is made when the answer is out."""
    found = []
    with statements(two.world.office.engine) as done:
        for mail in (MAILS["a"], "nobody@nowhere.example.com", "林黛玉@example.com"):
            one = stranger(two)
            one.get("/company/sign-in")
            done.clear()
            before: list[str] = []
            one.app = Watched(two.a.app, partial(_keep, done, before))
            answer = one.ask("POST", "/company/sign-in", data={"form_token": one.token, "mail": mail}, follow=False)
            headers = sorted((k, v) for k, v in answer.headers.items() if k != "x-request-id")  # drawn for each request
            found.append((answer.status_code, headers, answer.content, before))
            assert not [line for line in before if "employer_contact" in line or "sign_in_link" in line]
    assert found[0] == found[1] == found[2]
    assert [one.address for one in two.mails.sent].count(MAILS["a"]) == 2


def _keep(done: list[str], before: list[str]) -> None:
    before.extend(done)


@dataclass
class Watched:
    """An application; `told` is called when an answer has gone out."""

    app: ASGIApp
    told: Callable[[], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""

        async def watched(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self.told()

        await self.app(scope, receive, watched)


def test_the_link_is_in_the_mail_and_nowhere_else(light: Portal) -> None:
    """The mail names office, company and time; the database has neither the link nor the address nor the cookie in clear."""
    mail = light.mails.sent[0]
    assert "花果山公司" in mail.body
    assert "15 分钟" in mail.body
    assert "示例市外办" in mail.subject
    secrets = [light.link(MAILS["a"]).rpartition("/")[2], MAILS["a"], *light.a.cookies.values()]
    rows = repr(everything(light.world.office.engine))
    assert [one for one in secrets if one in rows] == []


def test_too_many_tries_are_refused(light: Portal) -> None:
    """Above five an hour an address gets no more mail, and nobody is told; above thirty a caller gets a page that says so."""
    one = stranger(light)
    clock_of(light).advance(timedelta(hours=1))
    for number in range(31):
        one.get("/company/sign-in")
        one.post(
            "/company/sign-in", 200 if number < 30 else 429, mail=MAILS["b"] if number < 8 else f"x{number}@example.com"
        )
    assert [mail.address for mail in light.mails.sent].count(MAILS["b"]) == 1 + 5
    clock_of(light).advance(timedelta(hours=1))
    one.get("/company/sign-in")
    one.post("/company/sign-in", mail=MAILS["b"])


def test_an_address_that_is_none_is_told_so(light: Portal) -> None:
    """What was typed stays in the field, which is named above the page."""
    one = stranger(light)
    one.get("/company/sign-in")
    text = one.post("/company/sign-in", 422, mail='x"><script>')
    assert 'href="#mail"' in text
    assert "<script>" not in one.page.text
    assert "This is no mail address" in text


@pytest.mark.parametrize(("step", "times", "inside"), [(29, 24, True), (31, 1, False), (29, 25, False)])
def test_a_session_rests_half_an_hour_and_lives_half_a_day(light: Portal, step: int, times: int, inside: bool) -> None:
    """Pages within half an hour of each other keep it alive, for twelve hours at the most."""
    for _ in range(times):
        clock_of(light).advance(timedelta(minutes=step))
        text = light.a.get("/company/")
    assert (SIGN_IN not in text) == inside


def test_a_form_after_the_end_of_a_session_does_nothing(light: Portal) -> None:
    """The page says that nothing was written, and what to do so that nothing typed is lost."""
    light.a.get("/company/contacts")
    clock_of(light).advance(timedelta(minutes=31))
    before = everything(light.world.office.engine)
    assert "Nothing of this form was written" in light.a.post("/company/contacts", 401, name="甲", mail="x@example.com")
    assert everything(light.world.office.engine) == before


def test_who_is_no_contact_any_more_is_out_at_once(light: Portal) -> None:
    """The session of a contact who was ended opens nothing, nor does a link that was sent before."""
    one = stranger(light)
    one.get("/company/sign-in")
    one.post("/company/sign-in", mail=MAILS["a"])
    with writing(light.world.office.engine) as connection:
        end_contact(connection, SYSTEM, 1, now=light.world.office.clock.now())
    assert SIGN_IN in light.a.get("/company/people")
    one.get(light.link(MAILS["a"]))
    one.post(light.link(MAILS["a"]), 403)


def test_signing_in_makes_a_new_secret(light: Portal) -> None:
    """A cookie that somebody planted before is not the one of the session (no fixation), and opens nothing."""
    one = stranger(light)
    one.cookies.set("lingbao-company-session", "planted", domain="127.0.0.1")
    assert SIGN_IN in one.get("/company/")
    light.sign_in(one, MAILS["a"])
    assert "planted" not in one.cookies.values()


def test_sessions_are_listed_and_ended(light: Portal) -> None:
    """One sees one's own sessions, of nobody else; ends another one, or all."""
    other = Surfer(light.a.app, headers={"Accept-Language": "en", "User-Agent": "(Windows NT 10.0) Firefox/140.0"})
    light.sign_in(other, MAILS["a"])
    text = light.a.get("/company/settings")
    assert "Firefox · Windows" in text
    (end,) = light.a.links("/company/sessions/")
    light.b.get("/company/settings")
    light.b.post(end, 404)
    light.a.get("/company/settings")
    light.a.post(end)
    assert SIGN_IN in other.get("/company/?lang=en")
    light.a.post("/company/sign-out", all="yes")
    assert SIGN_IN in light.a.get("/company/")
    assert SIGN_IN not in light.b.get("/company/")


def test_the_office_gives_a_link_to_whom_no_mail_reaches(light: Portal) -> None:
    """An administrator makes a link for a user of a company, and for nobody else; a closed user is out."""
    office, one = light.world.office, stranger(light)
    with writing(office.engine) as connection:
        for actor, name, error in (
            (Actor("x", Role.OFFICER), "hr.DEMO-A", NotAllowed), (CHIEF, "chief", NotFound), (CHIEF, "nobody", NotFound),
        ):  # fmt: skip
            with pytest.raises(error):
                link_for_user(connection, actor, name, office.clock.now())
        token = link_for_user(connection, CHIEF, "hr.DEMO-A", office.clock.now())
    one.get(f"/company/sign-in/{token}")
    assert "花果山公司" in one.post(f"/company/sign-in/{token}")
    with writing(office.engine) as connection:
        close_user(connection, CHIEF, "hr.DEMO-A", office.clock.now())
    assert SIGN_IN in one.get("/company/")


def test_the_audit_tells_the_contact(light: Portal) -> None:
    """What is done in a session stands in the audit under the contact's number; the begin of the session too."""
    light.a.get("/company/")
    light.a.post("/company/unchanged")
    with reading(light.world.office.engine) as connection:
        rows = connection.exec_driver_sql("SELECT actor, action FROM audit ORDER BY id").all()
    assert ("contact/1", "register.unchanged") in [tuple(row) for row in rows]
    assert ("contact/1", "session.begin") in [tuple(row) for row in rows]


@pytest.mark.parametrize("cookie", ["", "nonsense", "API"])
def test_nothing_but_a_session_is_a_session(shared: Portal, cookie: str) -> None:
    """Neither nonsense nor a token of the API, as a cookie or as a header, opens a page."""
    one = stranger(shared)
    value = shared.world.a.token if cookie == "API" else cookie
    one.cookies.set("lingbao-company-session", value, domain="127.0.0.1")
    one.headers = {"Authorization": f"Bearer {shared.world.a.token}", "Accept-Language": "en"}
    for path in ("/company/", "/company/people", "/company/settings"):
        assert SIGN_IN in one.get(path)
