"""The page of an alert: what is open to whom, the one button that sends, and that it sends once."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, update

from core.database import writing
from notify.alerts import open_alert, submit
from notify.store import alerts as store
from notify.store.alerts import VERSIONS
from registry.tables import Role
from sources.change import Comparison, Entry
from sources.store import ADVISORIES, save_comparison, save_state
from sources.tables import SourceState
from tests.console.pages.office.desk import Desk
from tests.console.pages.office.drafted import audited, calls, draft, hidden, press, put, sent, submitted
from tests.notify.made import advisory
from tests.notify.made import draft as draft_of

HOSTILE = '<script>alert(1)</script>"onmouseover=x'


def test_the_drafter_submits_and_is_told_why_they_do_not_approve(office_desk: Desk) -> None:
    """One main button says what happens; afterwards the page names who can approve, and the drafter gets no button for it."""
    number = draft(office_desk)
    wang = office_desk.as_(Role.OFFICER)
    page = wang.get(f"/office/alerts/{number}")
    assert page.count('class="main"') == 1
    assert "Submit for approval" in page
    assert "It would go to 4 people." in page
    page = wang.post(f"/office/alerts/{number}/submit", seen=hidden(wang, "seen"))
    assert "waiting for approval" in page
    assert "another person must approve it" in page
    assert "These can approve it: chief、li." in page
    assert "Check and send" not in page
    assert f"/office/alerts/{number}" in str(wang.ask("GET", f"/office/alerts/{number}/release").url)


def test_the_second_person_checks_types_the_country_and_sends(office_desk: Desk) -> None:
    """Count, country, first line and levels stand on the page; a wrong country sends nothing; the right one sends to all, at once."""
    number = submitted(office_desk)
    li = office_desk.as_(Role.APPROVER)
    page = li.get(f"/office/alerts/{number}/release")
    for words in ("Send to 4 people", "Tajikistan", "Leave the coast", "Written by", "wang"):
        assert words in page
    assert "孙悟空" not in page
    assert "孙悟空" in li.get(f"/office/alerts/{number}/release?show=people")
    page = press(li, number, "Zambia", 422)
    assert "is not among the countries" in page
    assert 'value="Zambia"' in page
    assert calls(office_desk, number) == 0
    page = press(li, number, "tajikistan")
    assert "It is being sent" in page
    assert calls(office_desk, number) == 4
    assert audited(office_desk, "alert.approve") == [""]
    page = li.get(f"/office/alerts/{number}")
    assert "4 of 4 notices delivered. Nothing moves by itself any more." in page
    assert "hx-get" not in page  # and so the page asks no more


def test_pressed_twice_it_goes_out_once(office_desk: Desk) -> None:
    """A double click, a reload, and a second approver who had the page open: all land on the alert, and nobody is told twice."""
    number = submitted(office_desk)
    li, chief = office_desk.as_(Role.APPROVER), office_desk.as_(Role.ADMINISTRATOR)
    for one in (li, chief):
        one.get(f"/office/alerts/{number}/release")
    given = {"mark": hidden(li, "mark"), "people": hidden(li, "people"), "confirm": "TJ"}
    li.post(f"/office/alerts/{number}/release", **given)
    for one in (li, chief):
        assert "went out once" in one.post(f"/office/alerts/{number}/release", **given)
    assert calls(office_desk, number) == 4


def test_two_officers_in_the_same_moment(both_desks: Desk) -> None:
    """Of two who press together, by threads, one sends and the other is told: on SQLite and PostgreSQL."""
    number = submitted(both_desks)
    surfers = [both_desks.as_(Role.APPROVER), both_desks.as_(Role.ADMINISTRATOR)]
    for one in surfers:
        one.get(f"/office/alerts/{number}/release")
    given = {"mark": hidden(surfers[0], "mark"), "people": "4", "confirm": "TJ"}
    gate, pages = threading.Barrier(2), list[str]()

    def go(at: int) -> None:
        gate.wait()
        pages.append(surfers[at].post(f"/office/alerts/{number}/release", **given))

    threads = [threading.Thread(target=go, args=(at,)) for at in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted("went out once" in page for page in pages) == [False, True]
    assert calls(both_desks, number) == 4
    assert len(audited(both_desks, "alert.release")) == 2  # the one of the world, and this one


def test_what_was_changed_meanwhile_is_not_sent_unseen(office_desk: Desk) -> None:
    """The text or the count is another than on the page: it is shown anew, with what was typed."""
    number = submitted(office_desk)
    li = office_desk.as_(Role.APPROVER)
    li.get(f"/office/alerts/{number}/release")
    mark, people = hidden(li, "mark"), hidden(li, "people")
    page = li.post(f"/office/alerts/{number}/release", 422, mark=mark, people="3", confirm="TJ")
    assert "It was for 3 people when you opened this page and is for 4" in page
    with writing(office_desk.office.engine) as connection:
        connection.execute(update(VERSIONS).where(VERSIONS.c.alert_id == number).values(level=3))
    page = li.post(f"/office/alerts/{number}/release", 422, mark=mark, people=people, confirm="TJ")
    assert "It was changed since you opened this page" in page
    assert 'value="TJ"' in page
    assert calls(office_desk, number) == 0


@pytest.mark.parametrize("who", [Role.OFFICER, "sun"])
def test_nobody_approves_without_the_right_or_their_own(office_desk: Desk, who: Role | str) -> None:
    """The drafter and an officer without the role send nothing by a form made by hand."""
    number = submitted(office_desk)
    li, other = office_desk.as_(Role.APPROVER), office_desk.as_(who)
    li.get(f"/office/alerts/{number}/release")
    other.get(f"/office/alerts/{number}")
    other.post(f"/office/alerts/{number}/release", mark=hidden(li, "mark"), people="4", confirm="TJ")
    assert calls(office_desk, number) == 0
    assert audited(office_desk, "alert.approve") == []


def test_an_approver_does_not_approve_their_own(office_desk: Desk) -> None:
    """Who wrote it has the role, and still another person must press."""
    number = submitted(office_desk, Role.APPROVER)
    assert "another person must approve it" in office_desk.as_(Role.APPROVER).get(f"/office/alerts/{number}")


def test_paused_resumed_and_cancelled(office_desk: Desk) -> None:
    """What waits is held back and goes on; cancelling asks once more and says how many it stops; a stale button does nothing."""
    number = sent(office_desk)
    put(office_desk, number, state="ready")
    wang = office_desk.as_(Role.OFFICER)
    wang.get(f"/office/alerts/{number}")
    stale = hidden(wang, "seen")
    assert "Paused by wang" in wang.post(f"/office/alerts/{number}/pause", seen=stale)
    assert "nothing was done now" in wang.post(f"/office/alerts/{number}/pause", seen=stale)
    assert "It goes on where it stood" in wang.post(f"/office/alerts/{number}/resume")
    page = wang.get(f"/office/alerts/{number}/cancel")
    assert "Stop 4 notices" in page
    assert "nothing was done now" in wang.post(f"/office/alerts/{number}/cancel", seen="0-draft-")
    wang.get(f"/office/alerts/{number}/cancel")
    assert "What had left cannot be called back" in wang.post(
        f"/office/alerts/{number}/cancel", seen=hidden(wang, "seen")
    )
    assert "4 notices" in audited(office_desk, "alert.cancel")
    wang.get(f"/office/alerts/{number}/cancel", 422)


def test_what_left_meanwhile_does_not_stand_in_the_way_of_cancelling(office_desk: Desk) -> None:
    """The page was opened while notices were being sent; that they have left since is no step of anybody."""
    number = sent(office_desk)
    wang = office_desk.as_(Role.OFFICER)
    for status in ("sending", "done"):
        with writing(office_desk.office.engine) as connection:
            connection.execute(update(VERSIONS).where(VERSIONS.c.alert_id == number).values(status=status))
        if status == "sending":
            wang.get(f"/office/alerts/{number}/cancel")
    assert "What had left cannot be called back" in wang.post(
        f"/office/alerts/{number}/cancel", seen=hidden(wang, "seen")
    )


def test_what_waits_says_why(office_desk: Desk) -> None:
    """At night a level 3 waits for the morning where people are: so many, and the reason in words."""
    number = sent(office_desk, level=3)
    assert "4 wait: night where they are" in office_desk.as_(Role.OFFICER).get(f"/office/alerts/{number}")
    assert calls(office_desk, number) == 0


def test_hostile_words_are_only_words(office_desk: Desk) -> None:
    """What an officer or a publisher wrote is never markup, on no page of the alert."""
    number = submitted(office_desk, title_zh=f"示例{HOSTILE}", body_zh=HOSTILE, title_en=HOSTILE, body_en=HOSTILE,
                       url="https://example.org/?q=<script>")  # fmt: skip
    li = office_desk.as_(Role.APPROVER)
    pages = [li.ask("GET", f"/office/alerts/{number}{path}").text for path in ("", "/release", "/cancel")]
    press(li, number)
    pages += [li.ask("GET", f"/office/alerts/{number}{path}").text
              for path in ("", "/report", "/people", "/notices?state=accepted", "/follow?kind=update", "/safety")]  # fmt: skip
    assert [page for page in pages if "<script>alert" in page or '"onmouseover' in page] == []


def test_a_draft_of_another_government_shows_all_of_them(office_desk: Desk) -> None:
    """The publisher's own words with date and page, and what everybody says of the country, on the draft and before it is sent;
    what feeds say is only words, and a link that is none of the web is left out.
    """
    office, at = office_desk.office, office_desk.office.clock.now()
    made = [
        advisory(source=source, native_id="TJ", title=f"Tajikistan{HOSTILE}", summary=HOSTILE, level_national=4, countries=("TJ",),
                 level_words="Do not travel", url=url, language="en", published_at=at)
        for source, url in (("us-state", "https://example.org/tj"), ("ca-gac", "javascript:alert(1)"))
    ]  # fmt: skip
    with writing(office.engine) as connection:
        for one in made:
            save_comparison(connection, {}, Comparison([], {one.native_id: Entry(one, at)}), None, at)
            save_state(connection, SourceState(source_id=one.source, baseline_at=at, last_good_at=at))
        [first, second] = connection.execute(select(ADVISORIES.c.id).order_by(ADVISORIES.c.source_id.desc())).scalars()
    acting = office.acting(office_desk.actor(Role.OFFICER))
    numbers = []
    for source, row in (("us-state", first), ("ca-gac", second)):
        with writing(office.engine) as connection:
            opened = draft_of(source_id=source, native_id="TJ", countries=("TJ",), rule="peer-high", advisory_id=row)
            version = open_alert(connection, opened, acting)
            assert version is not None
            submit(connection, version, acting)
            numbers.append(store.version(connection, version).alert_id)
    li = office_desk.as_(Role.APPROVER)
    for number in numbers:
        for path in ("", "/release"):
            page = li.ask("GET", f"/office/alerts/{number}{path}").text
            assert "Levels side by side" in page
            assert "Do not travel" in page
            assert 'href="https://example.org/tj" rel="noreferrer nofollow"' in page
            assert [one for one in ("<script>alert", '"onmouseover', 'href="javascript') if one in page] == []
        assert "own words" in li.get(f"/office/alerts/{number}")


def test_an_alert_that_is_none(office_desk: Desk) -> None:
    """A number of nothing is not found, on every page."""
    wang = office_desk.as_(Role.OFFICER)
    for path in ("", "/release", "/cancel", "/follow", "/notices?state=failed", "/people", "/report", "/safety"):
        wang.get(f"/office/alerts/999{path}", 404)
        wang.get(f"/office/alerts/{10**30}{path}", 404)
    wang.get(f"/office/alerts/1/people?after={10**30}", 422)
    wang.get("/office/alerts/1/follow?kind=<b>", 404)
    wang.get("/office/alerts/1/notices?state=nonsense", 404)
    wang.get("/office/alerts/1/people?came=nonsense", 404)
