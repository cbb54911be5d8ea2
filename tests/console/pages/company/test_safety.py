"""The company's own people after an alert: who is safe, who is silent, and the company's word for them."""

from __future__ import annotations

from sqlalchemy import select, update

from core.database import reading, writing
from notify.duty import store as duty
from notify.store.alerts import VERSIONS
from notify.store.safety import SAFE_WORDS
from tests.console.pages.company.portal import Portal
from tests.console.pages.surfer import Surfer


def opened(portal: Portal, surfer: Surfer) -> str:
    """Let the alert ask, open its board through the page of alerts, and return its address."""
    with writing(portal.world.office.engine) as connection:
        connection.execute(update(VERSIONS).values(ask_safe=True))
    surfer.get("/company/alerts")
    link = next(one for one in surfer.links("/company/alerts/") if one.endswith("/safety"))
    surfer.get(link)
    return link


def people(surfer: Surfer) -> dict[str, str]:
    """Return the public ids on the board by name."""
    parts = surfer.page.text.split('name="person" value="')[1:]
    return {one.split('aria-label="')[1].split('"')[0]: one.split('"')[0] for one in parts}


def test_a_company_marks_its_people(light: Portal) -> None:
    """Who is marked as safe is shown so, with whose word it is; the office's board has it, and nothing of the other company is here."""
    link = opened(light, light.a)
    there = people(light.a)
    assert "林黛玉" not in light.a.page.text
    text = light.a.post(link, answer="safe", person=[there["孙悟空"]], note="已通电话")
    assert "The office sees it now" in text
    assert "the company says so" in text
    with reading(light.world.office.engine) as connection:
        [row] = connection.execute(select(SAFE_WORDS)).all()
    assert (row.answer, row.means, row.by.partition("/")[0]) == ("safe", "company", "contact")
    assert row.words_sealed is not None
    assert b"\xe5\xb7\xb2" not in row.words_sealed


def test_help_calls_the_officer(light: Portal) -> None:
    """Who is marked as in need of help has the officer on duty paged, and comes first on the page."""
    link = opened(light, light.a)
    there = people(light.a)
    text = light.a.post(link, answer="help", person=[there["猪八戒"]])
    assert "officer on duty" in text
    assert next(iter(people(light.a))) == "猪八戒"
    with reading(light.world.office.engine) as connection:
        assert len(duty.open_pages(connection)) == 1


def test_bad_forms_change_nothing(light: Portal) -> None:
    """Nobody chosen, no answer, an answer that says nothing, and people of others: said, and nothing is written down."""
    link = opened(light, light.a)
    there = people(light.a)
    light.a.get(link)
    light.a.post(link, 422, answer="safe")
    light.a.post(link, 422, answer="unclear", person=[there["孙悟空"]])
    light.a.post(link, 422, person=[there["孙悟空"]])
    theirs = people_of_b(light)
    light.a.get(link)
    light.a.post(link, 404, answer="safe", person=[there["孙悟空"], theirs])
    light.a.get("/company/alerts/0123456789abcdef/safety", 404)
    with reading(light.world.office.engine) as connection:
        assert connection.execute(select(SAFE_WORDS)).all() == []


def people_of_b(portal: Portal) -> str:
    """Return the public id of somebody of B."""
    opened(portal, portal.b)
    return next(iter(people(portal.b).values()))


def test_looking_changes_nothing_and_speaks_chinese(light: Portal) -> None:
    """The board in Chinese; to open it writes no word."""
    link = opened(light, light.a)
    light.a.headers = {"Accept-Language": "zh-CN"}
    text = light.a.get(link)
    assert "未答复" in text
    assert "需要帮助" in text
    with reading(light.world.office.engine) as connection:
        assert connection.execute(select(SAFE_WORDS)).all() == []
