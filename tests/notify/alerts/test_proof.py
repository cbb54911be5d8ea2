"""Proof: everybody who should have been told is planned for, at an end, or listed; and the books hold."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from core import chain
from core.database import reading, writing
from core.i18n import t
from core.tables import Audit, table
from notify import alerts, ledger, night, proof
from notify.summary import alert_json
from notify.tables import Attempt, DeliveryState, VersionKind
from registry.people import NewPosting
from registry.tables import PostingStatus
from sources import store as source_store
from sources.change import Comparison, Entry
from sources.model import ChangeKind, Quarantined
from sources.read import SourceReport, SourceStatus
from tests.notify.alerts.scene import OFFICER, Scene, person
from tests.notify.made import NIGHT, advisory, change, draft

ONE, TWO, THREE = "+8613800138001", "+8613800138002", "+8613800138003"


def gaps(scene: Scene, **of: Any) -> list[tuple[str, str, str]]:
    """Return the gaps as kind, subject and sentence."""
    with reading(scene.engine) as connection:
        return [(gap.kind, gap.subject, str(gap.message)) for gap in proof.gaps(connection, **of)]


def kinds(scene: Scene) -> list[str]:
    """Return the kinds of the gaps."""
    return [kind for kind, _, _ in gaps(scene)]


@pytest.mark.parametrize("state", list(DeliveryState))
def test_every_notice_is_at_its_end_or_listed(scene: Scene, state: DeliveryState) -> None:
    """Expected is planned is final or listed: only what a provider has, or what we took back, needs no line."""
    scene.enrol(person(sms=(ONE,)))
    version = scene.by_rule(draft())
    scene.set_state(version, state)
    settled = state in {DeliveryState.ACCEPTED, DeliveryState.CANCELED}
    assert kinds(scene) == ([] if settled else [f"delivery-{state}"])


@pytest.mark.parametrize(
    ("word", "kind"),
    [("undelivered", "delivery-undelivered"), ("failed", "delivery-failed"), ("canceled", "delivery-canceled"),
     ("sent", None), ("delivered", None), ("read", None)],
)  # fmt: skip
def test_what_a_provider_reports_as_lost_is_listed(scene: Scene, word: str, kind: str | None) -> None:
    """A notice that a provider took and did not deliver is a gap, with the provider's code, in words."""
    scene.enrol(person(sms=(ONE,)))
    version = scene.by_rule(draft())
    scene.set_state(version, DeliveryState.ACCEPTED, provider_status=word, error_code="30005")
    expected = [(kind, "alert/1", "Alert 1: 1 notices are not delivered (30005).")] if kind else []
    assert gaps(scene) == expected


def test_gaps_are_in_words_in_chinese(scene: Scene) -> None:
    """No state or reason of the program stands untranslated in a gap."""
    scene.enrol(person(NewPosting("ZM", zone="Asia/Shanghai"), sms=(ONE,)))
    scene.by_rule(draft(level=3, quiet=True))
    with reading(scene.engine) as connection:
        [gap] = proof.gaps(connection)
    assert gap.message.render("zh") == "预警 1：1 条通知待发送（当地夜间，待早晨发送）。"


def test_the_unreachable_are_a_gap(scene: Scene) -> None:
    """People without an address are named by number, unless the alert was cancelled."""
    nobody = scene.enrol(*(person(name=f"工友{n}") for n in range(25)))
    version = scene.by_rule(draft())
    [(kind, subject, words)] = gaps(scene)
    assert (kind, subject) == ("unreachable", "alert/1")
    assert words.startswith(f"Alert 1: 25 people have no address that can be used: {nobody[0]}, ")
    assert words.endswith(f"{nobody[19]}, ….")
    with writing(scene.engine) as connection:
        alerts.cancel(connection, version, scene.acting(OFFICER))
    assert gaps(scene) == []


def test_who_came_later_and_was_not_planned_for_is_a_gap(scene: Scene) -> None:
    """Somebody who registers for the place after the release is named, until an update has reached them or all is clear."""
    scene.enrol(person(sms=(ONE,)))
    first = scene.by_rule(draft())
    scene.set_state(first, DeliveryState.ACCEPTED)
    assert gaps(scene) == []
    [late] = scene.enrol(person(sms=(TWO,)))
    assert gaps(scene) == [
        ("not-planned", "alert/1", f"Alert 1: 1 people were in the place and were not planned for: {late}.")
    ]
    update = scene.by_rule(draft(follows=1, kind=VersionKind.UPDATE))
    scene.set_state(update, DeliveryState.ACCEPTED)
    assert gaps(scene) == []
    scene.enrol(person(sms=(THREE,)))
    assert kinds(scene) == ["not-planned"]
    clear = scene.by_rule(draft(follows=1, kind=VersionKind.ALL_CLEAR, told_only=True))
    scene.set_state(clear, DeliveryState.ACCEPTED)
    assert gaps(scene) == []


