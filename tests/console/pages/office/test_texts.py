"""Templates of alerts and wordings of notices: read with made-up data, tried before they are taken, and kept in versions."""

from __future__ import annotations

from typing import get_args

import pytest

from core.database import reading
from notify.own import template_store, templates
from notify.texts import store
from notify.texts.rules import Form
from notify.texts.wording import shipped
from registry.tables import Role
from tests.console.pages.office.desk import Desk

GOOD = "{{ signature }}{% if drill %}【演练】{% endif %}{{ mark }}{{ sentence }}{{ places }}，{{ contacts }}。{{ url }} 编号{{ ref }}"


@pytest.mark.parametrize("form", get_args(Form))
def test_every_shipped_wording_reads(shared_desk: Desk, form: str) -> None:
    """Each form shows its source and how it reads, for every kind of version, to whoever works here."""
    page = shared_desk.as_(Role.OFFICER).get(f"/office/texts/notice?form={form}&language=zh")
    assert "cannot be filled" not in page
    assert page.count("<details") >= 4
    assert "Take it into use" not in page


def test_a_wording_is_tried_before_it_is_taken(office_desk: Desk) -> None:
    """What leaves out the hotline or the code, or asks for a gap there is not, is refused and kept in the field; what is whole is
    shown first, then taken, and can be given back for the shipped one.
    """
    li = office_desk.as_(Role.APPROVER)
    li.get("/office/texts/notice?form=sms")
    page = li.post(
        "/office/texts/notice", 422, form="sms", language="zh", mark="0", body="{{ signature }}{{ sentence }}<b>"
    )
    assert "12308" in page
    assert "the code of each notice" in page
    assert "{{ sentence }}&lt;b&gt;</textarea>" in li.page.text
    assert "nothing_such" in li.post(
        "/office/texts/notice", 422, form="sms", language="zh", mark="0", body=GOOD + "{{ nothing_such }}"
    )
    wording = {"form": "sms", "language": "zh", "mark": "0", "body": GOOD}
    assert "this is how it would read" in li.post("/office/texts/notice", check="yes", **wording)
    assert own(office_desk) == ""
    assert "in use from the next text on" in li.post("/office/texts/notice", **wording)
    assert own(office_desk) == GOOD
    li.get("/office/texts/notice?form=sms")
    assert "The shipped wording is in use again" in li.post(
        "/office/texts/notice", reset="yes", **wording | {"mark": "1"}
    )
    assert own(office_desk) == ""
    assert GOOD in li.get("/office/texts/notice?form=sms&version=1")


def test_the_second_of_two_who_change_a_wording_is_told(office_desk: Desk) -> None:
    """A version saved meanwhile is shown beside what was typed, and nothing is written over."""
    li, chief = office_desk.as_(Role.APPROVER), office_desk.as_(Role.ADMINISTRATOR)
    for one in (li, chief):
        one.get("/office/texts/notice?form=sms")
    wording = {"form": "sms", "language": "zh", "mark": "0"}
    li.post("/office/texts/notice", body=GOOD, **wording)
    page = chief.post("/office/texts/notice", 422, body=GOOD + "谢谢", **wording)
    assert "li saved version 1" in page
    assert "谢谢" in page
    assert own(office_desk) == GOOD


def test_a_template_is_saved_in_versions(office_desk: Desk) -> None:
    """Its gaps are named, a wrong one says where, a second officer who saved it meanwhile is named, and an old version stays."""
    li, chief = office_desk.as_(Role.APPROVER), office_desk.as_(Role.ADMINISTRATOR)
    for one in (li, chief):
        one.get("/office/texts/alert")
    page = li.post("/office/texts/alert", 422, name="quake", mark="0", title_zh="{{ place", body_zh="<script>")
    assert "cannot be read" in page
    assert "&lt;script&gt;" in li.page.text
    li.post("/office/texts/alert", name="quake", mark="0", title_zh="{{ place }}发生地震", body_zh="一")
    page = chief.post("/office/texts/alert", 422, name="quake", mark="0", title_zh="{{ place }}地震", body_zh="二")
    assert "li saved version 1" in page
    chief.post("/office/texts/alert", name="quake", mark="1", title_zh="{{ place }}地震", body_zh="二")
    page = li.get("/office/texts/alert?name=quake")
    assert "〔place〕地震" in page
    with reading(office_desk.office.engine) as connection:
        assert [one.number for one in template_store.versions(connection, "quake")] == [2, 1]
        assert templates.find(connection, "quake").body_zh == "二"
    assert "out of use" in li.post("/office/texts/alert/remove", name="quake")
    li.get("/office/texts/alert?name=quake", 404)


def test_only_who_may_release_changes_words(shared_desk: Desk) -> None:
    """An officer reads templates and wordings, and is refused when changing them."""
    wang = shared_desk.as_(Role.OFFICER)
    assert "approvers and administrators" in wang.get("/office/texts")
    wang.post("/office/texts/alert", 403, name="quake", mark="0", title_zh="地震请注意")
    wang.post("/office/texts/notice", 403, form="sms", language="zh", mark="0", body=GOOD)
    wang.get("/office/texts/notice?form=nothing", 404)
    wang.get("/office/texts/notice?form=sms_cn&language=en", 404)


def own(desk: Desk) -> str:
    """Return the office's own wording of the Chinese SMS; empty: the shipped one is used."""
    with reading(desk.office.engine) as connection:
        found = store.own_wordings(connection).get(("sms", "zh"))
    assert found is None or found.source != shipped("sms", "zh").source
    return "" if found is None else found.source
