"""Pasted notices: read like any other, kept as received, drafted and never sent by rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from core.database import reading
from core.errors import BadInput
from core.tables import table
from notify.office import Office
from notify.own.model import OWN
from notify.own.paste import Pasted, paste, split
from notify.own.tables import OwnNotice
from notify.store import alerts as store
from notify.tables import AlertStatus
from sources.store import ADVISORIES, CAPTURES, CHANGES
from tests.notify.alerts.scene import OFFICER, Scene

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