def test_what_waits_for_a_person_is_listed(scene: Scene) -> None:
    """A draft, held changes and an undecided change are each a line, and only where everything is asked for."""
    scene.open(draft())
    for number, held in enumerate((True, True, False)):
        one = advisory(native_id=str(number), level_national=2)
        result = Comparison([change(ChangeKind.NEW, one, held=held)], {one.native_id: Entry(one, NIGHT)})
        with writing(scene.engine) as connection:
            source_store.save_comparison(connection, {}, result, None, NIGHT)
    assert gaps(scene) == [
        ("alert-waiting", "alert/1", "Alert 1 waits: draft. 提醒中国公民暂勿前往赞比亚"),
        ("changes-held", "source/cn-mfa", "cn-mfa: 2 changes at once are held. See `lingbao sources held`."),
        ("change-undecided", "change/3", "cn-mfa: a change was not decided: 提醒中国公民暂勿前往赞比亚"),
    ]
    assert gaps(scene, alert_id=1) == []


def test_only_the_night_asked_for(scene: Scene) -> None:
    """Gaps of one night or of one alert leave out the others."""
    scene.enrol(person())
    scene.by_rule(draft())
    scene.by_rule(draft(as_of=NIGHT + timedelta(days=1), native_id="two"))
    assert {subject for _, subject, _ in gaps(scene)} == {"alert/1", "alert/2"}
    assert {subject for _, subject, _ in gaps(scene, as_of=NIGHT)} == {"alert/1"}
    assert {subject for _, subject, _ in gaps(scene, alert_id=2)} == {"alert/2"}


def test_sources_that_were_not_read_are_gaps() -> None:
    """A broken source and an entry that could not be read are named; a source that was read is not."""
    reason = t(
        "{source}: {url} gave the unexpected answer {status}.", source="one", url="https://one.example", status=503
    )
    found = proof.source_gaps(
        [
            SourceReport("one", SourceStatus.BROKEN, reason=reason),
            SourceReport("two", SourceStatus.READ, 9, quarantined=(Quarantined("entry 7", t("no known place: {name}", name="X")),)),
            SourceReport("three", SourceStatus.READ, 9),
        ]
    )  # fmt: skip
    assert [(gap.kind, gap.subject) for gap in found] == [
        ("source-broken", "source/one"), ("entry-quarantined", "source/two"),
    ]  # fmt: skip


def test_the_counts_of_an_alert(scene: Scene) -> None:
    """The summary of a version counts its people, those perhaps gone, and its notices by state."""
    scene.enrol(person(sms=(ONE,)), person(NewPosting("ZM", PostingStatus.DOUBTFUL), sms=(TWO,)), person())
    version = scene.by_rule(draft())
    scene.set_state(version, DeliveryState.ACCEPTED, provider_status="delivered")
    with reading(scene.engine) as connection:
        found = alert_json(connection, version)
    assert (found["people"], found["doubtful_people"], found["countries"]) == (3, 1, ["ZM"])
    assert found["notices"] == {"accepted": 2, "provider_delivered": 2}


def ledger_rows(scene: Scene, **of: int) -> list[dict[str, Any]]:
    """Return the ledger as an officer exports it."""
    with writing(scene.engine) as connection:
        return ledger.rows(connection, scene.acting(OFFICER), **of)


def test_the_ledger_has_a_row_per_person_and_notice(scene: Scene) -> None:
    """Each person's row names the notice that carried theirs; who could not be reached has a row without one."""
    a, b, c = scene.enrol(person(sms=(ONE,)), person(sms=(ONE,), email=("b@example.com",)), person())
    version = scene.by_rule(draft())
    sms, mail = (notice.id for notice in scene.notices(version))
    rows = ledger_rows(scene, alert_id=1)
    found = [(row["registrant_id"], row["delivery_id"]) for row in rows]
    assert found == [(a, sms), *sorted([(b, sms), (b, mail)]), (c, None)]
    assert {row["rule"] for row in rows} == {"home-4"}
    assert [row["delivery_id"] for row in ledger_rows(scene, registrant_id=b)] == sorted([sms, mail])
    assert ledger_rows(scene, alert_id=2) == []
    with reading(scene.engine) as connection:
        looks = select(func.count()).where(table(Audit).c.action == "ledger.export")
        assert connection.execute(looks).scalar_one() == 3


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_export_runs_in_a_spreadsheet(scene: Scene, tmp_path: Path, first: str) -> None:
    """A title that looks like a formula stays text in .xlsx and is quoted in .csv, and the ledger itself is not changed."""
    scene.enrol(person(sms=(ONE,)))
    title = f"{first}HYPERLINK(1)"
    scene.by_rule(draft(title_zh=title))
    rows = ledger_rows(scene)
    assert rows[0]["title_zh"] == title
    handle = io.StringIO(newline="")
    writer = csv.DictWriter(handle, fieldnames=ledger.COLUMNS)
    writer.writerows(ledger.for_spreadsheet(rows))
    handle.seek(0)
    [line] = csv.DictReader(handle, fieldnames=ledger.COLUMNS)
    assert line["title_zh"] == f"'{title}"
    ledger.write_xlsx(tmp_path / "ledger.xlsx", rows)
    sheet = openpyxl.load_workbook(tmp_path / "ledger.xlsx")["ledger"]
    cell = sheet.cell(2, ledger.COLUMNS.index("title_zh") + 1)
    assert cell.data_type == "s"
    assert str(cell.value).endswith("HYPERLINK(1)")


