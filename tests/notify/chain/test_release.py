"""Who may release what, and what must be there before: by the size of it; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.database import set_mode, writing
from core.errors import BadInput
from core.tables import Mode
from notify import alerts
from notify.grounds import Transfer
from notify.rules.model import Approval, Rules
from notify.texts import store as text_store
from tests.notify.alerts.scene import APPROVER, OFFICER, person
from tests.notify.chain.newcomers import Later
from tests.notify.made import draft

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SMALL = Rules(approval=Approval(people=2, level=4, countries=2))


def _release(later: Later, version: int) -> int:
    acting = replace(later.office.acting(OFFICER), rules=SMALL)
    with writing(later.scene.engine) as connection:
        return alerts.release(connection, version, acting)


def test_below_the_thresholds_one_person_is_enough(later: Later) -> None:
    """A draft of level 2 for one person is released by its drafter, if the policy says so; the record says how."""
    later.scene.enrol(person(sms=("+260977000001",)))
    version = later.scene.open(draft(level=2, as_of=NOW))
    assert _release(later, version) == 1
    assert later.scene.version(version).approved_by == "policy/one-person"


@pytest.mark.parametrize(
    "values", [{"level": 4}, {"level": 2, "countries": ("ZM", "MW")}, {"level": 2, "source_id": "own"}]
)
def test_above_them_a_second_person_is_needed(later: Later, values: dict[str, object]) -> None:
    """By level, by countries, and for what was pasted whatever its size, the drafter alone is refused with the reason."""
    version = later.scene.open(draft(as_of=NOW, **values))
    with pytest.raises(BadInput, match="A second person must release it"):
        _release(later, version)


@pytest.mark.parametrize("template", ["", "war"])
def test_a_live_alert_must_be_correctable(later: Later, template: str) -> None:
    """With an own wording that cannot be filled any more, the usual one or that of its route, a live release is refused."""
    later.scene.enrol(person(sms=("+260977000001",)))
    with writing(later.scene.engine) as connection:
        set_mode(connection, Mode.LIVE)
    version = later.scene.open(draft(as_of=NOW, template=template))
    with writing(later.scene.engine) as connection:
        text_store.add_wording(connection, "sms", "zh", "{{ signature }}{{ gone }}", by="test", now=NOW,
                                name=template or text_store.NOTICE)  # fmt: skip
        alerts.submit(connection, version, later.office.acting(OFFICER))
        alerts.approve(connection, version, later.office.acting(APPROVER))
    with pytest.raises(BadInput, match=r"No correction could be sent: the wording for sms \(zh\)"):
        _release(later, version)


@pytest.mark.parametrize(
    ("channel", "settings"),
    [
        ("whatsapp", {"whatsapp_templates": {"first": f"HX{1:032x}"}}),
        ("sms_cn", {"sms_cn_provider": "aliyun", "sms_cn_templates": {"first": "SMS_1"}}),
    ],
)
def test_a_live_alert_needs_an_approved_template_for_its_correction(
    later: Later, channel: str, settings: dict[str, object]
) -> None:
    """Over a channel whose provider sends approved templates only, a live release above the threshold is refused until the settings
    name one for corrections; other channels do not need it."""
    whole = replace(later.office, settings=later.office.settings.model_copy(update=settings))
    number = f"{channel}_templates"
    more = {number: {**settings[number], "correction": f"HX{2:032x}"}}  # type: ignore[dict-item]
    mended = replace(whole, settings=whole.settings.model_copy(update=more))
    later.scene.enrol(person(sms=("+260977000001",)))
    with writing(later.scene.engine) as connection:
        set_mode(connection, Mode.LIVE)
    plain, version = (later.scene.open(draft(as_of=NOW, channels=ways)) for ways in (("email",), (channel,)))
    with writing(later.scene.engine) as connection:
        for one in (plain, version):
            alerts.write_texts(connection, one, draft(as_of=NOW, channels=("email",) if one == plain else (channel,)),
                               replace(whole.acting(OFFICER), transfer=Transfer(in_use=frozenset({"email", channel}))))  # fmt: skip
            alerts.submit(connection, one, later.office.acting(OFFICER))
            alerts.approve(connection, one, later.office.acting(APPROVER))
        alerts.release(connection, plain, whole.acting(OFFICER))
        with pytest.raises(BadInput, match=number):
            alerts.release(connection, version, whole.acting(OFFICER))
        alerts.release(connection, version, mended.acting(OFFICER))
