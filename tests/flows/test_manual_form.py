"""The form of a manual alert as Prefect's pages offer it: the targets, a schedule and a drill reach the draft, and nothing leaves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from core.database import reading, writing
from core.errors import BadInput
from core.settings import load
from flows.manual_alert import write_draft
from notify.manual import ManualAlert
from notify.office import Office, open_office
from notify.own import store as own_store
from notify.own.audience import audience_of
from notify.own.model import Audience
from notify.store import alerts as store
from notify.tables import AlertStatus
from registry.actors import SYSTEM
from registry.employers import add_employer


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Give an office with one employer."""
    opened = open_office(load(home=tmp_path))
    with writing(opened.engine) as connection:
        add_employer(connection, SYSTEM, code="C1", name="花果山公司", now=opened.clock.now())
    return opened


def test_every_field_has_a_chinese_title() -> None:
    """Every field of the form is titled in Chinese and stands at a place of its own."""
    fields = ManualAlert.model_json_schema()["properties"]
    assert all(any("一" <= char <= "鿿" for char in one["title"]) for one in fields.values())
    assert [one["position"] for one in fields.values()] == list(range(len(fields)))
    assert "default" not in fields["title_zh"]  # a form would fill in "", and the server refuse it as too short


def test_the_form_reaches_the_draft(office: Office) -> None:
    """Places, employers, the question and the schedule of a form stand in the draft; it is marked a drill, and is not released."""
    later = office.clock.now() + timedelta(hours=2)
    filled = ManualAlert.model_validate({
        "countries": ["赞比亚"], "level": 3, "title_zh": "请减少外出", "places": ["基特韦"], "employers": ["C1"], "ask_safe": True,
        "send_at": later.isoformat(), "drill": True,
    })  # fmt: skip
    told = write_draft.fn(office, filled, dry_run=False)
    with reading(office.engine) as connection:
        version = store.newest_version(connection, told["alert"])
        assert version.id is not None
        audience = audience_of(connection, version.id)
        [planned] = own_store.schedules(connection)
        assert store.is_drill(connection, told["alert"])
    assert (version.status, version.ask_safe, audience) == (AlertStatus.DRAFT, True, Audience(("基特韦",), (1,)))
    assert (planned.version_id, planned.at) == (version.id, later)
    assert (told["drill"], told["people"], told["left_out"]) == (True, 0, 0)
    office.engine.dispose()


def test_a_dry_run_looks_everything_up_and_keeps_nothing(office: Office) -> None:
    """Only checked, a form that names an unknown template or no title is refused as it would be for real."""
    plain = {"countries": ["ZM"], "level": 2}
    assert (
        write_draft.fn(office, ManualAlert.model_validate(plain | {"title_zh": "请减少外出"}), dry_run=True)["alert"]
        is None
    )
    with pytest.raises(BadInput, match="needs a title"):
        write_draft.fn(office, ManualAlert.model_validate(plain), dry_run=True)
    with reading(office.engine) as connection:
        assert store.versions(connection) == []
    office.engine.dispose()
