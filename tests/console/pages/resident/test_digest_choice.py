"""A resident chooses how often the digest comes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.database import reading
from notify.digest import store
from tests.console.pages.resident.desk import MAIL, Browser, Desk, sign_up

PAGE = "/register/mine/digest"


def standing(here: Desk) -> list[tuple[int | None, str]]:
    """Return who gets the digest, and how often."""
    with reading(here.office.engine) as connection:
        return [(one.registrant_id, one.rhythm) for one in store.standing(connection)]


@pytest.fixture
def browser(here: Desk) -> Browser:
    """Somebody who registered and is at their own page."""
    one = here.browser()
    one.submit(sign_up(here, one), "/register/code", code=here.code())
    here.clock.advance(timedelta(hours=2))
    fresh = here.browser()
    here.enter(fresh)
    return fresh


def test_a_resident_chooses_and_chooses_otherwise(here: Desk, browser: Browser) -> None:
    """Weekly, then nothing: written for themselves, not for companions, in either language, and shown as it stands."""
    page = browser.open(browser.open("/register/mine").link(PAGE))
    assert MAIL in page.text
    assert page.form(PAGE)["rhythm"] == ["never"]
    assert "摘要接收设置已保存" in browser.submit(page, PAGE, rhythm="weekly").text
    ((person, rhythm),) = standing(here)
    assert rhythm == "weekly"
    page = browser.open(PAGE)
    assert page.form(PAGE)["rhythm"] == ["weekly"]
    english = browser.submit(page, PAGE, lang="en", rhythm="daily")
    assert "Digest of general advice" in english.text
    assert english.form(PAGE)["rhythm"] == ["daily"]
    assert standing(here) == [(person, "weekly")]
    browser.submit(english, PAGE)
    assert standing(here) == [(person, "daily")]
    browser.submit(browser.open(PAGE), PAGE, rhythm="never")
    assert standing(here) == []


def test_what_is_no_choice_is_told(here: Desk, browser: Browser) -> None:
    """A choice that is none is told beside the choice, and nothing is written."""
    answer = browser.submit(browser.open(PAGE), PAGE, rhythm="hourly")
    assert answer.answer.status_code == 422
    assert answer.link("#rhythm")
    assert standing(here) == []


def test_without_a_mail_address_it_says_so(here: Desk) -> None:
    """The digest is a mail: who has no address for it is told before they choose."""
    one = here.browser()
    one.submit(sign_up(here, one, mail=""), "/register/code", code=here.code())
    here.clock.advance(timedelta(hours=2))
    fresh = here.browser()
    here.enter(fresh)
    assert "尚未登记邮箱" in fresh.open(PAGE).text


def test_a_stranger_is_asked_who_they_are(here: Desk) -> None:
    """Without a visit the page shows nothing and writes nothing."""
    one = here.browser()
    assert one.open(PAGE).answer.status_code == 403
    assert one.send("POST", PAGE, {"rhythm": "daily"}).answer.status_code == 403
    assert standing(here) == []
