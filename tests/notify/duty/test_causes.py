"""What wants a person where it happens: a budget that is used up, a draft whose route says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine

from core.clock import FixedClock
from core.database import reading, writing
from core.keys import MasterKeys
from core.settings import load
from core.settings_tables import Budget
from core.tables import table
from notify import night, watchdog
from notify.duty import store
from notify.duty.tables import DutyPage
from notify.office import Office
from sources import store as source_store
from sources.change import Comparison, Entry
from sources.model import Advisory, Grade
from tests.notify.alerts.scene import Scene
from tests.notify.made import NIGHT, advisory, change
from tests.notify.sending.house import House, Scripted, enrol_people, house, numbers

PAGES = table(DutyPage)


def causes(engine: Engine) -> list[tuple[str, bool]]:
    """Return every page there ever was, and whether it is open."""
    with reading(engine) as connection:
        rows = connection.execute(PAGES.select().order_by(PAGES.c.id)).all()
    return [(row.cause, row.settled_at is None) for row in rows]


def test_a_budget_that_is_used_up_pages_once(
    engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys
) -> None:
    """At the limit one page, however often it is hit; raised, the page is closed."""
    home = house(engine, tmp_path, clock, keys, dispatch_concurrency=8).with_channels(Scripted())
    enrol_people(home, numbers(6))
    home.release()
    tight = home.office.settings.model_copy(update={"budgets": (Budget(channel="sms", country="TJ", per_day=2),)})
    held = House(replace(home.office, settings=tight))
    held.run(within=30)
    held.run(within=30)
    assert causes(engine) == [("budget/sms/TJ", True)]
    with reading(engine) as connection:
        found = store.open_pages(connection)
    assert found[0].due is not None, "the next sweep calls"
    home.run(within=30)
    assert causes(engine) == [("budget/sms/TJ", False)]


def read(scene: Scene, *notices: Advisory) -> None:
    """Write down new notices, as a reading of the source does."""
    result = Comparison([change(after=one) for one in notices], {one.native_id: Entry(one, NIGHT) for one in notices})
    with writing(scene.engine) as connection:
        source_store.save_comparison(connection, source_store.entries(connection, "cn-mfa"), result, None, NIGHT)


def test_a_draft_whose_route_says_so_pages_at_once(
    engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys
) -> None:
    """A level we do not understand wants an officer in the same transaction; one that goes out by rule wants nobody."""
    scene = Scene(engine, keys, bytes(range(32, 64)), clock)
    scene.open_for_business()
    read(
        scene,
        advisory(native_id="odd", countries=("TJ",), level_national=Grade.UNKNOWN, level_words="?"),
        advisory(native_id="plain", level_national=4),
    )
    office = Office(load(home=tmp_path, lang="en", duty_phone="+260970000009"), engine, clock, keys)
    decided = {one.change.change.native_id: one for one in night.act_on_changes(office)}
    assert decided["odd"].decision.route.page
    [(cause, is_open)] = causes(engine)
    assert (cause.startswith("draft/"), is_open) == (True, True)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alert_version SET status = 'canceled' WHERE status = 'draft'")
    watchdog.watch(office, free=lambda office: 50_000)
    assert causes(engine)[0] == (cause, False)
