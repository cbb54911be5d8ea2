"""People found, filtered and put right in the portal; contacts, tokens and alerts of the company."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from core.clock import FixedClock
from core.database import reading, writing
from core.tables import table
from notify.erasure import run_retention
from registry.actors import Actor
from registry.asking.rounds import ask_round
from registry.asking.rules import month_of
from registry.scope import people_in
from registry.tables import Posting, Role
from tests.console.api.world import everything
from tests.console.pages.company.portal import Portal
from tests.console.pages.surfer import Surfer


def person(portal: Portal, name: str) -> str:
    """Open the page of somebody; return its address."""
    portal.a.get("/company/people")
    portal.a.post("/company/people/search", text=name)
    address = next(one for one in portal.a.links("/company/people/") if "search" not in one)
    portal.a.get(address)
    return address


def state(portal: Portal) -> str:
    """Return the mark of the person on the page at hand."""
    return portal.a.page.text.split('name="state" value="')[1].split('"')[0]


def linked(portal: Portal, start: str) -> str:
    """Return the first address on the page that begins so."""
    return portal.a.links(start)[0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("孙悟空", True), (" 孙 悟空", True), ("孙", False), ("+992 935 000 001", True), ("00992935000001", True),
        ("wukong@example.com", True), ("+992935009001", False), ("林黛玉", False), ("%", False), ("' OR 1=1 --", False),
    ],
)  # fmt: skip
def test_people_are_found_by_exact_words(shared: Portal, text: str, found: bool) -> None:
    """A whole name, a number in any usual form, or a mail; parts and tricks find nobody, and no name is in an address."""
    shared.a.get("/company/people")
    shown = shared.a.post("/company/people/search", text=text)
    assert (">孙悟空</a>" in shown) == found
    assert str(shared.a.page.url).endswith("/company/people/search")


def test_figures_open_their_lists(light: Portal) -> None:
    """Each number on the first page leads to as many people; who has no number, no country, or is stale is counted."""
    light.world.a.apply((
        ("沙悟净", "赞比亚", "卢萨卡", "+260977123456", "", "", "", "", "在外"), ("白龙马", "肯尼亚", "", "", "", "", "", "", "在外"),
        ("唐僧", "非洲", "", "+260977123400", "", "", "", "", "在外"),
    ))  # fmt: skip
    old = light.world.office.clock.now() - timedelta(days=91)
    with writing(light.world.office.engine) as connection:
        stays = table(Posting)
        connection.execute(
            update(stays).where(stays.c.country == "TJ", stays.c.registrant_id < 3).values(confirmed_at=old)
        )
    light.a.get("/company/")
    counts = light.a.page.text.partition('class="counts"')[2].partition("</ul>")[0]
    found = {}
    for part in counts.split("<li")[1:]:
        href = part.split('href="')[1].split('"')[0].replace("&amp;", "&")
        found[href.partition("show=")[2] or "away"] = (href, part.split("<strong>")[1].split("<")[0])
    assert set(found) == {"away", "unreached", "nowhere", "stale"}
    for href, number in found.values():
        assert f"{number} people" in light.a.get(href)
    assert "1 people" in light.a.get("/company/people?show=away&country=KE")
    assert "none in use" in light.a.page.text


def test_long_lists_come_page_by_page(light: Portal) -> None:
    """Fifty people a page; the pages together show each once; a cursor of another company is not there."""
    light.world.a.apply(tuple((f"示例{n}", "赞比亚", "", f"+2609770{n:05}", "", "", "", "", "在外") for n in range(60)))
    first = light.a.get("/company/people?country=ZM")
    (more,) = light.a.links("?show=")
    second = light.a.get("/company/people" + more)
    names = [f">示例{n}</a>" for n in range(60)]
    assert [(name in first) + (name in second) for name in names] == [1] * 60
    assert "61 people" in first
    light.b.get("/company/people" + more, 404)


def test_a_stay_is_put_right_and_ended(light: Portal) -> None:
    """City and last day change, the person comes back by one press, and the history says who did it."""
    address = person(light, "沙悟净")
    stay = linked(light, f"{address}/stays/")
    text = light.a.post(
        stay, state=state(light), status="abroad", city="恩多拉", site="", date_from="", date_to="2027-01-31"
    )
    assert "恩多拉" in text
    assert "2027-01-31" in text
    assert ">you<" in text
    light.a.post(stay, state=state(light), status="returned", date_to="2026-11-20")
    assert "1 people" in light.a.get("/company/people?show=returned")


def test_moving_on_ends_one_stay_and_begins_another(light: Portal) -> None:
    """One form: the new country holds, the old stay ends on the first day of the new one."""
    address = person(light, "沙悟净")
    old = linked(light, f"{address}/stays/").rpartition("/")[2]
    light.a.post(
        f"{address}/stays", state=state(light), country="KE", ends=old, status="abroad", date_from="2026-11-22"
    )
    text = light.a.get(address)
    assert "Kenya" in text
    assert "2026-11-22" in text
    assert "1 people" in light.a.get("/company/people?country=KE")
    assert "Nobody" in light.a.get("/company/people?country=ZM&show=away")


def test_who_moves_on_later_is_warned_here_until_then(light: Portal) -> None:
    """A new stay that begins later leaves the old one standing until its first day; of two plans the second holds at once."""
    address = person(light, "沙悟净")
    old = linked(light, f"{address}/stays/").rpartition("/")[2]
    moved = {"ends": old, "status": "planned", "date_from": "2026-12-20"}
    light.a.post(f"{address}/stays", state=state(light), country="KE", **moved)
    assert told_in(light, "ZM", date(2026, 12, 20)) == told_in(light, "KE", date(2026, 12, 20)) == 1
    assert told_in(light, "ZM", date(2026, 12, 21)) == 0
    (plan,) = {one for one in light.a.links(f"{address}/stays/") if old not in one}
    other = {"ends": plan.rpartition("/")[2], "status": "planned", "date_from": "2026-12-24"}
    light.a.post(f"{address}/stays", state=state(light), country="AO", **other)
    assert told_in(light, "KE", date(2026, 12, 20)) == 0
    assert told_in(light, "AO", date(2026, 12, 20)) == 1


def told_in(portal: Portal, country: str, day: date) -> int:
    """Return how many people of A are told of a danger there on a day."""
    own = Actor("a", Role.COMPANY, None, portal.world.a.employer_id)
    with reading(portal.world.office.engine) as connection:
        return len(connection.execute(people_in(own, [country], day)).all())


def test_nobody_is_back_on_a_day_to_come(light: Portal) -> None:
    """“Back” with a last day that is still to come is asked about: else who is still there would be warned no more."""
    address = person(light, "沙悟净")
    stay = linked(light, f"{address}/stays/")
    text = light.a.post(stay, 422, state=state(light), status="returned", date_to="2026-12-24")
    assert "still to come" in text
    assert "2026-12-24" in text
    assert told_in(light, "ZM", date(2026, 11, 22)) == 1


def test_an_emptied_field_is_empty(light: Portal) -> None:
    """Who deletes the last day, the first day or the city has them gone: nobody expires on a day that no longer holds."""
    address = person(light, "沙悟净")
    stay = linked(light, f"{address}/stays/")
    days = {"date_from": "2026-03-01", "date_to": "2026-12-31"}
    light.a.post(stay, state=state(light), status="abroad", city="恩多拉", site="", **days)
    text = light.a.post(stay, state=state(light), status="abroad", city="", site="", date_from="", date_to="")
    assert not any(one in text for one in ("2026-12-31", "2026-03-01", "恩多拉"))
    assert told_in(light, "ZM", date(2027, 1, 2)) == 1


def test_who_does_not_leave_after_all_is_taken_off(light: Portal) -> None:
    """A stay that has yet to begin is called off by one press."""
    address = person(light, "沙悟净")
    light.a.post(f"{address}/stays", state=state(light), country="KE", status="planned", date_from="2026-11-28")
    (plan,) = set(light.a.links(f"{address}/stays/")) - {linked(light, f"{address}/stays/")}
    form = light.a.page.text.split(f'action="{plan}" class="act"')[1].split("</form>")[0]
    assert "Does not leave" in form
    assert "date_to" not in form
    light.a.post(plan, state=state(light), status="returned")
    assert told_in(light, "KE", date(2026, 11, 28)) == 0


def test_doubles_are_shown_and_answered(light: Portal) -> None:
    """Two of one name are a number on the first page; said to be the same they stay with what to do, said to be two they go."""
    assert "/company/doubles" not in light.a.get("/company/")
    light.world.a.apply((("孙悟空", "赞比亚", "", "+260977123400", "", "", "", "", "在外"),))
    light.a.get("/company/")
    assert light.a.links("/company/doubles") == ["/company/doubles"]
    text = light.a.get("/company/doubles")
    assert "+260977123400" in text
    assert "+992935000001" in text
    answer = light.a.links("/company/doubles/")[0]
    assert "two people or one" in light.a.post(answer, 422, said="")
    assert "this is one person" in light.a.post(answer, said="the-same")
    assert "You said that this is one person" in light.a.page.text
    assert "seems to be registered twice" in light.a.post(answer, said="two-people")
    assert "whether somebody is registered twice" in light.a.get(f"/company/people/{answer.split('/')[3]}")


def test_what_is_wrong_is_told_and_kept(light: Portal) -> None:
    """Days that are none, an end before the begin, no country, no number: said at the field, with what was typed in it."""
    address = person(light, "沙悟净")
    stay = linked(light, f"{address}/stays/")
    mark = stay.rpartition("/")[2]
    text = light.a.post(
        stay, 422, state=state(light), status="abroad", city='恩"多拉', date_from="2026-02-30", date_to="x"
    )
    assert f'href="#date_from-{mark}"' in text
    assert 'value="2026-02-30"' in text
    assert 'value="恩"多拉"' in text
    text = light.a.post(stay, 422, state=state(light), date_from="2026-03-02", date_to="2026-03-01")
    assert "cannot end before it begins" in text
    assert "Choose the country" in light.a.post(f"{address}/stays", 422, state=state(light), country="XX")
    for value, told in (
        ("", "Type a phone number"), ("12ab", "This is no phone number"), ("a@b", "no mail address"),
        ("+260977123450; +260977123451", "One number"),
    ):  # fmt: skip
        assert told in light.a.post(f"{address}/addresses", 422, state=state(light), value=value, country="ZM")
        assert f'value="{value}"' in light.a.page.text


def test_numbers_are_added_and_stopped(light: Portal) -> None:
    """A local number is read by the country of the stay; a number that is used no more stays on the page as such."""
    address = person(light, "沙悟净")
    text = light.a.post(f"{address}/addresses", state=state(light), value="0977 123 450", country="ZM")
    assert "+260977123450" in text
    stop = linked(light, f"{address}/addresses/")
    assert "not used any more" in light.a.post(stop, state=state(light))


def test_who_changed_them_meanwhile_is_not_overwritten(light: Portal) -> None:
    """A form of a state that is no more is refused, with what is there now and what was typed."""
    address = person(light, "沙悟净")
    stay, old = linked(light, f"{address}/stays/"), state(light)
    light.a.post(stay, state=old, status="abroad", city="恩多拉")
    before = everything(light.world.office.engine, frozenset({"audit", "web_session"}))
    text = light.a.post(stay, 409, state=old, status="abroad", city="利文斯顿")
    assert "Somebody changed this person" in text
    assert 'value="利文斯顿"' in text
    assert "恩多拉" in text
    assert everything(light.world.office.engine, frozenset({"audit", "web_session"})) == before


def test_erasure_is_asked_for_and_done_at_night(light: Portal) -> None:
    """Not without a tick; then it is written down, shown, and done by the next run of retention."""
    address = person(light, "沙悟净")
    assert "Confirm that this person asked" in light.a.post(f"{address}/erase", 422)
    assert "was asked for" in light.a.post(f"{address}/erase", sure="yes")
    run_retention(light.world.office.engine, light.world.office.clock, 180)
    light.a.get(address, 404)
    assert "2 people" in light.a.get("/company/people?show=all")


def test_nothing_changed_is_one_press(light: Portal) -> None:
    """The question of the month is on top; one press confirms everybody and closes it."""
    office = light.world.office
    assert isinstance(office.clock, FixedClock)
    office.clock.advance(timedelta(days=12))
    light.sign_in(light.a, "liaison@a.example.com")
    with writing(office.engine) as connection:
        ask_round(connection, month_of(office.clock.now(), "Asia/Shanghai"), office.clock.now())
    assert "Is your list of 2026-12 still right?" in light.a.get("/company/")
    text = light.a.post("/company/unchanged")
    assert "confirmed for this month" in text
    assert "still right?" not in text
    with reading(office.engine) as connection:
        answers = connection.exec_driver_sql("SELECT employer_id, answer, answered_by FROM confirmation_round").all()
    assert sorted(tuple(one) for one in answers) == [(1, "unchanged", "contact/1"), (2, "", None)]


def test_contacts_are_added_and_ended(light: Portal) -> None:
    """A new contact can sign in at once; the last one with a mail address cannot be ended; wrong input is told."""
    light.a.get("/company/contacts")
    for fields, at in (({"name": "", "mail": "x@example.com"}, "name"), ({"name": "甲"}, "mail"), ({"name": "甲", "phone": "12"}, "phone"),
                       ({"name": "甲", "mail": "13800138000"}, "mail")):  # fmt: skip
        assert f'href="#{at}"' in light.a.post("/company/contacts", 422, **fields)
    (only,) = light.a.links("/company/contacts/")
    assert "last contact" in light.a.post(only, 422)
    light.a.post(
        "/company/contacts", name="<b>甲</b>", duty="security", mail="second@a.example.com", phone="13800138000"
    )
    assert "<b>甲" not in light.a.page.text
    assert "+8613800138000" in light.a.page.text
    other = Surfer(light.a.app)
    light.sign_in(other, "second@a.example.com")
    light.a.post(only)
    assert "Sign in for your company" in light.a.get("/company/")
    assert "花果山公司" in other.get("/company/")


def test_a_token_is_shown_once_and_revoked(light: Portal) -> None:
    """The API takes the new token, which is on one page only; revoked, it opens nothing."""
    light.a.get("/company/settings")
    light.a.post("/company/tokens")
    token = light.a.page.text.split('class="token">')[1].split("<")[0]
    headers = {"Authorization": f"Bearer {token}"}
    assert light.a.ask("GET", "/api/v1/people", headers=headers).status_code == 200
    assert token not in light.a.get("/company/settings")
    assert "the office" in light.a.page.text
    assert "chief" not in light.a.page.text
    light.a.post(light.a.links("/company/tokens/")[0])
    assert light.a.ask("GET", "/api/v1/people", headers=headers).status_code == 401


def test_alerts_show_who_was_told(light: Portal) -> None:
    """Who, by which way and with what result, in words; an alert narrows to its own people."""
    light.world.home.release(4)
    light.world.home.drain()
    text = light.a.get("/company/alerts")
    assert "孙悟空" in text
    assert "林黛玉" not in text
    assert "delivered" in text
    light.a.get(light.a.links("/company/alerts?alert=")[0])
    assert light.a.page.text.count('<th scope="row">') == 2
    light.a.get("/company/alerts?alert=0123456789abcdef")
    assert "Nothing was sent" in light.a.page.text
