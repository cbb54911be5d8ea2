"""A drill in a live office: marked everywhere, to the allow-list only, and in no figure of what is real."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.database import reading, writing
from core.errors import BadInput
from core.settings_tables import Budget
from core.tables import Mode
from notify import alerts, engine, proof
from notify.account import of_alert
from notify.channels.recorder import Recorder
from notify.compose import compose
from notify.edit import as_draft
from notify.gate import Gate
from notify.manual import LISTED, draft_manual
from notify.office import Office
from notify.store import alerts as store
from notify.store import cap, holds
from notify.tables import AlertStatus, VersionKind
from tests.notify.alerts.scene import OFFICER, Scene, person
from tests.notify.made import NIGHT, OFFICE
from tests.notify.own.forms import approved, form, released, written

ALLOWED, OTHER = "+260977000009", "+260977000001"
MARKS = {"zh": "演练", "en": "drill"}


@pytest.fixture
def live(scene: Scene) -> Scene:
    """Give a live office with two people in Zambia: one of them on the allow-list."""
    scene.open_for_business(Mode.LIVE)
    scene.enrol(person(sms=(ALLOWED,), name="演练员"), person(sms=(OTHER,), name="路人"))
    return scene


def drain(office: Office) -> None:
    """Send what is due."""
    asyncio.run(engine.run(office.tools(), moment=office.clock.now(), within=office.clock.now() - office.clock.now()))


def test_every_text_on_every_channel_says_so() -> None:
    """Each form an officer may choose, the robots of groups too, carries the mark in its body, and a mail in its subject as well."""
    draft = draft_manual(form(drill=True, channels=list(LISTED), body_zh="请注意。"), OFFICE, NIGHT)
    every = replace(draft, channels=(*draft.channels, "sms_cn", "wecom_bot", "dingtalk_bot", "feishu_bot"))
    texts = compose(every, OFFICE, drill=draft.drill)
    assert {one.channel for one in texts} >= {"voice", "email", "whatsapp", "sms_cn", "wecom_bot"}
    for one in texts:
        words = MARKS["zh"] if one.channel == "sms_cn" else MARKS[one.language]
        assert words in one.body.lower(), (one.channel, one.language, one.body)
        assert not one.subject or words in one.subject.lower()


def test_it_reaches_the_allow_list_only(live: Scene, office: Office, phones: Recorder) -> None:
    """In a live office a drill calls one provider, for the one who practises; the other notice is refused at the gate, by name."""
    version = approved(live, written(live, drill=True, level=4))
    assert released(live, version) == 2
    drain(office)
    assert [(one.address, "演练" in one.body) for one in phones.sent] == [(ALLOWED, True)]
    assert sorted((one.state, one.error_code) for one in live.notices(version)) == [
        ("accepted", ""),
        ("failed", "gate-drill"),
    ]


def test_a_drill_for_nobody_is_refused(live: Scene, office: Office) -> None:
    """With an empty allow-list a drill is not sent, and the sentence names the setting; a live alert is."""
    nobody = replace(office, settings=office.settings.model_copy(update={"drill_allow": frozenset()}))
    version = approved(live, written(live, drill=True, level=4))
    with writing(live.engine) as connection, pytest.raises(BadInput, match="drill_allow"):
        alerts.release(connection, version, nobody.acting(OFFICER))
    assert live.status(version) is AlertStatus.APPROVED
    real = approved(live, written(live, level=3))
    with writing(live.engine) as connection:
        assert alerts.release(connection, real, nobody.acting(OFFICER)) == 2
        assert alerts.release(connection, version, office.acting(OFFICER)) == 2


def test_what_is_real_goes_before_it(live: Scene, office: Office, phones: Recorder) -> None:
    """However grave it plays, a drill leaves after every live notice, and a live notice leaves as ever."""
    released(live, approved(live, written(live, drill=True, level=4)))
    released(live, approved(live, written(live, level=1, valid_hours=24)))
    with writing(live.engine) as connection:
        connection.exec_driver_sql("UPDATE delivery SET state = 'ready', not_before = NULL")
    drain(office)
    assert ["演练" in one.body for one in phones.sent] == [False, False, True]


def test_it_is_in_no_live_figure(live: Scene, office: Office) -> None:
    """Gaps, drafts that wait, accounts, the feed of alerts, budgets and situations know nothing of it; its own number shows it."""
    waits = written(live, drill=True)
    version = approved(live, written(live, drill=True, level=4))
    released(live, version)
    budget = replace_budgets(office)
    drain(budget)
    number = live.alert_of(version)
    with reading(live.engine) as connection:
        assert proof.gaps(connection) == []
        assert of_alert(connection) == []
        assert [one.planned for one in of_alert(connection, number)] == [2]
        assert cap.chains(connection, frozenset()) == []
        assert store.versions(connection, status=list(AlertStatus)) == []
        assert [place.situation_id for place in store.places(connection, version)] == [None]
        [stand] = holds.stands(connection, budget.settings.budgets, live.clock.now().date())
        assert stand.used == 0
        assert store.is_drill(connection, live.alert_of(waits))


def replace_budgets(office: Office) -> Office:
    """Return the office with a budget for SMS."""
    one = Budget(channel="sms", country="*", per_day=10)
    return replace(office, settings=office.settings.model_copy(update={"budgets": (one,)}))


def test_a_later_version_of_a_drill_is_one(live: Scene) -> None:
    """The end of a drill carries its marks too and is of the same mode."""
    version = approved(live, written(live, drill=True, level=4))
    released(live, version)
    with writing(live.engine) as connection:
        again = as_draft(connection, store.version(connection, version))
        ends = replace(again, kind=VersionKind.ALL_CLEAR, follows=live.alert_of(version))
        later = alerts.open_alert(connection, ends, live.acting(OFFICER))
        assert later is not None
        texts = store.texts(connection, later)
    assert again.drill
    assert all(MARKS[one.language] in one.body.lower() for one in texts)


@pytest.mark.parametrize(
    ("instance", "alert", "address", "code"),
    [
        (Mode.LIVE, Mode.DRILL, ALLOWED, ""), (Mode.LIVE, Mode.DRILL, OTHER, "gate-drill"), (Mode.LIVE, Mode.LIVE, OTHER, ""),
        (Mode.DRILL, Mode.DRILL, ALLOWED, ""), (Mode.DRILL, Mode.DRILL, OTHER, "gate-drill"),
        (Mode.DRILL, Mode.LIVE, ALLOWED, "gate-mode"), (Mode.LIVE, Mode.SANDBOX, ALLOWED, "gate-mode"),
        (Mode.SANDBOX, Mode.DRILL, OTHER, "gate-drill"), (Mode.SANDBOX, Mode.LIVE, ALLOWED, "gate-mode"),
    ],
)  # fmt: skip
def test_the_gate(instance: Mode, alert: Mode, address: str, code: str) -> None:
    """A drill passes in any mode, to its list only; nothing else passes into another mode than its own."""
    gate = Gate("one", instance, frozenset({ALLOWED}))
    assert gate.refuse(alert_uid="one", alert_mode=alert, endpoint="127.0.0.1", address=address) == code
