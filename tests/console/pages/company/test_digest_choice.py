"""The contacts of a company choose how often the digest comes."""

from __future__ import annotations

from core.database import reading
from notify.digest import store
from tests.console.pages.company.portal import Portal


def standing(portal: Portal) -> list[tuple[int | None, str, str]]:
    """Return who gets the digest, how often, and by whose word."""
    with reading(portal.world.office.engine) as connection:
        return [(one.employer_id, one.rhythm, one.created_by) for one in store.standing(connection)]


def chosen(portal: Portal) -> str:
    """Return what is marked on the page of company A."""
    text = portal.a.get("/company/contacts")
    return next(one for one in text.split("<input") if 'name="rhythm"' in one and " checked" in one)


def test_a_company_chooses_and_chooses_otherwise(light: Portal) -> None:
    """Nothing at first; weekly, daily and nothing again are written down for this company alone, and shown as they stand."""
    a = light.world.a.employer_id
    assert 'value="never"' in chosen(light)
    assert "written down" in light.a.post("/company/digest", rhythm="weekly")
    assert standing(light) == [(a, "weekly", "contact/1")]
    assert 'value="weekly"' in chosen(light)
    light.a.post("/company/digest", rhythm="daily")
    assert standing(light) == [(a, "daily", "contact/1")]
    light.a.post("/company/digest", rhythm="never")
    assert standing(light) == []
    assert 'value="never"' in chosen(light)


def test_what_is_no_choice_is_told(light: Portal) -> None:
    """No choice, or one that is none: the page says so beside the choice, and nothing is written."""
    light.a.get("/company/contacts")
    for said in {}, {"rhythm": "hourly"}:
        assert 'href="#rhythm"' in light.a.post("/company/digest", 422, **said)
    assert standing(light) == []
