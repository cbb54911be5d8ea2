"""The list of alerts, notices that are pasted, and saved groups."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from core.database import reading, writing
from notify.own import store as own_store
from notify.store import alerts as store
from registry.tables import Role
from tests.console.pages.office.desk import Desk
from tests.console.pages.office.drafting import count_of, draft_of, drafted

NUMBERS = re.compile(r'<td data-head="Number"><a href="/office/alerts/(\d+)"')


def listed(page: str) -> list[int]:
    """Return the numbers of the alerts on a page, in order."""
    return [int(one) for one in NUMBERS.findall(page)]


def test_what_waits_for_a_person_comes_first(office_desk: Desk) -> None:
    """Drafts before what is being sent, the gravest draft first; each with countries, people and state in words."""
    wang = office_desk.as_(Role.OFFICER)
    light, grave = drafted(wang, level="2"), drafted(wang, level="4", country=["赞比亚"])
    page = wang.get("/office/alerts")
    assert listed(page) == [grave, light, 1]
    assert "Zambia" in page
    assert "being sent" in page
    assert '<td class="number" data-head="People">4</td>' in page


def test_it_is_narrowed_by_state_country_and_level(office_desk: Desk) -> None:
    """Each filter leaves what it says; numbers of the tabs follow; a country nobody knows is named."""
    wang = office_desk.as_(Role.OFFICER)
    light, grave = drafted(wang, level="2"), drafted(wang, level="4", country=["赞比亚"])
    assert listed(wang.get("/office/alerts?state=waiting")) == [grave, light]
    assert listed(wang.get("/office/alerts?state=sending")) == [1]
    assert listed(wang.get("/office/alerts?country=赞比亚")) == [grave]
    assert listed(wang.get("/office/alerts?level=2&country=TJ")) == [light]
    assert "no country or region we know" in wang.get("/office/alerts?country=<script>")
    assert "waiting for a person <strong>1</strong>" in wang.get("/office/alerts?level=4")


def test_drills_are_never_among_what_is_real(office_desk: Desk) -> None:
    """A drill stands in its own list, marked, and in no other; what is real is not in that."""
    wang = office_desk.as_(Role.OFFICER)
    drill = drafted(wang, drill="yes")
    assert drill not in listed(wang.get("/office/alerts"))
    page = wang.get("/office/alerts?drill=1")
    assert listed(page) == [drill]
    assert "【演练】" in page


def test_sent_alerts_are_in_force_until_they_end(both_desks: Desk) -> None:
    """What was sent stands under “in force”, and under “over” once it was closed; a cancelled draft is over."""
    wang = both_desks.as_(Role.OFFICER)
    both_desks.house.run()
    cancelled = drafted(wang)
    with writing(both_desks.office.engine) as connection:
        connection.execute(store.VERSIONS.update().where(store.VERSIONS.c.alert_id == 1).values(status="done"))
        connection.execute(
            store.VERSIONS.update().where(store.VERSIONS.c.alert_id == cancelled).values(status="canceled")
        )
    assert listed(wang.get("/office/alerts?state=force")) == [1]
    assert listed(wang.get("/office/alerts?state=over")) == [cancelled]
    with writing(both_desks.office.engine) as connection:
        store.close_alert(connection, 1, both_desks.office.clock.now())
    assert sorted(listed(wang.get("/office/alerts?state=over"))) == [1, cancelled]


def test_a_long_list_has_pages(office_desk: Desk) -> None:
    """Fifty alerts stand on a page, and the next page holds the rest."""
    with writing(office_desk.office.engine) as connection:
        alert = dict(connection.execute(select(store.ALERTS)).mappings().one())
        version = dict(connection.execute(select(store.VERSIONS)).mappings().one())
        more = range(2, 52)
        connection.execute(store.ALERTS.insert(), [alert | {"id": number} for number in more])
        connection.execute(store.VERSIONS.insert(), [version | {"id": number, "alert_id": number} for number in more])
    wang = office_desk.as_(Role.OFFICER)
    first = listed(wang.get("/office/alerts"))
    assert len(first) == 50
    assert wang.links("/office/alerts?page=1")
    assert [*first, *listed(wang.get("/office/alerts?page=1"))] == list(range(51, 0, -1))


def test_a_pasted_notice_becomes_a_draft_that_quotes_it(office_desk: Desk) -> None:
    """Text, origin and answer for it are kept; the draft names the origin; the same text leads to the same draft."""
    wang = office_desk.as_(Role.OFFICER)
    notice = {"text": "使馆提醒谨慎前往塔吉克斯坦\n请注意安全。", "origin": "中国驻塔使馆", "home": "yes"}
    wang.get("/office/alerts/paste")
    assert "The notice is kept" in wang.post("/office/alerts/paste", **notice)
    number = int(str(wang.page.url.path).rpartition("/")[2])
    found = draft_of(office_desk, number)
    assert (found.origin_zh, found.countries, found.level) == ("中国驻塔使馆", ("TJ",), 3)
    wang.get("/office/alerts/paste")
    assert "was entered before" in wang.post("/office/alerts/paste", **notice)
    assert count_of(office_desk) == 2
    wang.get("/office/alerts/paste")
    assert "names no country" in wang.post(
        "/office/alerts/paste", **notice | {"text": "请各位同胞注意防范，近期减少外出。"}
    )


def test_a_faulty_notice_is_not_kept(shared_desk: Desk) -> None:
    """Too short, without origin, without the officer's word for it, with an odd link or country: each is named, all is kept."""
    wang, before = shared_desk.as_(Role.OFFICER), count_of(shared_desk)
    wang.get("/office/alerts/paste")
    page = wang.post("/office/alerts/paste", 422, text="短<b>", link="javascript:1", countries="奥兹国", issued="昨天")
    for words in (
        "8 to 8000 characters",
        "Say where it came from",
        "authority at home",
        "https://",
        "no country or region",
        "昨天",
    ):
        assert words in page
    assert "短&lt;b&gt;</textarea>" in wang.page.text
    assert count_of(shared_desk) == before


