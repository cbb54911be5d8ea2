"""The form of an alert: what it writes, how it finds fault, and what it keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from console.app import build
from console.pages.office.visit import COOKIE
from core.clock import FixedClock
from core.database import reading, writing
from core.settings import load
from core.tables import Audit, Mode, table
from notify.edit import as_draft
from notify.manual import ManualAlert, usual_channels
from notify.own import store as own_store
from notify.own.write import write
from notify.preflight import terms_of
from notify.preview import preview
from notify.store import alerts as store
from registry.accounts.office import begin
from registry.accounts.store import user_named
from registry.tables import Role
from sources.store import ADVISORIES
from sources.wire import store_advisory
from tests.console.pages.office.desk import Desk
from tests.console.pages.office.drafting import TITLE, count_of, draft_of, drafted, form, hidden, version_of
from tests.notify.made import advisory
from tests.notify.sending.house import Scripted

AUDIT = table(Audit)
SCRIPT = "<script>alert(1)</script>"
WHOLE = {
    "country": ["塔吉克斯坦、Zambia", "MZ"], "level": "4", "body_zh": "请留在室内。", "title_en": "Stay inside",
    "body_en": "Stay inside.", "url": "https://one.example/notice", "places": "杜尚别、卢萨卡", "employer": ["DEMO-A"],
    "channel": ["sms", "voice"], "ask_safe": "yes", "valid_hours": "12", "drill": "yes",
}  # fmt: skip


def test_it_writes_the_draft_that_the_command_writes(office_desk: Desk) -> None:
    """Every field of the form ends where the option of `lingbao alert new` ends: the two drafts are the same, texts too."""
    number = drafted(office_desk.as_(Role.OFFICER), **WHOLE)
    manual = ManualAlert.model_validate({
        "countries": ["塔吉克斯坦", "赞比亚", "莫桑比克"], "level": 4, "title_zh": TITLE, "body_zh": "请留在室内。",
        "title_en": "Stay inside", "body_en": "Stay inside.", "url": "https://one.example/notice", "places": ["杜尚别", "卢萨卡"],
        "employers": ["DEMO-A"], "channels": ["sms", "voice"], "ask_safe": True, "valid_hours": 12, "drill": True,
    })  # fmt: skip
    office = office_desk.office
    with writing(office.engine) as connection:
        other = write(connection, manual, office.acting(office_desk.actor(Role.OFFICER)), office.clock.now())
        told = [
            [(one.channel, one.language, one.variant, one.body) for one in store.texts(connection, version)]
            for version in (version_of(office_desk, number).id or 0, other)
        ]
        assert draft_of(office_desk, number) == as_draft(connection, store.version(connection, other))
    assert told[0] == told[1]
    assert version_of(office_desk, number).created_by == "wang"


def test_what_is_left_open_follows_the_level(office_desk: Desk) -> None:
    """Without a channel the usual ones of the level are taken, as the command does; without a narrower target everybody is meant."""
    found = draft_of(office_desk, drafted(office_desk.as_(Role.OFFICER), level="2"))
    assert found.channels == tuple(usual_channels(office_desk.office.settings.channels, 2))
    assert not found.audience.is_narrow


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"country": [""]}, "country-0", "Name at least one country"),
    ({"country": ["全部"]}, "country-0", "an alert never goes to everybody"),
    ({"country": ["奥兹国"]}, "country-0", "no country or region we know"),
    ({"level": ""}, "level-1", "Choose a level"),
    ({"title_zh": ""}, "title_zh", "Write a title"),
    ({"title_zh": "短"}, "title_zh", "says too little"),
    ({"title_zh": "长" * 121}, "title_zh", "121 characters"),
    ({"body_zh": "长" * 2001}, "body_zh", "2001 characters"),
    ({"url": "javascript:alert(1)"}, "url", "begins with https://"),
    ({"people": "99999"}, "people", "Nobody in the register"),
    ({"people": "孙悟空"}, "people", "no number of a person"),
    ({"employer": ["NOBODY"]}, "employer-0", "no company of the register"),
    ({"group": ["没有"]}, "groups", "There is no group"),
    ({"valid_hours": "9999"}, "valid_hours", "Hours, from 1 to 240"),
    ({"send_at": "2020-01-01T08:00"}, "send_at", "This moment is over"),
    ({"send_at": "2027-01-01T08:00"}, "send_at", "At most 30 days ahead"),
    ({"send_at": "soon"}, "send_at", "write the moment"),
    ({"template": "没有"}, "template", "There is no template"),
]


@pytest.mark.parametrize(("wrong", "field", "words"), BAD)
def test_what_is_wrong_is_named_and_kept(shared_desk: Desk, wrong: dict[str, Any], field: str, words: str) -> None:
    """Nothing is written; the summary leads to the field and says what to do; everything typed stands in the form again."""
    wang, before = shared_desk.as_(Role.OFFICER), count_of(shared_desk)
    wang.get("/office/alerts/new")
    page = wang.post("/office/alerts/new", 422, **form(title_en="Kept as typed", **wrong))
    assert f'href="#{field}"' in page
    assert words in page
    assert 'value="Kept as typed"' in page
    assert all(
        value in page
        for values in wrong.values()
        for value in ([values] if isinstance(values, str) else values)
        if value.isascii()
    )
    assert count_of(shared_desk) == before


def test_an_sms_over_the_limit_is_refused_where_it_can_be_shortened(office_desk: Desk, tmp_path: Path) -> None:
    """A title that makes more SMS parts than the office allows is refused at the form, and the preview says it before."""
    strict = replace(office_desk.office, settings=load(home=tmp_path, sms_most_parts=2))
    wang, before = office_desk.as_(Role.OFFICER), count_of(office_desk)
    wang.app = build(strict)
    wang.get("/office/alerts/new")
    many = form(title_zh="撤" * 120, channel=["sms"])
    assert "are the limit" in wang.post("/office/alerts/preview", **many)
    assert "are the limit" in wang.post("/office/alerts/new", 422, **many)
    assert count_of(office_desk) == before


def test_a_hostile_text_is_shown_and_never_run(shared_desk: Desk) -> None:
    """A script typed into any field comes back escaped, on the form, in the preview and in the list."""
    wang = shared_desk.as_(Role.OFFICER)
    wang.get("/office/alerts/new")
    fields = (
        "title_zh",
        "body_zh",
        "title_en",
        "body_en",
        "url",
        "places",
        "people",
        "valid_hours",
        "send_at",
        "template",
    )
    hostile = dict.fromkeys(fields, f'"{SCRIPT}')
    for path in ("/office/alerts/new", "/office/alerts/preview", "/office/alerts/template"):
        wang.ask(
            "POST",
            path,
            data={"form_token": wang.token, **form(country=[SCRIPT], employer=[SCRIPT], group=[SCRIPT], **hostile)},
        )
        assert SCRIPT not in wang.page.text
        assert "&lt;script&gt;" in wang.page.text
    wang.post("/office/alerts/preview", **form(title_zh=f"请注意{SCRIPT}", body_zh=SCRIPT, title_en=SCRIPT))
    assert SCRIPT not in wang.page.text
    assert "&lt;script&gt;" in wang.page.text


def test_the_preview_says_what_the_command_says(office_desk: Desk) -> None:
    """People, channels, parts and texts of the form's preview are those of `lingbao alert preview` of the draft it becomes, and
    the preview leaves nothing behind.
    """
    wang, before = office_desk.as_(Role.OFFICER), count_of(office_desk)
    wang.get("/office/alerts/new")
    page = wang.post("/office/alerts/preview", **form(country=["塔吉克斯坦", "赞比亚"]))
    assert count_of(office_desk) == before
    number = drafted(wang, country=["塔吉克斯坦", "赞比亚"])
    office = office_desk.office
    acting = office.acting(office_desk.actor(Role.OFFICER))
    seen = preview(office.engine, version_of(office_desk, number).id or 0, office.clock.now(), acting.transfer,
                   terms_of(office.settings), rules=acting.rules)  # fmt: skip
    assert f"<strong>{seen.people}</strong> <span>people</span>" in page
    assert f"<strong>{seen.unreachable}</strong> <span>without an address</span>" in page
    assert f"<strong>{seen.parts}</strong> <span>SMS parts</span>" in page
    assert all(one.body.replace("{ref}", "······") in page for one in seen.texts)
    assert f"{seen.leaving} leave at once, {seen.waiting} wait" in page or "nothing waits" in page


def test_a_number_opens_its_list_and_the_look_is_in_the_audit(office_desk: Desk) -> None:
    """The count of people opens their names; who looked at whom is written down."""
    wang = office_desk.as_(Role.OFFICER)
    wang.get("/office/alerts/new")
    page = wang.post("/office/alerts/preview", show="people", **form())
    assert "孙悟空" in page
    assert "花果山公司" in page
    with reading(office_desk.office.engine) as connection:
        looks = connection.execute(select(AUDIT).where(AUDIT.c.action == "people.view", AUDIT.c.actor == "wang")).all()
    assert len(looks) == 1
    assert "Nobody." in wang.post("/office/alerts/preview", show="unreachable", **form())


def test_the_script_of_the_page_asks_for_the_preview_alone(shared_desk: Desk) -> None:
    """With the header of htmx only the part comes: counts and texts, or what is still missing; the answer is 200 either way."""
    wang = shared_desk.as_(Role.OFFICER)
    wang.get("/office/alerts/new")
    wang.headers = {**wang.headers, "HX-Request": "true"}
    part = wang.post("/office/alerts/preview", **form())
    assert "<html" not in part
    assert "wait for the morning" in part
    assert 'hx-swap-oob="innerHTML"' in part
    part = wang.post("/office/alerts/preview", **form(level=""))
    assert "Not yet:" in part
    assert "Choose a level" in part


def test_a_session_that_ends_while_somebody_types_loses_nothing(office_desk: Desk) -> None:
    """The preview of a form says that a sign-in is needed and leads nowhere; the form that is sent after it comes back with all
    that was typed, and a button to send it again. Whoever types for long is at work: the session does not end.
    """
    wang, clock = office_desk.as_(Role.OFFICER), office_desk.office.clock
    assert isinstance(clock, FixedClock)
    wang.get("/office/alerts/new")
    plain, typing = wang.headers, {**wang.headers, "HX-Request": "true", "Sec-Fetch-Site": "same-origin"}
    wang.headers = typing
    for _ in range(4):
        clock.advance(timedelta(minutes=20))
        assert "wait for the morning" in wang.post("/office/alerts/preview", **form())
    clock.advance(timedelta(hours=2))
    assert "what you typed is still here" in wang.post("/office/alerts/preview", **form())
    assert "hx-redirect" not in wang.page.headers
    old = wang.token
    wang.headers = {**plain, "Sec-Fetch-Site": "same-origin"}
    with writing(office_desk.office.engine) as connection:
        user = user_named(connection, "wang")
        assert user is not None
        wang.cookies.set(COOKIE, begin(connection, user.id, clock.now()), domain="127.0.0.1")
    page = wang.ask("POST", "/office/alerts/new", data={"form_token": old, **form()}).text
    assert wang.page.status_code == 403
    assert TITLE in page


def test_a_form_sent_twice_writes_one_draft(office_desk: Desk) -> None:
    """A second press on the button leads to the draft of the first one."""
    wang = office_desk.as_(Role.OFFICER)
    wang.get("/office/alerts/new")
    sent = {"form_token": wang.token, **hidden(wang), **form()}
    places = [wang.ask("POST", "/office/alerts/new", follow=False, data=sent).headers["location"] for _ in range(2)]
    assert places[0] == places[1]
    assert count_of(office_desk) == 2  # and the one of the desk


def test_a_template_is_filled_and_no_gap_stays_open(office_desk: Desk) -> None:
    """Its gaps become fields; one left open is named and nothing is written; filled, the draft holds the words."""
    li, wang = office_desk.as_(Role.APPROVER), office_desk.as_(Role.OFFICER)
    li.get("/office/texts/alert")
    li.post(
        "/office/texts/alert",
        name="quake",
        mark="0",
        title_zh="{{ place }}发生地震，请到空旷处",
        body_zh="详询{{ office }}。",
    )
    wang.get("/office/alerts/new")
    page = wang.post("/office/alerts/template", **form(title_zh="", template="quake"))
    assert 'name="gap.place"' in page
    assert "Please check" not in page
    page = wang.post("/office/alerts/new", 422, **form(title_zh="", template="quake"))
    assert "needs words for “place”" in page
    assert 'href="#gap.place"' in page
    number = drafted(wang, title_zh="", template="quake", **{"gap.place": "杜尚别"})
    assert draft_of(office_desk, number).title_zh == "杜尚别发生地震，请到空旷处"


def test_it_leaves_later_if_it_is_to(office_desk: Desk) -> None:
    """A moment by the clock of the office becomes the schedule of the draft, with its end."""
    number = drafted(office_desk.as_(Role.OFFICER), send_at="2026-11-23T08:00", expire_hours="3")
    with reading(office_desk.office.engine) as connection:
        waiting = own_store.waiting_schedule(connection, version_of(office_desk, number).id or 0)
    assert waiting is not None
    assert f"{waiting.at:%Y-%m-%d %H:%M}" == "2026-11-23 00:00"
    assert waiting.expires_at - waiting.at == timedelta(hours=3)


def test_the_text_goes_to_the_officer_alone(office_desk: Desk) -> None:
    """The trial of a form that is not saved yet goes out once, marked, to the address given, and to nobody of the register."""
    wang = office_desk.as_(Role.OFFICER)
    wang.get("/office/alerts/new")
    page = wang.post("/office/alerts/try", test_to="+992900000001", **form())
    phone = (office_desk.office.channels or {})["sms"]
    assert isinstance(phone, Scripted)
    sent = [one for one in phone.sent if "【测试】" in one.body]
    assert "with the provider" in page
    assert [(one.address, TITLE in one.body) for one in sent] == [("+992900000001", True)]


def test_a_live_office_tries_only_on_addresses_of_the_settings(office_desk: Desk) -> None:
    """Where messages really leave, an address that the settings do not name is refused, beside the field."""
    with writing(office_desk.office.engine) as connection:
        connection.execute(store.INSTANCES.update().values(mode=Mode.LIVE))
    wang = office_desk.as_(Role.OFFICER)
    assert 'name="test_to"' not in wang.get("/office/alerts/new")
    assert "test_addresses" in wang.post("/office/alerts/try", 422, test_to="+992900000001", **form())


def test_it_begins_with_a_country_or_another_alert(office_desk: Desk) -> None:
    """A country, or the words and the reach of an earlier alert, stand in the form; what a publisher said names the publisher."""
    wang = office_desk.as_(Role.OFFICER)
    assert 'name="country" value="Zambia"' in wang.get("/office/alerts/new?country=zm")
    number = drafted(wang, places="杜尚别", body_zh="请留在室内。", valid_hours="8")
    page = wang.get(f"/office/alerts/new?copy={number}")
    assert TITLE in page
    assert "杜尚别" in page
    assert 'name="valid_hours" type="text" value="8"' in page
    with writing(office_desk.office.engine) as connection:
        said = advisory(title=f"提醒中国公民暂勿前往赞比亚{SCRIPT}")
        values = {
            "source_id": said.source,
            "native_id": said.native_id,
            "fingerprint": "0",
            "body": store_advisory(said),
        }
        connection.execute(ADVISORIES.insert().values(id=7, as_of=office_desk.office.clock.now(), **values))
    page = wang.get("/office/alerts/new?advisory=7")
    assert 'name="level" value="4" checked' in page
    assert 'value="https://one.example/t1.html"' in page
    assert "外交部：“提醒中国公民暂勿前往赞比亚" in page
    assert SCRIPT not in wang.page.text
    wang.get("/office/alerts/new?copy=999", 404)
    wang.get(f"/office/alerts/new?advisory={'9' * 40}", 404)
    wang.get(f"/office/alerts/new?copy={'9' * 40}", 404)
    wang.get("/office/alerts/new?advisory=999", 404)


def test_a_drill_says_whom_it_reaches(shared_desk: Desk) -> None:
    """The preview of a drill says that it goes to the allow-list only, and that with an empty one it could not be sent."""
    wang = shared_desk.as_(Role.OFFICER)
    wang.get("/office/alerts/new")
    assert "nobody is on the allow-list" in wang.post("/office/alerts/preview", drill="yes", **form())
    assert "allow-list (" not in wang.post("/office/alerts/preview", **form())


def test_only_who_may_work_comes_in(shared_desk: Desk) -> None:
    """An auditor and a stranger get neither form, list nor preview."""
    zhao = shared_desk.as_(Role.AUDITOR)
    for path in ("/office/alerts", "/office/alerts/new", "/office/alerts/paste", "/office/groups", "/office/texts"):
        zhao.get(path, 403)
        assert "/office/sign-in" in str(shared_desk.stranger().ask("GET", path, follow=False).headers["location"])
    for path in (
        "/office/alerts/new",
        "/office/alerts/preview",
        "/office/alerts/try",
        "/office/alerts/paste",
        "/office/groups",
    ):
        assert zhao.ask("POST", path, data=form()).status_code == 403
