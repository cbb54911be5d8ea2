"""The door, setting up, one's own account, the users and the audit, as people see them."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from console.pages.office.accounts.door import BROWSER_COOKIE, local
from console.pages.office.visit import COOKIE
from core.audit import record
from core.clock import FixedClock
from core.database import reading, set_mode, writing
from core.tables import Audit, Mode, table
from registry.accounts.credentials.passwords import give_password
from registry.accounts.credentials.set_up import make_set_up_link
from registry.tables import Role, User
from tests.console.pages.office.desk import CHIEF, NAMES, Desk
from tests.console.pages.surfer import Surfer

PASSWORD = "four words in a row"
LINK = re.compile(r"http://127\.0\.0\.1:8430(/office/set-up/[\w\-]+)")
KEY = re.compile(r'<span class="token">([A-Z2-7 ]+)</span>')
CODE = re.compile(r"<code>([a-z2-9\-]{19})</code>")


def link_for(desk: Desk, name: str) -> str:
    """Return the page of a fresh link to set up."""
    with writing(desk.office.engine) as connection:
        return f"/office/set-up/{make_set_up_link(connection, CHIEF, name, desk.office.clock.now())}"


def wait(desk: Desk, seconds: int = 30) -> None:
    """Let time pass."""
    clock = desk.office.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(seconds=seconds))


def number_of(desk: Desk, name: str) -> int:
    """Return the number of a user."""
    rows = table(User)
    with reading(desk.office.engine) as connection:
        return int(connection.execute(select(rows.c.id).where(rows.c.name == name)).scalar_one())


def set_up(desk: Desk, surfer: Surfer, page: str) -> tuple[pyotp.TOTP, list[str]]:
    """Set up on the page of a link, as a person with a phone; return the app and the recovery codes."""
    found = KEY.search(surfer.get(page))
    assert found is not None
    phone = pyotp.TOTP(found.group(1).replace(" ", ""))
    shown = surfer.post(page, password=PASSWORD, again=PASSWORD, code=phone.at(desk.office.clock.now()))
    return phone, CODE.findall(shown)


def knock(surfer: Surfer, name: str, code: str, status: int = 200, *, password: str = PASSWORD, then: str = "") -> str:
    """Try to sign in; return the page it leads to."""
    surfer.get("/office/sign-in")
    return surfer.post("/office/sign-in", status, name=name, password=password, code=code, next=then)


def cookie(surfer: Surfer, name: str = COOKIE) -> str:
    """Return a cookie."""
    return next((one.value or "" for one in surfer.cookies.jar if one.name == name), "")


def test_from_the_link_to_the_desk_and_out_again(office_desk: Desk) -> None:
    """A new colleague is added, sets up by the link, signs in, is led where they wanted to go, and signs out."""
    chief, new = office_desk.as_(Role.ADMINISTRATOR), office_desk.stranger()
    chief.get("/office/users")
    found = LINK.search(chief.post("/office/users", user="tanchun", role="officer"))
    assert found is not None
    phone, codes = set_up(office_desk, new, found.group(1))
    assert len(codes) == 10
    wait(office_desk)
    knock(new, "tanchun", phone.at(office_desk.office.clock.now()), then="/me?x=1")
    assert new.page.url.path == "/office/me"
    assert "tanchun" in new.page.text
    new.post("/office/sign-out")
    assert new.page.url.path == "/office/sign-in"
    assert cookie(new) == ""
    new.get("/office/me")
    assert new.page.url.path == "/office/sign-in"
    assert "link is over" in new.get(found.group(1), 403)


def test_looking_at_a_link_uses_nothing_up(office_desk: Desk) -> None:
    """Programs that open links, and somebody who mistypes, leave the link and its picture as they are."""
    page, surfer = link_for(office_desk, "wang"), office_desk.stranger()
    first = KEY.search(surfer.get(page))
    assert "<svg" in surfer.page.text
    for fields, wrong in (
        ({"password": PASSWORD, "again": "another one here", "code": "000000"}, "two passwords differ"),
        ({"password": "password1234", "again": "password1234", "code": "000000"}, "tried first"),
        ({"password": PASSWORD, "again": PASSWORD, "code": "12345"}, "code does not fit"),
    ):
        assert wrong in surfer.post(page, 422, **fields)
        assert PASSWORD not in surfer.page.text
    again = KEY.search(surfer.get(page))
    assert first is not None
    assert again is not None
    assert first.group(1) == again.group(1)


def test_the_door_says_one_sentence_to_all(office_desk: Desk) -> None:
    """Whether a name is known, a password right or an account closed shows nowhere; the name stays typed, the password does not."""
    phone, _ = set_up(office_desk, office_desk.stranger(), link_for(office_desk, "wang"))
    wait(office_desk)
    surfer = office_desk.stranger()
    said = set()
    for name, password in (("nobody", PASSWORD), ("wang", "not the password"), ("li", PASSWORD), ("wang", PASSWORD)):
        page = knock(surfer, name, "000000", 403, password=password)
        assert f'value="{name}"' in page
        assert password not in page
        said.add(re.sub(r'value="[^"]*"', "", page).replace(surfer.token, ""))
    assert len(said) == 1
    knock(surfer, "wang", phone.at(office_desk.office.clock.now()))
    assert "4 wrong" not in surfer.page.text
    assert "2 wrong tries in your name" in surfer.page.text
    assert surfer.page.url.path == "/office/welcome"


def test_a_session_begins_under_a_new_secret_and_the_old_one_is_over(office_desk: Desk) -> None:
    """A secret that was put into a browser by somebody else is worth nothing after the sign-in, nor is that of before (ASVS 3.2.1)."""
    give_password(office_desk.office.engine, CHIEF, "wang", PASSWORD, office_desk.office.clock.now())
    surfer = office_desk.stranger()
    surfer.cookies.set(COOKIE, "planted", domain="127.0.0.1")
    knock(surfer, "wang", "")
    first = cookie(surfer)
    assert first != "planted"
    knock(surfer, "wang", "")
    assert cookie(surfer) != first
    old = office_desk.stranger()
    old.cookies.set(COOKIE, first, domain="127.0.0.1")
    old.get("/office/me")
    assert old.page.url.path == "/office/sign-in"


def test_cookies_are_closed_to_scripts(office_desk: Desk) -> None:
    """The session is in no script's reach, and on an open line only on the machine itself."""
    give_password(office_desk.office.engine, CHIEF, "wang", PASSWORD, office_desk.office.clock.now())
    surfer = office_desk.stranger()
    surfer.get("/office/sign-in")
    answer = surfer.ask(
        "POST", "/office/sign-in", follow=False, data={"form_token": surfer.token, "name": "wang", "password": PASSWORD}
    )
    sent = answer.headers.get_list("set-cookie")
    assert {one.partition("=")[0] for one in sent} == {COOKIE, BROWSER_COOKIE}
    assert all("httponly" in one.lower() and "samesite=" in one.lower() for one in sent)


