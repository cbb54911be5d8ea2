"""Replay: past nights through today's rules give the same drafts again, and leave the office's database as it was."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel

from core.database import reading, writing
from core.errors import WrongUse
from core.settings import Settings
from notify import night
from notify.channels.recorder import Recorder
from notify.office import Office
from notify.policy import POLICIES, Policy, load_policy
from notify.replay import Difference, Replayed, run
from registry.people import NewPosting
from sources.change import Comparison, Entry
from sources.model import AdvisoryChange, ChangeKind, Hazard
from sources.store import save_comparison
from tests.notify.alerts.replayer import BEGIN, END, as_bytes
from tests.notify.alerts.scene import Scene, person
from tests.notify.made import NIGHT, advisory, change

ROOT = Path(__file__).resolve().parents[3]
REAL = ROOT.parent / "shared" / "feeds"
SINCE, UNTIL = NIGHT - timedelta(hours=12), NIGHT + timedelta(hours=36)
ZAMBIA = advisory()
KENYA = advisory(native_id="two", title="提醒中国公民谨慎前往肯尼亚", countries=("KE",), level_national=3, hazards=(Hazard.CRIME,),
                 summary="近期多发抢劫。")  # fmt: skip
PERU = advisory(
    native_id="three", title="提醒赴秘鲁中国公民注意安全", countries=("PE",), level_national=2, summary="一般提醒。"
)


@pytest.fixture
def office(scene: Scene, tmp_path: Path) -> Office:
    """Give an office that worked two nights: it sent for Zambia and Kenya, and told Zambia of the end a night later."""
    company = scene.employer("A1")
    scene.enrol(
        person(NewPosting("ZM"), sms=("+260977000001",), employer=company), person(NewPosting("ZM")),
        person(NewPosting("KE"), sms=("+254712345678",)), person(NewPosting("PE"), sms=("+51912345678",)),
    )  # fmt: skip
    here = Office(Settings(home=tmp_path), scene.engine, scene.clock, scene.keys, {"sms": Recorder()})
    _night(here, scene, NIGHT, *(change(ChangeKind.NEW, one) for one in (ZAMBIA, KENYA, PERU)))
    _night(here, scene, NIGHT + timedelta(days=1), change(ChangeKind.WITHDRAWN, None, ZAMBIA))
    return here


def _night(office: Office, scene: Scene, at: datetime, *changes: AdvisoryChange) -> None:
    scene.clock.moment = at
    for one in changes:
        compared = Comparison(changes=[one], entries={one.native_id: Entry(one.advisory, at)})
        with writing(office.engine) as connection:
            save_comparison(connection, {}, compared, None, at)
    night.act_on_changes(office)
    night.send_due(office, at, timedelta(seconds=20))


def rows_of(office: Office) -> dict[str, int]:
    """Count the rows of every table."""
    with reading(office.engine) as connection:
        tables = SQLModel.metadata.sorted_tables
        return {one.name: connection.execute(select(func.count()).select_from(one)).scalar_one() for one in tables}


def outcomes(found: Replayed) -> list[tuple[str, str, int, Difference]]:
    """Return what became of each change, for how many people, and how that differs from what was done."""
    return [(one.rule, one.outcome, len(one.told.people), one.difference) for one in found.items]


def test_the_same_rules_give_the_same_again(office: Office) -> None:
    """Two sends, a digest and a follow-up, to the people who were told; one of Zambia has no number. Nothing is written."""
    before = rows_of(office)
    file = Path(office.engine.url.database or "")
    sqlite = office.engine.dialect.name == "sqlite"
    digest = hashlib.sha256(file.read_bytes()).hexdigest() if sqlite else ""
    found = run(office, office.policy, SINCE, UNTIL)
    assert outcomes(found) == [
        ("home-4", "send", 2, Difference.SAME), ("home-3", "send", 1, Difference.SAME),
        ("home-advice", "digest", 0, Difference.SAME), ("told-before", "follow-up", 1, Difference.SAME),
    ]  # fmt: skip
    assert (len(found.items[0].told.unreachable), found.items[0].was and found.items[0].was.told) == (1, 1)
    assert found.items[0].told.countries == {"ZM": 2}
    assert found.items[0].told.employers == {0: 1, 1: 1}
    assert (found.nights, len(found.people)) == (2, 3)
    assert as_bytes(found) == as_bytes(run(office, office.policy, SINCE, UNTIL))
    assert rows_of(office) == before
    assert not sqlite or hashlib.sha256(file.read_bytes()).hexdigest() == digest


def stricter(tmp_path: Path) -> Policy:
    """Return the shipped policy with level 4 of the ministry as a draft and its advice sent."""
    text = (POLICIES / "policy.toml").read_text(encoding="utf-8")
    head, rule = text.split('name = "home-4"')
    text = head + 'name = "home-4"' + rule.replace('action = "send"', 'action = "draft"', 1)
    head, rule = text.split('name = "home-advice"')
    own = tmp_path / "own.toml"
    own.write_text(head + 'name = "home-advice"' + rule.replace('action = "digest"', 'action = "send"', 1), "utf-8")
    return load_policy(own)


def test_other_rules_show_whom_they_would_reach(office: Office, tmp_path: Path) -> None:
    """Where level 4 is a draft nobody in Zambia would have been told, nor of its end; the advice would reach Peru."""
    found = run(office, stricter(tmp_path), SINCE, UNTIL)
    assert outcomes(found) == [
        ("home-4", "draft", 2, Difference.WOULD_NOT_SEND), ("home-3", "send", 1, Difference.SAME),
        ("home-advice", "send", 1, Difference.WOULD_SEND), ("told-before", "follow-up", 0, Difference.WOULD_NOT_SEND),
    ]  # fmt: skip
    assert sorted({one.country for one in found.people.values()}) == ["KE", "PE"]


def test_what_stood_before_is_not_forgotten(office: Office) -> None:
    """The end of Zambia's alert, replayed alone, is still a follow-up to those told the night before."""
    found = run(office, office.policy, NIGHT + timedelta(hours=12), UNTIL)
    assert [(one.rule, one.goes_out, len(one.told.people)) for one in found.items] == [("told-before", True, 1)]


def test_an_empty_time_is_refused(office: Office) -> None:
    """The end lies after the beginning."""
    with pytest.raises(WrongUse):
        run(office, office.policy, UNTIL, SINCE)


def test_all_captures_twice(scene: Scene, tmp_path: Path) -> None:
    """Every real capture gives the same drafts twice, byte for byte, also in another process, which keeps its sets in another
    order; the border warning is the one that goes out."""
    if scene.engine.dialect.name != "sqlite":
        pytest.skip("the replay works in a database of its own, which is the same")
    if not (REAL / "captures.toml").is_file():
        pytest.skip(f"no captures in {REAL}")
    scene.enrol(person(NewPosting("TJ"), sms=("+992935000001",)), person(NewPosting("IL"), sms=("+972501234567",)))
    here = Office(Settings(home=tmp_path), scene.engine, scene.clock, scene.keys, {})
    found = run(here, here.policy, BEGIN, END, of=REAL)
    assert [(one.rule, one.goes_out, one.told.countries) for one in found.shown] == [
        ("peer-high", False, {"IL": 1}),
        ("home-4", True, {"TJ": 1}),
    ]
    url = scene.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.notify.alerts.replayer", url, str(tmp_path), str(REAL)]
    other = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    again = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": other}, capture_output=True, check=False
    )
    assert again.stdout == as_bytes(found), again.stderr.decode()
