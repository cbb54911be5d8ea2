"""The weekly bulletin in the console: read, edited, released once, corrected, and taken along as a file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.app import build
from core.database import reading, writing
from notify.bulletin import store
from notify.channels.recorder import Recorder
from registry.actors import SYSTEM
from registry.contacts import add_contact
from registry.liaisons import Duty, NewLiaison
from registry.tables import Role
from tests.console.pages.office.desk import Desk
from tests.notify.sending.house import House

WEEK = "2026-W47"
PAGE = f"/office/bulletin/{WEEK}"
TEXT = "# 境外安全周报\n\n2026年第47期\n\n## 一、提醒\n\n- 示例 <script>alert(1)</script> [点此](javascript:alert(2)) [原文](https://x.example/a)\n"


@pytest.fixture
def press(office_desk: Desk) -> tuple[Desk, Recorder]:
    """Give an office whose mails are kept, and one company with a mail address."""
    mails = Recorder("email")
    office = replace(office_desk.office, channels={**(office_desk.office.channels or {}), "email": mails})
    with writing(office.engine) as connection:
        new = NewLiaison(Duty.LIAISON, "示例联络员", "", "liaison@a.example.com")
        company = office_desk.world.a.employer_id
        add_contact(connection, SYSTEM, company, new, keys=office.keys, now=office.clock.now())
    return Desk(replace(office_desk.world, home=House(office)), build(office), office_desk.secrets), mails


def hidden(page: str) -> str:
    """Return the mark in the form of a page."""
    return page.partition('name="mark" value="')[2].partition('"')[0]


def saved(desk: Desk, who: Role | str, text: str, mark: str, status: int = 200, button: str = "save") -> str:
    """Save a text as somebody; return the page it leads to."""
    browser = desk.as_(who)
    browser.get("/office/settings")
    return browser.post(PAGE, status, text=text, mark=mark, **{button: "yes"})


def test_a_draft_is_edited_looked_at_and_released_once(press: tuple[Desk, Recorder]) -> None:
    """The draft is written by itself; saved, it is shown as it will be read; released with the week typed, it is sealed and mailed."""
    desk, mails = press
    officer = desk.as_(Role.OFFICER)
    first = officer.get(PAGE)
    assert "Nothing is saved yet" in first
    officer.post(PAGE, text=TEXT, mark=hidden(first), check="yes")
    shown = officer.get(f"{PAGE}/release")
    assert "<script>alert" not in officer.page.text
    assert 'href="javascript' not in officer.page.text
    assert 'href="https://x.example/a" rel="noreferrer nofollow noopener"' in officer.page.text
    assert "Release, and mail to 1 companies" in shown
    assert "Type the week" in officer.post(f"{PAGE}/release", 422, mark=hidden(shown), week="yes")
    assert "has changed since" in officer.post(f"{PAGE}/release", 422, mark="0" * 64, week=WEEK)
    assert mails.sent == []
    assert "released" in officer.post(f"{PAGE}/release", mark=hidden(shown), week="2026-w47")
    with reading(desk.office.engine) as connection:
        found = store.released(connection, WEEK)
    assert found is not None
    assert (found.markdown, found.released_by) == (TEXT, "wang")
    assert [one.address for one in mails.sent] == ["liaison@a.example.com"]
    assert f"{PAGE}/file.docx" in officer.get(PAGE)
    officer.post(f"{PAGE}/send")
    assert len(mails.sent) == 1
    assert "SHA-256" in officer.post(PAGE, text="# another", mark="", save="yes")
    assert officer.ask("GET", f"{PAGE}/file.md").text == TEXT


def test_two_people_edit_the_same_bulletin(press: tuple[Desk, Recorder]) -> None:
    """The second is told, sees what the first saved, and keeps what they typed; with the new mark it can be saved."""
    desk, _ = press
    begun = hidden(desk.as_(Role.OFFICER).get(PAGE))
    saved(desk, Role.OFFICER, TEXT, begun)
    mine = TEXT.replace("示例", "我的")
    told = saved(desk, "sun", mine, begun, 409)
    assert "Somebody else saved another text meanwhile" in told
    assert "我的" in told.partition("<textarea")[2].partition("</textarea>")[0]
    assert "示例" in told.partition("What was saved meanwhile")[2]
    assert "The draft is saved" in saved(desk, "sun", mine, hidden(told))
    assert "我的" in desk.as_(Role.OFFICER).get(PAGE)


def test_a_long_text_is_not_lost(press: tuple[Desk, Recorder]) -> None:
    """A hundred thousand characters are saved as they are; beyond the longest text one is told, and keeps what was typed."""
    desk, _ = press
    begun = hidden(desk.as_(Role.OFFICER).get(PAGE))
    saved(desk, Role.OFFICER, TEXT + "长" * 100_000, begun)
    kept = desk.as_(Role.OFFICER).get(PAGE)
    assert "长" * 100_000 in kept
    told = saved(desk, Role.OFFICER, TEXT + "长" * 200_000, hidden(kept), 422)
    assert "longer than 200000 characters" in told
    assert "长" * 150_000 in told


def test_an_unfinished_text_cannot_be_released(press: tuple[Desk, Recorder]) -> None:
    """What is still to be filled in is named, and there is no button."""
    desk, _ = press
    begun = hidden(desk.as_(Role.OFFICER).get(PAGE))
    shown = saved(desk, Role.OFFICER, f"{TEXT}\n【待补充】\n", begun, button="check")
    assert "The text is not finished" in shown
    assert 'name="week"' not in shown


def test_a_released_bulletin_is_corrected_by_another_edition(press: tuple[Desk, Recorder]) -> None:
    """A mended text with a note becomes the second edition, with its mark, and goes to whoever got the first."""
    desk, mails = press
    officer = desk.as_(Role.OFFICER)
    saved(desk, Role.OFFICER, TEXT, hidden(officer.get(PAGE)))
    officer.post(f"{PAGE}/release", mark=hidden(officer.get(f"{PAGE}/release")), week=WEEK)
    mark = hidden(officer.get(f"{PAGE}/correct"))
    mended = TEXT.replace("示例", "改正")
    assert "Say in a sentence" in officer.post(f"{PAGE}/correct", 422, text=mended, mark=mark, note="")
    assert "nothing is corrected" in officer.post(f"{PAGE}/correct", 422, text=TEXT, mark=mark, note="错字")
    shown = officer.post(f"{PAGE}/correct", text=mended, mark=mark, note="第一条错字")
    assert "Edition 2" in shown
    assert "第一条错字" in shown
    assert len(mails.sent) == 2
    assert "Somebody else has just corrected" in officer.post(f"{PAGE}/correct", 422, text=mended, mark=mark, note="又")


def test_files_and_weeks_that_are_not(press: tuple[Desk, Recorder]) -> None:
    """A draft can be taken along, named as one; other kinds of files and weeks that do not exist are no pages."""
    officer = press[0].as_(Role.OFFICER)
    for kind in ("docx", "html", "md"):
        answer = officer.ask("GET", f"{PAGE}/file.{kind}")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="bulletin-draft-{WEEK}.{kind}"'
    officer.get(f"{PAGE}/file.exe", 404)
    officer.get("/office/bulletin/2026-W60", 422)
    for week in ("..%2F..%2Fetc", "9999-W52", "0001-W01", "2026-W50"):
        officer.get(f"/office/bulletin/{week}", 404)
    shown = officer.get("/office/bulletin")
    assert "2026-W48" in shown
    assert WEEK not in shown  # it was over before the office began