def test_forms_of_the_door_need_the_token_of_a_page_of_ours(office_desk: Desk) -> None:
    """Another site cannot sign somebody in as somebody else, nor out, nor set up, nor end a session (CSRF)."""
    page = link_for(office_desk, "wang")
    for surfer, paths in (
        (office_desk.stranger(), ("/office/sign-in", page)),
        (office_desk.as_(Role.ADMINISTRATOR), (
            "/office/sign-out", "/office/me/password", "/office/me/codes", "/office/me/phone", "/office/users",
            "/office/users/2/link", "/office/users/2/close", "/office/me/sessions/1/end", "/office/audit/export",
        )),
    ):  # fmt: skip
        for path in paths:
            assert surfer.ask("POST", path, data={"form_token": "0" * 64}).status_code == 403, path
    assert "Users of the office" in office_desk.as_(Role.ADMINISTRATOR).get("/office/users")


@pytest.mark.parametrize(
    "page",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\/evil.example", "evil.example", "/a//evil.example",
     "/@evil.example", "/x?y=//", "javascript:alert(1)", "/ /evil", "/\n//evil", "/..//evil", "/\u2044/evil"],
)  # fmt: skip
def test_the_door_leads_to_pages_of_ours_only(page: str) -> None:
    """What is no plain page of the office is forgotten: no sign-in leads to another site (ASVS 5.1.5)."""
    assert local(page) == ""


