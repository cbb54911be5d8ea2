"""Who has proven who they are sees what is kept, changes it, takes it away, and leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from core.database import reading, writing
from notify.texts.store import add_wording
from registry.actors import SYSTEM
from registry.people import PersonView
from registry.scope.addresses import agreeing
from registry.scope.people import Chosen, next_people
from tests.console.pages.resident.desk import CHILD, FILLED, FRIEND, MAIL, ME, PHONE, Browser, Desk, Page, sign_up
from tests.registry.people import Register, person

NEW = "+33612000009"


@pytest.fixture
def browser(here: Desk) -> Browser:
    """Somebody who registered with two companions, and has proven who they are another day."""
    one = here.browser()
    one.submit(sign_up(here, one), "/register/code", code=here.code())
    here.clock.advance(timedelta(hours=2))
    fresh = here.browser()
    here.enter(fresh)
    return fresh


def everybody(here: Desk) -> list[PersonView]:
    """Return everybody in the register."""
    with reading(here.office.engine) as connection:
        return next_people(connection, SYSTEM, here.office.keys, Chosen())


def where(here: Desk) -> list[list[str]]:
    """Return where each person is by what holds now."""
    return [[stay.country for stay in one.postings if stay.status != "returned"] for one in everybody(here)]


def ways(here: Desk) -> list[list[str]]:
    """Return the addresses in use of each person."""
    return [[way.value for way in one.addresses if way.stopped_at is None] for one in everybody(here)]


def mine(browser: Browser) -> Page:
    """Open the page of one's own."""
    return browser.open("/register/mine")


def test_everything_is_shown_and_taken_away(here: Desk, browser: Browser) -> None:
    """The page and the file have the person, the companions, contacts, consent and history; each look is in the audit."""
    assert (
        "可查看、更改并注销" in here.sms.sent[-1].body
    )  # whoever is talked into giving the code away reads what it opens
    page = mine(browser)
    for words in (ME, FRIEND, CHILD, PHONE, MAIL, "法国", "里昂", "consent/2026-11"):
        assert words in page.text
    file = browser.submit(page, "/register/mine/file")
    assert "attachment" in file.answer.headers["content-disposition"]
    held = file.answer.json()
    assert [one["name"] for one in held] == [ME, FRIEND, CHILD]
    assert held[0]["addresses"][0]["value"] == PHONE
    assert "export" in mine(browser).text


def test_the_country_is_changed_for_all_or_for_some(here: Desk, browser: Browser) -> None:
    """Companions move along unless they are left out; in the same country the city is put right; a stay can be ended."""
    edit = browser.open(mine(browser).link("/mine/stay/"))
    action = edit.answer.url.path
    friend, child = edit.form(action)["also"]
    done = browser.submit(edit, action, country="赞比亚", also=[friend])
    assert "已更改" in done.text
    assert where(here) == [["ZM"], ["ZM"], ["FR"]]
    again = browser.open(mine(browser).link("/mine/stay/"))
    browser.submit(again, again.answer.url.path, city="卢萨卡", also=None)
    assert everybody(here)[0].postings[-1].city == "卢萨卡"
    bad = browser.submit(again, again.answer.url.path, country="亚特兰蒂斯")
    assert (bad.answer.status_code, bad.form(again.answer.url.path)["country"]) == (422, ["亚特兰蒂斯"])
    browser.submit(again, again.answer.url.path, end="yes", also=None)
    assert where(here) == [[], ["ZM"], ["FR"]]
    assert browser.open(again.answer.url.path).answer.status_code == 404
    more = browser.open("/register/mine/stay")
    browser.submit(more, "/register/mine/stay", country="AO", also=[child])
    assert where(here) == [["AO"], ["ZM"], ["FR", "AO"]]


def test_who_moves_later_is_told_that_both_hold(here: Desk, browser: Browser) -> None:
    """Another country from a day to come: the page says that warnings for this one go on until then, and they do."""
    edit = browser.open(mine(browser).link("/mine/stay/"))
    done = browser.submit(edit, edit.answer.url.path, country="意大利", date_from="2027-01-10", also=None)
    assert "在其开始之前，您仍会收到现所在地的提醒" in done.text
    assert where(here) == [["FR", "IT"], ["FR"], ["FR"]]
    assert "2027-01-10" in done.text


def test_a_new_address_is_used_after_its_own_code(here: Desk, browser: Browser) -> None:
    """Before the code nothing is sent there, after it it is used, for companions too; stopped ones are used no more."""
    form = browser.open(mine(browser).link("/mine/way/"))
    action = form.answer.url.path
    asked = browser.submit(form, action, address=NEW)
    assert here.sms.sent[-1].address == NEW
    assert NEW not in [way for one in ways(here) for way in one]
    assert browser.submit(asked, "/register/mine/way", code="x").answer.status_code == 422
    asked = browser.submit(form, action, address=NEW)
    browser.submit(asked, "/register/mine/way", code=here.code())
    assert [NEW in one for one in ways(here)] == [True, True, True]
    page = mine(browser)
    stop = next(str(one["action"]) for one in page.soup.find_all("form") if "/mine/stop/" in str(one["action"]))
    browser.submit(page, stop)
    assert [len(one) for one in ways(here)] == [2, 3, 3]
    wrong = browser.submit(form, action, address="nobody")
    assert (wrong.answer.status_code, wrong.form(action)["address"]) == (422, ["nobody"])


