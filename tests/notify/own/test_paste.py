"""Pasted notices: read like any other, kept as received, drafted and never sent by rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core.database import reading, writing
from core.errors import BadInput
from core.tables import table
from notify import alerts, night
from notify.duty.store import open_pages
from notify.office import Office
from notify.own.model import OWN
from notify.own.paste import Pasted, paste, split
from notify.own.tables import OwnNotice
from notify.own.told import told_by_own
from notify.store import alerts as store
from notify.tables import AlertStatus
from registry.people import NewPosting
from sources import store as source_store
from sources.change import Comparison, Entry
from sources.model import Advisory, ChangeKind
from sources.reading.titles import read_title
from sources.store import ADVISORIES, CAPTURES, CHANGES
from sources.wire import load_message
from tests.notify.alerts.scene import APPROVER, OFFICER, Scene, person
from tests.notify.made import advisory, change

TEXT = "使馆提醒在马里中国公民尽快撤离\n近日马里局势恶化，请尽快撤离或转移至安全地区。"
PASTED = Pasted(TEXT, "中国驻马里使馆", home=True)


def test_it_becomes_an_advisory_and_a_draft(scene: Scene, office: Office) -> None:
    """The title gives country and level; the exact bytes are a capture; who, whence and the hash are kept; nothing is released."""
    done = paste(office, PASTED, scene.acting(OFFICER))
    assert (done.new, done.countries) == (True, ("ML",))
    with reading(scene.engine) as connection:
        version = store.newest_version(connection, done.alert_id)
        alert = store.alert(connection, done.alert_id)
        kept = connection.execute(select(table(OwnNotice))).one()
        capture = connection.execute(select(CAPTURES)).one()
        advisory = connection.execute(select(ADVISORIES)).one()
        texts = store.texts(connection, version.id or 0)
        assert connection.execute(select(CHANGES)).all() == []
    assert (version.status, version.level, version.advisory_id, version.ask_safe) == (
        AlertStatus.DRAFT,
        4,
        advisory.id,
        True,
    )
    assert alert is not None
    assert (alert.source_id, version.origin_name.split("|")[0]) == (OWN, "中国驻马里使馆")
    assert (kept.origin, kept.home, kept.created_by, kept.sha256) == (
        "中国驻马里使馆",
        True,
        OFFICER.name,
        capture.sha256,
    )
    assert office.archive.get(capture.sha256).decode() == TEXT
    assert all("中国驻马里使馆" in one.body for one in texts if one.language == "zh")


def test_the_same_text_opens_one_draft(scene: Scene, office: Office) -> None:
    """Two officers who paste the same message make one draft; the second is told its number."""
    first = paste(office, PASTED, scene.acting(OFFICER))
    again = paste(office, replace(PASTED, origin="使馆微信群"), scene.acting(OFFICER))
    assert (again.new, again.alert_id) == (False, first.alert_id)


def test_nothing_leaves_by_rule(scene: Scene, office: Office) -> None:
    """Whatever the officer says of its authority, it waits for submission and a second person."""
    for home, more in ((True, ""), (False, "请速离。")):
        done = paste(office, replace(PASTED, home=home, text=TEXT + more), scene.acting(OFFICER))
        with reading(scene.engine) as connection:
            assert store.newest_version(connection, done.alert_id).status == AlertStatus.DRAFT


def test_what_cannot_be_placed_asks(scene: Scene, office: Office) -> None:
    """Without a country in its title the draft has none and cannot be submitted; the officer may name one when pasting."""
    vague = Pasted("请大家注意，路上有人抢劫，夜间不要外出。", "使馆微信群")
    assert paste(office, vague, scene.acting(OFFICER)).countries == ()
    named = replace(vague, text=vague.text + "又及：请结伴出行。", countries=("ZM",))
    assert paste(office, named, scene.acting(OFFICER)).countries == ("ZM",)


def test_odd_input_is_refused(scene: Scene, office: Office) -> None:
    """Nothing to speak of, too much, no origin or no web address: refused in words, and nothing is kept."""
    for odd in ({"text": "  短 "}, {"text": "长" * 8001}, {"origin": " "}, {"link": "one.example"}):
        with pytest.raises(BadInput):
            paste(office, replace(PASTED, **odd), scene.acting(OFFICER))
    with reading(scene.engine) as connection:
        assert connection.execute(select(CAPTURES)).all() == []


def test_the_title_is_the_first_line_or_sentence() -> None:
    """A message in one long paragraph is titled by its first sentence, cut nowhere else, and nothing of it is lost."""
    assert split("标题一行。\n正文") == ("标题一行", "正文")
    long = "在马里中国公民请注意安全。" + "近日局势恶化，" * 20 + "请尽快撤离。"
    title, body = split(long)
    assert title == "在马里中国公民请注意安全"
    assert title + "。" + body == long


def work(office: Office, new: Advisory, at: datetime) -> tuple[str, int | None, int]:
    """Let the ministry print something; act on it; return the outcome, the version and how many notices left."""
    result = Comparison([change(ChangeKind.NEW, new)], {new.native_id: Entry(new, at)})
    with writing(office.engine) as connection:
        source_store.save_comparison(connection, source_store.entries(connection, new.source), result, None, at)
    [done] = night.act_on_changes(office)
    with reading(office.engine) as connection:
        said = connection.execute(select(CHANGES.c.outcome).where(CHANGES.c.id == done.change.id)).scalar_one()
    return said, done.version_id, done.notices


def told(scene: Scene, office: Office, text: str) -> int:
    """Paste a notice of an embassy and release it; return the alert."""
    alert_id = paste(office, Pasted(text, "中国驻赞比亚使馆", home=True), scene.acting(OFFICER)).alert_id
    with writing(scene.engine) as connection:
        version_id = store.newest_version(connection, alert_id).id or 0
        alerts.submit(connection, version_id, scene.acting(OFFICER))
        alerts.approve(connection, version_id, scene.acting(APPROVER))
        alerts.release(connection, version_id, scene.acting(OFFICER))
    return alert_id


def printed(scene: Scene, title: str, native_id: str = "n1") -> Advisory:
    """Make a notice as the ministry prints it now."""
    read = read_title(title)
    made = advisory(title=title, published_at=scene.clock.now(), hazards=read.hazards, level_words=read.level_words)
    return replace(made, level_national=read.level, countries=read.countries, native_id=native_id)


def test_the_later_copy_tells_nobody_twice(scene: Scene, office: Office) -> None:
    """The ministry prints a day later what the embassy's message said: nothing is opened, and the change names our alert."""
    scene.enrol(person(sms=("+8613800138001",)))
    own = told(scene, office, "中国驻赞比亚使馆提醒中国公民谨慎前往赞比亚\n近日多地骚乱。")
    new = printed(scene, "外交部提醒中国公民谨慎前往赞比亚")
    assert work(office, new, scene.clock.now() + timedelta(hours=1)) == (f"copy/{own}", None, 0)