@pytest.mark.parametrize("page", ["", "/", "/alerts/7", "/people?show=stale&country=TJ&company=C-1", "/me?x=%E4%BA%BA"])
def test_the_door_leads_back_to_where_one_wanted(page: str) -> None:
    """Pages of the office with their filters are kept."""
    assert local(page) == page


def test_a_lost_phone_is_replaced_with_a_recovery_code(office_desk: Desk) -> None:
    """A recovery code opens the door and, once more, the way to a new phone; then the old phone opens nothing."""
    surfer = office_desk.stranger()
    old, codes = set_up(office_desk, surfer, link_for(office_desk, "wang"))
    wait(office_desk)
    assert "Recovery codes left: 9" in knock(surfer, "wang", codes[0])
    surfer.get("/office/me")
    fields = {"phone-password": PASSWORD, "phone-code": codes[1]}
    assert "do not fit" in surfer.post("/office/me/phone", 422, **(fields | {"phone-code": codes[0]}))
    surfer.post("/office/me/phone", **fields)
    new, _ = set_up(office_desk, surfer, surfer.page.url.path)
    wait(office_desk)
    knock(surfer, "wang", old.at(office_desk.office.clock.now()), 403)
    knock(surfer, "wang", new.at(office_desk.office.clock.now()))


def test_the_own_account_changes_with_a_proof(office_desk: Desk) -> None:
    """The password and the codes change with the present password only, and the page says what is wrong beside the field."""
    give_password(office_desk.office.engine, CHIEF, "wang", PASSWORD, office_desk.office.clock.now())
    surfer, other = office_desk.stranger(), office_desk.stranger()
    knock(surfer, "wang", "")
    knock(other, "wang", "")
    surfer.get("/office/me")
    new = "quite another row of words"
    given = {"old": PASSWORD, "new": new, "again": new, "password-code": ""}
    for wrong, words in (({"old": "not this one"}, "do not fit"), ({"again": "x"}, "differ"),
                         ({"new": "short", "again": "short"}, "12 to 128")):  # fmt: skip
        assert words in surfer.post("/office/me/password", 422, **(given | wrong))
    assert "The password is changed" in surfer.post("/office/me/password", **given)
    other.get("/office/me")
    assert other.page.url.path == "/office/sign-in"
    assert len(CODE.findall(surfer.post("/office/me/codes", **{"codes-password": new, "codes-code": ""}))) == 10


def test_sessions_are_listed_and_ended(office_desk: Desk) -> None:
    """People see where they are signed in and end a session elsewhere, their own and no other's."""
    give_password(office_desk.office.engine, CHIEF, "wang", PASSWORD, office_desk.office.clock.now())
    one, two = office_desk.stranger(), office_desk.stranger()
    knock(one, "wang", "")
    knock(two, "wang", "")
    page = one.get("/office/me")
    (elsewhere,) = re.findall(r"/office/me/sessions/(\d+)/end", page)
    one.post("/office/me/sessions/1/end", 404)
    one.post(f"/office/me/sessions/{elsewhere}/end")
    two.get("/office/me")
    assert two.page.url.path == "/office/sign-in"


