"""Two officers at one draft: the second is told what the first did, sees both, and nothing of either is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.database import reading, writing
from notify import alerts
from notify.own.paste import Pasted, paste
from notify.store import alerts as store
from notify.tables import AlertStatus
from registry.tables import Role
from tests.console.pages.office.desk import SECOND, Desk
from tests.console.pages.office.drafting import TITLE, draft_of, drafted, form, hidden, version_of
from tests.console.pages.surfer import Surfer


def opened(surfer: Surfer, alert: int, **values: Any) -> dict[str, Any]:
    """Open the form of a draft; return what it would send, with `values` typed over it."""
    surfer.get(f"/office/alerts/{alert}/edit")
    return {**hidden(surfer), **form(channel=["sms", "email"]), **values}


def test_an_edit_changes_what_was_typed_and_nothing_else(office_desk: Desk) -> None:
    """Words, level, reach and validity change; the texts are written anew, and the editor is an author who cannot approve."""
    wang, sun = office_desk.as_(Role.OFFICER), office_desk.as_(SECOND)
    number = drafted(wang)
    before = draft_of(office_desk, number)
    sent = opened(
        sun, number, title_zh="请留在室内，注意安全", level="4", places="杜尚别", valid_hours="6", ask_safe="yes"
    )
    assert "The draft is changed" in sun.post(f"/office/alerts/{number}/edit", **sent)
    after = draft_of(office_desk, number)
    assert (after.title_zh, after.level, after.audience.places, after.validity_minutes, after.ask_safe) == (
        "请留在室内，注意安全", 4, ("杜尚别",), 360, True)  # fmt: skip
    assert (after.every_channel, after.quiet) == (True, False)
    assert (after.countries, after.url, after.hazard) == (before.countries, before.url, before.hazard)
    with reading(office_desk.office.engine) as connection:
        version = store.newest_version(connection, number)
        assert store.authors(connection, version.id or 0) == {"wang", "sun"}
        assert all("请留在室内" in one.body for one in store.texts(connection, version.id or 0) if one.language == "zh")


def test_saving_without_a_change_makes_no_author(office_desk: Desk) -> None:
    """Who looks at the form and saves it as it was may still approve: nothing was written."""
    wang, li = office_desk.as_(Role.OFFICER), office_desk.as_(Role.APPROVER)
    number = drafted(wang, places="杜尚别", employer=["DEMO-A"], send_at="2026-11-23T08:00", expire_hours="3")
    before = draft_of(office_desk, number)
    sent = opened(li, number, places="杜尚别", employer=["DEMO-A"], send_at="2026-11-23T08:00", expire_hours="3")
    assert "Nothing was changed" in li.post(f"/office/alerts/{number}/edit", **sent)
    assert draft_of(office_desk, number) == before
    with reading(office_desk.office.engine) as connection:
        assert store.authors(connection, version_of(office_desk, number).id or 0) == {"wang"}


def test_the_second_of_two_officers_is_told_and_loses_nothing(both_desks: Desk) -> None:
    """Both have the draft open. The first saves a title and a link. The second, who changed title and text, is told by whom and
    when, sees both titles, keeps the own words, gets the other's link; nothing is written until the second says so.
    """
    wang, sun = both_desks.as_(Role.OFFICER), both_desks.as_(SECOND)
    number = drafted(wang)
    first = opened(wang, number, title_zh="首都机场关闭，请勿前往", url="https://one.example/airport")
    second = opened(sun, number, title_zh="请留在室内，注意安全", body_zh="请备好饮水。")
    wang.post(f"/office/alerts/{number}/edit", **first)
    page = sun.post(f"/office/alerts/{number}/edit", 422, **second)
    assert "wang changed this draft at" in page
    assert "首都机场关闭，请勿前往" in page
    assert "both changed it" in page
    assert 'value="请留在室内，注意安全"' in page
    assert "请备好饮水。</textarea>" in page
    assert 'value="https://one.example/airport"' in page
    assert (draft_of(both_desks, number).title_zh, draft_of(both_desks, number).body_zh) == (
        "首都机场关闭，请勿前往",
        "",
    )
    again = {**second, **hidden(sun), "url": "https://one.example/airport"}
    sun.post(f"/office/alerts/{number}/edit", **again)
    settled = draft_of(both_desks, number)
    assert (settled.title_zh, settled.body_zh, settled.url) == (
        "请留在室内，注意安全", "请备好饮水。", "https://one.example/airport")  # fmt: skip


def test_a_field_that_only_the_other_changed_is_taken_over(office_desk: Desk) -> None:
    """The second changed nothing that the first did: the form then holds both, and saving it keeps both."""
    wang, sun = office_desk.as_(Role.OFFICER), office_desk.as_(SECOND)
    number = drafted(wang)
    first, second = opened(wang, number, level="4"), opened(sun, number, body_zh="请备好饮水。")
    wang.post(f"/office/alerts/{number}/edit", **first)
    page = sun.post(f"/office/alerts/{number}/edit", 422, **second)
    assert "theirs was taken over" in page
    assert 'name="level" value="4" checked' in page
    sun.post(f"/office/alerts/{number}/edit", **{**second, **hidden(sun), "level": "4"})
    assert (draft_of(office_desk, number).level, draft_of(office_desk, number).body_zh) == (4, "请备好饮水。")


def test_a_faulty_edit_is_also_told_of_the_other(office_desk: Desk) -> None:
    """With a field that is wrong the second officer hears of both at once, and all that was typed is kept."""
    wang, sun = office_desk.as_(Role.OFFICER), office_desk.as_(SECOND)
    number = drafted(wang)
    first, second = opened(wang, number, level="4"), opened(sun, number, valid_hours="0", body_zh="请备好饮水。")
    wang.post(f"/office/alerts/{number}/edit", **first)
    page = sun.post(f"/office/alerts/{number}/edit", 422, **second)
    assert "wang changed this draft at" in page
    assert "Hours, from 1 to 240" in page
    assert "请备好饮水。</textarea>" in page


def test_what_was_submitted_meanwhile_stands(office_desk: Desk) -> None:
    """Once somebody has submitted the draft it is not changed any more; the officer is told so, and keeps what was typed."""
    wang, sun = office_desk.as_(Role.OFFICER), office_desk.as_(SECOND)
    number = drafted(wang)
    sent = opened(sun, number, title_zh="请留在室内，注意安全")
    with writing(office_desk.office.engine) as connection:
        acting = office_desk.office.acting(office_desk.actor(Role.OFFICER))
        alerts.submit(connection, version_of(office_desk, number).id or 0, acting)
    page = sun.post(f"/office/alerts/{number}/edit", 422, **sent)
    assert "only a draft can be changed" in page
    assert 'value="请留在室内，注意安全"' in page
    assert 'action="/office/alerts/new"' in page
    assert "only a draft can be changed" in sun.post("/office/alerts/preview", 422, **sent)
    assert version_of(office_desk, number).status == AlertStatus.SUBMITTED
    assert draft_of(office_desk, number).title_zh == TITLE


def test_the_words_of_a_publisher_are_quoted_and_not_changed(office_desk: Desk) -> None:
    """A pasted notice can be placed and narrowed, but its words have no fields, and words sent all the same change nothing."""
    office = office_desk.office
    acting = office.acting(office_desk.actor(Role.OFFICER))
    number = paste(
        office, Pasted("使馆提醒谨慎前往塔吉克斯坦\n请注意安全。", "中国驻塔使馆", home=True), acting
    ).alert_id
    wang, before = office_desk.as_(Role.OFFICER), draft_of(office_desk, number)
    page = wang.get(f"/office/alerts/{number}/edit")
    assert 'name="title_zh"' not in page
    assert "are quoted as they are" in page
    sent = {**hidden(wang), **form(title_zh="另一个标题", body_zh="另一段话", level="4", country=["赞比亚"])}
    sent |= {"channel": [one for one in before.channels if one in {"sms", "email"}], "valid_hours": "48"}
    wang.post(f"/office/alerts/{number}/edit", **sent)
    after = draft_of(office_desk, number)
    assert (after.title_zh, after.body_zh) == (before.title_zh, before.body_zh)
    assert (after.countries, after.level, after.validity_minutes) == (("ZM",), 4, 48 * 60)
    assert replace(after, countries=before.countries, level=before.level, validity_minutes=before.validity_minutes,
                   every_channel=before.every_channel, quiet=before.quiet,
                   include_doubtful=before.include_doubtful) == replace(before, channels=after.channels)  # fmt: skip


def test_the_preview_of_an_edit_is_of_the_edit(office_desk: Desk) -> None:
    """What would change is counted and worded as it would be, and the draft stays as it was."""
    wang = office_desk.as_(Role.OFFICER)
    number = drafted(wang)
    sent = opened(wang, number, country=["赞比亚"], title_zh="请留在室内，注意安全")
    page = wang.post("/office/alerts/preview", **sent)
    assert "Zambia" in page
    assert "【示例市外办】请留在室内，注意安全" in page
    assert draft_of(office_desk, number).countries == ("TJ",)