def test_the_same_situation_in_other_words_waits_for_an_officer(scene: Scene, office: Office) -> None:
    """What the ministry says of the same country and hazard, no graver, is a draft that calls the duty officer and names our alert;
    graver, elsewhere or days later it goes out by rule."""
    scene.enrol(person(sms=("+8613800138001",)), person(NewPosting("ML"), sms=("+8613800138002",)))
    own = told(scene, office, "提醒中国公民谨慎前往赞比亚\n近日多地骚乱。")
    at = scene.clock.now() + timedelta(hours=1)
    said, version_id, notices = work(office, printed(scene, "外交部提醒在赞比亚中国公民加强防范、谨慎前往赞比亚"), at)
    assert (said, notices) == ("draft", 0)
    assert version_id is not None
    with reading(scene.engine) as connection:
        version = store.version(connection, version_id)
        assert told_by_own(connection, version) == own
        [page] = open_pages(connection)
        assert page.cause == f"draft/{version.alert_id}"
        assert str(own) in load_message(page.words).render("zh")
    graver = printed(scene, "外交部提醒中国公民暂勿前往赞比亚", native_id="n2")
    assert work(office, graver, at)[::2] == ("send", 1)
    elsewhere = printed(scene, "外交部提醒中国公民谨慎前往马里", native_id="n3")
    assert work(office, elsewhere, at)[::2] == ("send", 1)
    later = printed(scene, "外交部再次提醒中国公民近期谨慎前往赞比亚", native_id="n4")
    assert work(office, later, at + timedelta(days=4))[0] == "send"


def test_an_own_draft_gives_way_to_the_publisher(scene: Scene, office: Office) -> None:
    """While the pasted notice is a draft still, the ministry's copy takes its place and goes out by rule: nobody waits."""
    scene.enrol(person(sms=("+8613800138001",)))
    pasted = paste(office, Pasted("提醒中国公民谨慎前往赞比亚", "中国驻赞比亚使馆", home=True), scene.acting(OFFICER))
    said, version_id, notices = work(
        office, printed(scene, "外交部提醒中国公民谨慎前往赞比亚"), scene.clock.now() + timedelta(hours=1)
    )
    assert (said, notices) == ("send", 1)
    assert version_id is not None
    assert scene.alert_of(version_id) == pasted.alert_id
    assert scene.status(version_id) is AlertStatus.SENDING