def test_users_are_looked_after_by_administrators_only(shared_desk: Desk) -> None:
    """Officers, approvers and auditors neither see the users nor change anything about them."""
    for role in (Role.OFFICER, Role.APPROVER, Role.AUDITOR):
        surfer = shared_desk.as_(role)
        surfer.get("/office/me")
        for path in ("/office/users", "/office/users/2/close"):
            assert surfer.ask("GET", path).status_code == 403
        for path in ("/office/users", "/office/users/2/close", "/office/users/2/link"):
            data = {"form_token": surfer.token, "user": "x", "role": "administrator"}
            assert surfer.ask("POST", path, data=data).status_code == 403


def test_closing_an_account(office_desk: Desk) -> None:
    """A closed user is out at once; nobody closes themselves or the last administrator; what is not there is not found."""
    chief, wang = office_desk.as_(Role.ADMINISTRATOR), office_desk.as_(Role.OFFICER)
    number = number_of(office_desk, NAMES[Role.OFFICER])
    wang.get("/office/me")
    page = chief.get(f"/office/users/{number}/close")
    assert NAMES[Role.OFFICER] in page
    assert "is closed" in chief.post(f"/office/users/{number}/close")
    wang.get("/office/me")
    assert wang.page.url.path == "/office/sign-in"
    assert "own account" in chief.post("/office/users/1/close", 422)
    chief.get("/office/users/999/close", 404)
    assert "tried already" not in chief.post(f"/office/users/{number}/close", 404)


def test_adding_users_teaches(office_desk: Desk) -> None:
    """A name that is taken, no name, a name of ours and no role are each told beside the field; nothing is added."""
    chief = office_desk.as_(Role.ADMINISTRATOR)
    chief.get("/office/users")
    for fields, words in (
        ({"user": "wang", "role": "officer"}, "already"), ({"user": "a b", "role": "officer"}, "cannot be"),
        ({"user": "sign-in", "role": "officer"}, "cannot be"), ({"user": "tanchun", "role": "company"}, "Choose a role"),
        ({"user": "tanchun"}, "Choose a role"),
    ):  # fmt: skip
        assert words in chief.post("/office/users", 422, **fields)
    assert "tanchun" not in re.sub(r"<input[^>]*>", "", chief.get("/office/users"))


def test_an_administrator_renews_their_own_account_with_a_proof_only(office_desk: Desk) -> None:
    """Whoever takes over an administrator's open session cannot give themselves a password by a link."""
    chief = office_desk.as_(Role.ADMINISTRATOR)
    chief.get("/office/users")
    chief.post("/office/users/1/link", 403)
    assert LINK.search(chief.post(f"/office/users/{number_of(office_desk, 'wang')}/link"))


def test_outside_the_sandbox_a_password_alone_does_not_open(office_desk: Desk) -> None:
    """In a drill a user who has no second factor yet is told, after the right password, to ask for a link."""
    give_password(office_desk.office.engine, CHIEF, "wang", PASSWORD, office_desk.office.clock.now())
    with writing(office_desk.office.engine) as connection:
        set_mode(connection, Mode.DRILL)
    assert "no second factor yet" in knock(office_desk.stranger(), "wang", "", 403)


def test_the_audit_is_read_by_administrators_and_auditors(shared_desk: Desk) -> None:
    """Others are refused; who looks leaves a line with what they looked for."""
    for role in (Role.OFFICER, Role.APPROVER):
        assert shared_desk.as_(role).ask("GET", "/office/audit").status_code == 403
    for role in (Role.ADMINISTRATOR, Role.AUDITOR):
        surfer = shared_desk.as_(role)
        assert "user added" in surfer.get("/office/audit?action=user")
        with reading(shared_desk.office.engine) as connection:
            rows = table(Audit)
            last = connection.execute(select(rows).order_by(rows.c.id.desc()).limit(1)).one()
        assert (last.actor, last.action, last.detail) == (NAMES[role], "audit.view", "action=user")