def test_a_companion_joins_and_is_taken_out(here: Desk, browser: Browser) -> None:
    """One more with the same places; one taken out is warned no more, the others are."""
    form = browser.open("/register/mine/companion")
    refused = browser.submit(form, "/register/mine/companion", name="侍书")
    assert refused.answer.status_code == 422
    browser.submit(refused, "/register/mine/companion", asked="yes")
    assert (everybody(here)[3].name, where(here)) == ("侍书", [["FR"]] * 4)
    out = browser.open(mine(browser).link("/mine/companion/"))
    assert FRIEND in out.text
    browser.submit(out, out.answer.url.path)
    assert where(here) == [["FR"], [], ["FR"], ["FR"]]


def test_name_and_language_are_changed(here: Desk, browser: Browser) -> None:
    """The new name is the one to come back with."""
    form = browser.open(mine(browser).link("/mine/person/"))
    assert browser.submit(form, form.answer.url.path, name=" ").answer.status_code == 422
    browser.submit(form, form.answer.url.path, name="潇湘妃子", reads="en")
    assert (everybody(here)[0].name, everybody(here)[0].language) == ("潇湘妃子", "en")


def test_a_language_the_office_words_notices_in_can_be_chosen(here: Desk, browser: Browser) -> None:
    """Beside Chinese and English stand the languages of the office's wordings, under their own names."""
    assert "Français" not in browser.open(mine(browser).link("/mine/person/")).text
    with writing(here.office.engine) as connection:
        add_wording(connection, "sms", "fr", "{{ title }}", by="test", now=here.office.clock.now())
    form = browser.open(mine(browser).link("/mine/person/"))
    assert "Français" in form.text
    browser.submit(form, form.answer.url.path, reads="fr")
    assert everybody(here)[0].language == "fr"
    assert "Français" in mine(browser).text
    browser.submit(form, form.answer.url.path, reads="klingon")
    assert everybody(here)[0].language == "zh"


def test_consent_is_withdrawn_and_given_for_companions_too(here: Desk, browser: Browser) -> None:
    """Each takes one form; withdrawn, no text message goes abroad to any of them."""

    def agreed() -> int:
        with reading(here.office.engine) as connection:
            return len(agreeing(connection, SYSTEM, [one.registrant_id for one in everybody(here)]))

    for said, count in (("no", 0), ("yes", 3)):
        form = browser.open("/register/mine/consent")
        browser.submit(form, "/register/mine/consent", foreign=said)
        assert agreed() == count
    form = browser.open("/register/mine/consent")
    assert browser.submit(form, "/register/mine/consent", foreign="yes", version="2001-01").answer.status_code == 422


@pytest.mark.parametrize(
    ("who", "boxes", "left", "words"),
    [
        ("me", {}, [[], ["FR"], ["FR"]], "仍通过您的号码联系"),
        ("me", {"erase": "yes"}, [[], ["FR"], ["FR"]], "没有任何联系方式"),
        ("me", {"erase": "yes", "keep": "yes"}, [[], ["FR"], ["FR"]], "仍通过您的号码联系"),
        ("everybody", {"erase": "yes"}, [[], [], []], "3 人"),
    ],
)  # fmt: skip
def test_who_leaves_is_told_who_stays_reachable(
    here: Desk, browser: Browser, who: str, boxes: dict[str, str], left: list[list[str]], words: str
) -> None:
    """Alone or with companions, kept or erased: the page says who is still registered, and over what. The visit is over then."""
    form = browser.open("/register/mine/leave")
    assert browser.submit(form, "/register/mine/leave").answer.status_code == 422
    done = browser.submit(form, "/register/mine/leave", who=who, **boxes)
    if who == "me" and boxes == {"erase": "yes"}:
        assert FRIEND in done.text
        assert where(here) == [["FR"]] * 3
        assert done.form("/register/mine/leave")["erase"] == ["yes"]
        done = browser.submit(done, "/register/mine/leave")  # said twice
    assert words in done.text
    assert where(here) == left
    assert mine(browser).answer.status_code == 403


