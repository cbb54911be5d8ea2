"""Somebody registers on the pages: nothing typed is lost, nothing is kept without consent, and the code decides."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from core.database import reading
from core.keys import MasterKeys
from core.tables import Audit, table
from notify.channels.base import Outgoing, Rejected, Result
from registry.actors import SYSTEM
from registry.people import PersonView
from registry.scope.people import Chosen, next_people
from registry.signup.register import to_telephone
from registry.signup.tables import Registration
from tests.console.pages.resident.desk import CHILD, FILLED, FRIEND, MAIL, ME, PHONE, Browser, Desk, Page, desk, sign_up

HOSTILE = "'\"><img src=x onerror=alert(1)><script>alert(1)</script>={{ 7*7 }}"


def enrolled(here: Desk) -> list[PersonView]:
    """Return everybody in the register."""
    with reading(here.office.engine) as connection:
        return next_people(connection, SYSTEM, here.office.keys, Chosen())


def filled(browser: Browser, **typed: str | None) -> Page:
    """Open the form and send it."""
    return browser.submit(browser.open("/register/"), "/register/", **(FILLED | typed))


def test_two_companions_are_registered_with_the_person(here: Desk) -> None:
    """The text is shown in full before; after the right code three people are in the register, and the page says so."""
    browser = here.browser()
    first = browser.open("/register/")
    assert "个人信息保护法" in first.text
    assert "版本 2026-11" in first.text
    code_page = sign_up(here, browser)
    assert enrolled(here) == []
    assert PHONE not in code_page.answer.text
    done = browser.submit(code_page, "/register/code", code=f" {here.code()[:3]} {here.code()[3:]}")
    assert done.answer.url.path == "/register/done"
    assert [one.name for one in enrolled(here)] == [ME, FRIEND, CHILD]
    me = enrolled(here)[0]
    assert [(way.value, way.verified_at is not None) for way in me.addresses] == [(PHONE, True), (MAIL, False)]
    assert (me.postings[0].country, me.postings[0].city) == ("FR", "里昂")
    for words in (ME, FRIEND, CHILD, "法国", "示例市外办"):
        assert words in done.text


def test_who_refuses_providers_abroad_is_told_what_that_means(here: Desk) -> None:
    """With mail proven and a phone abroad beside it, the pages say that everyday reminders never come to the phone."""
    browser = here.browser()
    code_page = filled(browser, foreign="no", proof="mail")
    done = browser.submit(code_page, "/register/code", code=here.code(here.mail))
    for page in (done, browser.open("/register/mine")):
        assert f"仅在危及生命安全时才会向 {PHONE} 发送" in page.text
        assert f"向 {MAIL}" not in page.text
    fresh = here.browser()
    agreed = fresh.submit(filled(fresh, name=FRIEND), "/register/code", code=here.code())
    assert "危及生命" not in agreed.text


def test_errors_keep_everything_that_was_typed(here: Desk) -> None:
    """Each fault is named on top, in the order of the fields, and leads to its field; what was typed stands there again."""
    page = filled(
        here.browser(),
        accept=None,
        phone="123",
        country="",
        foreign="",
        date_to="2020-01-01",
        contact_name="贾敏",
        contact_phone="1390013900",
    )
    assert page.answer.status_code == 422
    links = [str(one["href"]) for one in page.soup.select(".summary a")]
    assert links == ["#accept", "#phone", "#foreign", "#country", "#date_to", "#contact_phone"]
    for link in links:
        assert page.soup.find(id=link[1:]) is not None
    sent = page.form("/register/")
    assert (sent["name"], sent["phone"], sent["city"], sent["kind"]) == ([ME], ["123"], ["里昂"], ["student"])
    assert here.sms.sent == here.mail.sent == []
    assert page.soup.find(id="phone-error") is not None
    assert page.soup.find("input", id="phone")["aria-invalid"] == "true"  # type: ignore[index]


def test_language_and_lines_change_without_losing_a_word(here: Desk) -> None:
    """One more line, the other language, and back: every field stays, and nothing is judged or written."""
    browser = here.browser()
    page = browser.submit(browser.open("/register/"), "/register/", name=ME, country="赞比亚", more="yes")
    page = browser.submit(page, "/register/", companion__0=FRIEND, lang="en")
    assert "Companion 1" in page.text
    page = browser.submit(page, "/register/", more="yes")
    page = browser.submit(page, "/register/", companion__1=CHILD, lang="zh")
    sent = page.form("/register/")
    assert [sent[name] for name in ("name", "country", "companion-0", "companion-1", "rows")] == [
        [ME], ["赞比亚"], [FRIEND], [CHILD], ["2"],
    ]  # fmt: skip
    assert page.soup.select(".summary") == []


def test_companions_must_have_been_asked(here: Desk) -> None:
    """A companion without that word is refused; a line left empty is none."""
    browser = here.browser()
    page = browser.submit(browser.open("/register/"), "/register/", **FILLED, more="yes")
    refused = browser.submit(page, "/register/", companion__0=FRIEND)
    assert [str(one["href"]) for one in refused.soup.select(".summary a")] == ["#asked"]
    assert browser.submit(refused, "/register/", companion__0="").answer.status_code == 200


def test_wrong_codes_are_counted_and_end_it(here: Desk) -> None:
    """Four tries are left, then fewer; after five the right code does no good, and the page says what to do."""
    browser = here.browser()
    page = sign_up(here, browser)
    right = here.code()
    for left in (4, 3, 2, 1, 0):
        page = browser.submit(page, "/register/code", code=f"{(int(right) + 1) % 10**6:06d}")
        assert f"{left} 次" in page.text
    page = browser.submit(page, "/register/code", code=right)
    assert (page.answer.status_code, enrolled(here)) == (422, [])


def test_a_late_code_and_another_one(here: Desk) -> None:
    """Another code works with its own ticket; at most three go out in an hour; after a day all of it has run out."""
    browser = here.browser()
    page = sign_up(here, browser)
    first = here.code()
    second = browser.submit(page, "/register/again")
    assert len(here.sms.sent) == 2
    assert browser.submit(page, "/register/code", code=first).answer.status_code == 422
    browser.submit(second, "/register/again")
    third = browser.submit(second, "/register/again")
    assert third.answer.status_code == 422  # the second ticket is replaced already
    here.clock.advance(timedelta(hours=25))
    assert browser.submit(second, "/register/code", code=here.code()).answer.status_code == 422
    assert enrolled(here) == []


def test_the_code_goes_by_mail_if_that_is_chosen(here: Desk) -> None:
    """Without consent to providers abroad the mail carries the code, and the person is held without that consent."""
    browser = here.browser()
    page = filled(browser, foreign="no", proof="mail")
    assert (len(here.sms.sent), len(here.mail.sent)) == (0, 1)
    browser.submit(page, "/register/code", code=here.code(here.mail))
    assert [one.name for one in enrolled(here)] == [ME]


def test_nobody_is_refused_for_refusing_providers_abroad(here: Desk) -> None:
    """With a phone alone nothing is sent: the page says that an officer calls, and the office finds whom to call."""
    page = filled(here.browser(), foreign="no", mail="")
    assert here.sms.sent == []
    assert "工作人员" in page.text
    with reading(here.office.engine) as connection:
        waiting = to_telephone(
            connection, SYSTEM, keys=here.office.keys, index_key=here.register_of.index_key, now=here.clock.now()
        )  # fmt: skip
    assert len(waiting) == 1


def test_an_address_that_takes_nothing_is_named(here: Desk) -> None:
    """A number the provider refuses is told at its field, with everything kept."""

    def refuse(notice: Outgoing) -> Result:
        return Rejected("21211", "invalid")

    here.sms.answer = refuse
    page = filled(here.browser())
    assert page.answer.status_code == 422
    assert [str(one["href"]) for one in page.soup.select(".summary a")] == ["#phone"]
    assert page.form("/register/")["name"] == [ME]


def test_too_many_from_one_network_are_refused_with_all_kept(here: Desk, keys: MasterKeys) -> None:
    """After the limit of the hour the form comes back as it was; another network, and the next hour, are free."""
    here = desk(here.office.engine, here.office.settings.home, here.clock, keys, an_hour=2)
    browser, other = here.browser(), here.browser("127.0.0.2")
    for at in range(2):
        assert filled(browser, phone=f"+3361234560{at}").answer.status_code == 200
    refused = filled(browser, phone="+33612345609")
    assert (refused.answer.status_code, refused.form("/register/")["phone"]) == (429, ["+33612345609"])
    assert filled(other, phone="+33612345608").answer.status_code == 200
    here.clock.advance(timedelta(hours=1))
    assert filled(browser, phone="+33612345609").answer.status_code == 200


def test_looking_changes_nothing(here: Desk) -> None:
    """Opening every page that asks for something writes no row."""
    browser = here.browser()
    for path in ("", "change", "leave", "still-there", "consent", "see", "code", "again", "leave/code", "mine", "done"):
        assert browser.open(f"/register/{path}").answer.status_code in {200, 403}, path
    assert browser.open("/register/nonsense").answer.status_code == 404
    with reading(here.office.engine) as connection:
        for rows in (Registration, Audit):
            assert connection.execute(select(func.count()).select_from(table(rows))).scalar_one() == 0


def test_a_form_of_another_site_is_refused(here: Desk) -> None:
    """No address of these pages takes a form without the token of a page of ours, in a visit or not."""
    visitor, stranger = here.browser(), here.browser()
    visitor.submit(sign_up(here, visitor), "/register/code", code=here.code())
    stranger.open("/register/")
    posts = [path for path, methods in here.pages().openapi()["paths"].items() if "post" in methods]
    assert len(posts) > 12
    for path in posts:
        address = "/register" + path.replace("{wish}", "leave").replace("{ref}", "0" * 16)
        for browser in (visitor, stranger):
            assert browser.send("POST", address, {"name": ME, "end": "yes"}).answer.status_code == 403, address
    assert [len(one.postings) for one in enrolled(here)] == [1, 1, 1]


def test_nothing_that_is_typed_becomes_part_of_a_page(here: Desk) -> None:
    """Every field comes back as words: refused, on the page of the code, and in the register's own pages."""
    browser, text = here.browser(), HOSTILE
    page = browser.submit(browser.open("/register/"), "/register/", more="yes")
    names = [name for name in page.form("/register/") if name not in {"form_token", "rows", "version"}]
    hostile = {name.replace("-", "__"): text for name in [*names, "phone", "lang-x", "to"]}
    refused = browser.submit(page, "/register/", **hostile)
    assert refused.answer.status_code == 422
    given = FILLED | {"name": text, "city": text, "site": text, "contact_name": text, "contact_relation": text,
                      "contact_phone": "13900139000", "companion__0": f"2{text}", "asked": "yes"}  # fmt: skip
    code_page = browser.submit(
        refused, "/register/", **(hostile | given | {"companion__phone__0": "", "date_from": "", "date_to": ""})
    )
    forged = browser.submit(code_page, "/register/code", code=text, to=text, by_phone=text)
    done = browser.submit(code_page, "/register/code", code=here.code())
    pages = [refused, code_page, forged, done]
    pages += [browser.open(f"/register/mine{end}") for end in ("", "/leave", "/consent", "/stay", "/companion")]
    pages += [
        browser.open(pages[4].link(part)) for part in ("/mine/stay/", "/mine/way/", "/mine/person/", "/mine/companion/")
    ]
    for shown in pages:
        assert shown.answer.status_code in {200, 422}
        assert shown.soup.find(["script", "img"]) is None
        assert "=49" not in shown.text
    assert text in pages[4].text