def test_the_chain_holds_after_sends_and_finds_a_changed_byte(scene: Scene) -> None:
    """Attempts and audit are sealed in batches that recompute; a changed hash of a text is found and located."""
    scene.enrol(person(sms=(ONE,)))
    version = scene.by_rule(draft())
    for notice in scene.notices(version):
        scene.write(table(Attempt), delivery_id=notice.id, no=1, lease_token=1, worker="w", channel="sms",
                    body_sha256="a" * 64, started_at=scene.clock.now())  # fmt: skip
    with writing(scene.engine) as connection:
        assert proof.seal(connection, scene.clock.now()) > 0
        assert proof.seal(connection, scene.clock.now()) == 0
    with writing(scene.engine) as connection:
        assert proof.verify(connection) == []
        assert ledger.seals(connection) == 2
        connection.execute(table(Attempt).update().values(body_sha256="b" * 64))
        [fault] = proof.verify(connection)
    assert fault == chain.Fault(fault.seal, "attempt", 1, 1, "digest")


def test_parts_of_a_source_that_were_not_read_are_gaps(scene: Scene) -> None:
    """Five of six embassies unread: the night is not whole, and each is named; the rest of the source counts."""
    unread = (
        t("One site could not be read: {reason}", reason="jp"),
        t("One site could not be read: {reason}", reason="ma"),
    )
    report = SourceReport("cn-embassy", SourceStatus.READ, 12, unread=unread)
    assert [(gap.kind, str(gap.message)) for gap in proof.source_gaps([report])] == [
        ("source-part-unread", "One site could not be read: jp"), ("source-part-unread", "One site could not be read: ma"),
    ]  # fmt: skip
    assert night.status_of([report], 0) is night.NightStatus.PARTIAL
    assert night.status_of([SourceReport("cn-embassy", SourceStatus.READ, 12)], 0) is night.NightStatus.COMPLETED


def test_a_place_that_is_not_resolved_is_a_gap_beside_those_that_are() -> None:
    """People in Niger are told; the lake that has no one country is an officer's. A fall tells nobody anything new."""
    partly = advisory(countries=("NE",), unresolved=("乍得湖",))
    for kind, gaps in ((ChangeKind.NEW, 1), (ChangeKind.RAISED, 1), (ChangeKind.LOWERED, 0)):
        report = SourceReport("cn-mfa", SourceStatus.READ, 15, (change(kind, partly, advisory()),))
        found = proof.source_gaps([report])
        assert [gap.kind for gap in found] == ["partly-placed"] * gaps
        assert all("乍得湖" in str(gap.message) for gap in found)
    whole = SourceReport("cn-mfa", SourceStatus.READ, 15, (change(ChangeKind.NEW, advisory()),))
    assert proof.source_gaps([whole]) == []


def test_a_held_notice_of_a_high_level_is_named_by_itself(scene: Scene) -> None:
    """A flood is held whole, but what says do not go stands in the list with its country."""
    grave, mild = advisory(), advisory(native_id="2026-11-21/two", level_national=2, title="提醒注意安全")
    with writing(scene.engine) as connection:
        known = source_store.entries(connection, "cn-mfa")
        changes = [change(ChangeKind.NEW, one, held=True) for one in (grave, mild)]
        entries = {one.native_id: Entry(one, NIGHT) for one in (grave, mild)}
        source_store.save_comparison(connection, known, Comparison(changes, entries), None, NIGHT)
        found = proof.waiting(connection)
    assert [gap.kind for gap in found] == ["changes-held", "change-held"]
    assert "level 4, ZM" in str(found[1].message)