def test_still_there_confirms_and_opens_nothing(here: Desk, browser: Browser) -> None:
    """The code for it confirms the stays; it gives no visit, and no other page takes it."""
    here.clock.advance(timedelta(days=80))
    other = here.browser()
    asked = other.submit(other.open("/register/still-there"), "/register/still-there", name=ME, address=PHONE)
    ticket, code = asked.form("/register/still-there/code")["ticket"], here.code()
    elsewhere = other.submit(other.open("/register/change"), "/register/change", name=ME, address=PHONE)
    stolen = other.submit(elsewhere, "/register/change/code", ticket=ticket, code=code)
    assert stolen.answer.status_code == 404
    done = other.submit(asked, "/register/still-there/code", code=code)
    assert "谢谢" in done.text
    assert everybody(here)[0].postings[0].confirmed_at == here.clock.now()
    assert mine(other).answer.status_code == 403


def test_a_visit_ends(here: Desk, browser: Browser) -> None:
    """By its button, after fifteen minutes, and for a cookie that was made up; then every page asks who it is."""
    kept = browser.jar.get("lingbao-resident-session")
    browser.submit(mine(browser), "/register/mine/out")
    browser.jar.set("lingbao-resident-session", str(kept), domain="127.0.0.1")
    assert mine(browser).answer.status_code == 403
    here.clock.advance(timedelta(hours=1))
    here.enter(browser, "see", address=MAIL)
    here.clock.advance(timedelta(minutes=15))
    for path in ("", "/stay", "/leave", "/consent", "/companion", "/way/00", "/person/00"):
        assert browser.open(f"/register/mine{path}").answer.status_code == 403


def test_what_is_another_persons_does_not_exist(here: Desk, browser: Browser) -> None:
    """Every address of a page of one's own, asked for by somebody else, is answered as what is nowhere."""
    page = mine(browser)
    theirs = [page.link(part) for part in ("/mine/stay/", "/mine/way/", "/mine/person/", "/mine/companion/")]
    other = here.browser()
    given = FILLED | {"name": "史湘云", "phone": NEW, "mail": "", "city": "苏州"}
    other.submit(other.submit(other.open("/register/"), "/register/", **given), "/register/code", code=here.code())
    for path in theirs:
        nowhere = path[:-16] + "0" * 16
        answers = []
        for address in (path, nowhere):
            looked = other.open(address)
            form = {"form_token": mine(other).form("/register/mine/out")["form_token"][0], "name": "x", "country": "AO",
                    "address": "+33612000010", "end": "yes"}  # fmt: skip
            posted = other.send("POST", address, form)
            answers.append([(one.answer.status_code, one.text) for one in (looked, posted)])
        assert answers[0] == answers[1], path
        assert answers[0][0][0] == answers[0][1][0] == 404, path
    assert where(here)[:3] == [["FR"]] * 3


def test_whom_a_company_registered_sees_and_changes_nothing(here: Desk) -> None:
    """Their data are shown to them; changing and leaving are the company's, and the page says so."""
    posted = person("史湘云", phones=(NEW,))
    with writing(here.office.engine) as connection:
        at = Register(connection, here.office.keys, here.register_of.index_key, here.clock)
        at.enrol(replace(posted, employer_id=at.employer(), consent=replace(posted.consent, foreign=True)))
    browser = here.browser()
    page = here.enter(browser, "see", name="史湘云", address=NEW)
    assert NEW in page.text
    assert "所在单位" in page.text
    assert not any("/mine/stay" in str(one["href"]) for one in page.soup.find_all("a", href=True))
    form = browser.open("/register/mine/leave")
    assert browser.submit(form, "/register/mine/leave").answer.status_code == 422
    assert all(where(here))


@contextmanager
def counted(here: Desk) -> Iterator[list[str]]:
    """Give the statements that are made meanwhile."""
    made: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not threading.current_thread().name.startswith(
            "codes"
        ):  # what goes out after the answer is not measured by it
            made.append(statement)

    event.listen(here.office.engine, "before_cursor_execute", note)
    yield made
    event.remove(here.office.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("wish", ["leave", "still-there"])
def test_a_stranger_learns_nothing(here: Desk, browser: Browser, wish: str) -> None:
    """Known and unknown: the same bytes but for the ticket and what was typed, and the same statements, also for wrong codes."""
    here.clock.advance(timedelta(hours=2))
    stranger = here.browser()
    pages: list[list[str]] = []
    made: list[list[str]] = []
    for name in (ME, "史湘云"):
        form = stranger.open(f"/register/{wish}")
        with counted(here) as statements:
            asked = stranger.submit(form, f"/register/{wish}", name=name, address=PHONE)
            tried = [stranger.submit(asked, f"/register/{wish}/code", code="x") for _ in range(6)]
        ticket = asked.form(f"/register/{wish}/code")["ticket"][0]
        pages.append([one.answer.text.replace(ticket, "T").replace(name, "N") for one in (asked, *tried)])
        made.append(statements)
        here.wait()
    assert pages[0] == pages[1]
    assert made[0] == made[1]
    assert len(here.sms.sent) == 3  # the one of the registration, the one of the visit, and this one