def test_the_audit_narrows(shared_desk: Desk) -> None:
    """By who, by a family of acts, by thing and by day of the office; what cannot be meant is told."""
    with writing(shared_desk.office.engine) as connection:
        for action, subject, hours in (
            ("people.view", "registrant", 0), ("peoplework", "registrants/1", 1), ("alert.submit", "alert/7", 17),
        ):  # fmt: skip
            at = shared_desk.office.clock.now() + timedelta(hours=hours)
            record(connection, actor="tester", action=action, subject=subject, now=at, detail="7,8,9")
    surfer = shared_desk.as_(Role.AUDITOR)

    def shown(query: str) -> list[str]:
        page = surfer.get(f"/office/audit?actor=tester&{query}")
        return [one for one in ("people.view", "peoplework", "alert.submit") if f">{one}<" in page]

    assert shown("") == ["people.view", "peoplework", "alert.submit"]
    assert shown("action=people") == ["people.view"]
    assert shown("subject=registrant") == ["people.view"]
    assert shown("subject=alert/7") == ["alert.submit"]
    assert shown("day=2026-11-22") == ["people.view", "peoplework"]
    assert shown("day=2026-11-23") == ["alert.submit"]
    assert "No line fits" in surfer.get("/office/audit?actor=nobody.at.all")
    assert shown(f"before={10**40}&actor=te%00ster") == ["people.view", "peoplework", "alert.submit"]
    for query, words in (
        ("day=yesterday", "A day is written"),
        ("day=0001-01-01", "A day is written"),
        ("day=9999-12-31", "A day is written"),
        ("subject=%27%20or", "is written as a kind"),
    ):
        assert words in surfer.get(f"/office/audit?{query}", 422)


def test_the_audit_turns_its_pages(office_desk: Desk) -> None:
    """A hundred lines a page, each line on one page only."""
    with writing(office_desk.office.engine) as connection:
        for number in range(230):
            now = office_desk.office.clock.now()
            record(connection, actor="tester", action="a.test", subject=f"thing/{number}", now=now)
    surfer, seen = office_desk.as_(Role.AUDITOR), list[str]()
    path = "/office/audit?actor=tester"
    while path:
        page = surfer.get(path)
        seen += re.findall(r">thing/(\d+)<", page)
        older = re.search(r'href="(/office/audit\?[^"]*before=[^"]*)"', page)
        path = older.group(1) if older else ""
    assert seen == [str(number) for number in reversed(range(230))]


def test_the_audit_as_a_table_runs_no_formula(office_desk: Desk) -> None:
    """The export has every line that fits, its own among them, and no cell that a spreadsheet would run."""
    with writing(office_desk.office.engine) as connection:
        now = office_desk.office.clock.now()
        record(connection, actor="tester", action="a.test", subject="thing/1", now=now, detail="=HYPERLINK(1)")
    surfer = office_desk.as_(Role.AUDITOR)
    surfer.get("/office/audit")
    text = surfer.ask("POST", "/office/audit/export", data={"form_token": surfer.token}).text
    assert text.startswith("\ufeffnumber,at,actor,action,subject,detail")
    assert ",'=HYPERLINK(1)" in text
    assert ",audit.export,audit," in text
    with reading(office_desk.office.engine) as connection:
        assert (
            len(text.splitlines())
            == 1 + connection.execute(select(func.count()).select_from(table(Audit))).scalar_one()
        )
    only = surfer.ask("POST", "/office/audit/export", data={"form_token": surfer.token, "actor": "tester"}).text
    assert len(only.splitlines()) == 2


def test_pages_speak_chinese_first(office_desk: Desk) -> None:
    """The door, the set-up, the account, the users and the audit are in Chinese for a Chinese browser."""
    page = link_for(office_desk, "wang")
    for path, words in (
        ("/office/sign-in", "登录值班台"), (page, "绑定验证器"), ("/office/me", "我的账户"),
        ("/office/users", "工作人员账户"), ("/office/audit", "审计记录"),
    ):  # fmt: skip
        surfer = office_desk.as_(Role.ADMINISTRATOR)
        surfer.headers = {"Accept-Language": "zh-CN"}
        assert words in surfer.get(path)