def test_groups_are_saved_replaced_and_removed(office_desk: Desk) -> None:
    """A group is saved by company, kind and number; another of its name only when the officer says so; a draft can name it."""
    wang = office_desk.as_(Role.OFFICER)
    wang.get("/office/groups")
    assert "The group is saved" in wang.post(
        "/office/groups", name="取经人", employer=["花果山公司"], kind=["posted"], people="1 2"
    )
    page = wang.post("/office/groups", 422, name="取经人", people="3")
    assert "There is a group of this name" in page
    assert 'name="replace"' in page
    assert "The group is saved" in wang.post("/office/groups", name="取经人", people="3", replace="yes")
    with reading(office_desk.office.engine) as connection:
        group = own_store.group_named(connection, "取经人")
        assert group is not None
        assert own_store.members_of(connection, group.id or 0) == [3]
    number = drafted(wang, group=["取经人"])
    assert draft_of(office_desk, number).audience.groups == (group.id,)
    wang.get("/office/groups")
    assert "The group is removed" in wang.post("/office/groups/remove", name="取经人")


def test_a_group_of_nobody_is_refused(shared_desk: Desk) -> None:
    """Without anybody in it, with a number that is nobody's or a company nobody knows, nothing is saved and all is kept."""
    wang = shared_desk.as_(Role.OFFICER)
    wang.get("/office/groups")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "A group is never everybody"), ({"people": "77777"}, "Nobody in the register"),
        ({"employer": ["奥兹公司"]}, "no company of the register"), ({"people": "x"}, "no number of a person"),
    ]  # fmt: skip
    for fields, words in wrong:
        page = wang.post("/office/groups", 422, name='夜班"<i>', **fields)
        assert words in page
        assert 'value="夜班&#34;&lt;i&gt;"' in wang.page.text
