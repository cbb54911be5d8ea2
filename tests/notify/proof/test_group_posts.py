"""Posts to groups in the proof: each with its attempts, hashes, outcomes and seals; told as posted, and never as told to a person."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine, update

from core.clock import FixedClock
from core.database import reading, writing
from core.errors import BadInput, NotAllowed
from core.i18n import t
from core.keys import MasterKeys
from core.settings import load
from notify import ledger, proof
from notify.channels.base import InDoubt, Rejected
from notify.channels.recorder import Recorder
from notify.ledger.check import check
from notify.ledger.model import About, Look, Post
from notify.ledger.page import MOST_LINES, Printed, chapters, page, state_of_post
from notify.ledger.posts import posts
from notify.store.deliveries import DELIVERIES
from notify.store.facts import TEXTS
from registry.actors import SYSTEM, Actor
from registry.tables import Role
from tests.notify.made import draft
from tests.notify.proof.test_commands import Desk
from tests.notify.proof.world import AUDITOR, World
from tests.notify.sending.house import COUNTRY, House, Scripted, enrol_people, house, numbers

GROUPS: list[dict[str, Any]] = [
    {"name": "联络员群", "kind": "wecom_bot", "url": "https://a.invalid/x?key=1"},
    {"name": "驻外群", "kind": "dingtalk_bot", "url": "https://a.invalid/x?access_token=1", "countries": [COUNTRY]},
    {"name": "飞书群", "kind": "feishu_bot", "url": "https://a.invalid/x?hook=1"},
]
BOTS = ("wecom_bot", "dingtalk_bot", "feishu_bot")


@pytest.fixture
def home(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """Give an office that told one person and three groups: one robot took it, one refused, one gave no clear answer."""
    made = house(engine, tmp_path, clock, keys, channels=("sms", *BOTS), groups=GROUPS)
    enrol_people(made, numbers(1))
    made.release(4)
    answers = (None, lambda notice: Rejected("310000", "no"), lambda notice: InDoubt("answer"))
    robots = [Recorder(name, name) if answer is None else Recorder(name, name, answer)
              for name, answer in zip(BOTS, answers, strict=True)]  # fmt: skip
    made.with_channels(Scripted(), *robots).drain()
    with writing(engine) as connection:
        proof.seal(connection, clock.now())
    return made


def posts_of(home: House, about: About, actor: Actor = SYSTEM) -> list[Post]:
    """Return the posts of a proof."""
    with reading(home.office.engine) as connection:
        return list(posts(connection, about, Look(home.office.acting(actor), home.office.keys)))


def printed(home: House, found: list[Post]) -> str:
    """Return the page of these posts, with nothing else on it."""
    now = home.office.clock.now()
    return page([], [], Printed(home.office.name, t("the whole ledger"), "li", now, "zh", True), found)


def test_each_post_is_proven_with_its_attempt(home: House) -> None:
    """Group, channel, words, the hash that was written before the call, what came of it and the seal; for an alert and for all."""
    found = posts_of(home, About(1))
    assert [(one.group, one.notice.channel, one.notice.people, one.notice.address) for one in found] == [
        (group["name"], group["kind"], 0, "") for group in GROUPS
    ]  # fmt: skip
    for one, outcome in zip(found, ("accepted", "rejected", "indoubt"), strict=True):
        [call] = one.notice.tried
        assert (call.holds, call.seal is not None, one.notice.ref in one.notice.body) == (True, True, True)
        assert [came.outcome for came in call.outcomes] == [outcome]
    assert posts_of(home, About()) == found
    assert posts_of(home, About(), AUDITOR) == found
    assert posts_of(home, About(2)) == []


def test_no_person_and_no_company_reads_of_a_group(home: House) -> None:
    """A post is no part of anybody's own proof; a company that asks for the alert itself is refused."""
    company = Actor("xue.pan", Role.COMPANY, 3, 1)
    assert posts_of(home, About(registrant_id=1)) == []
    assert posts_of(home, About(1, employer_id=1), company) == []
    with pytest.raises(NotAllowed):
        posts_of(home, About(1), company)
    with writing(home.office.engine) as connection:
        rows = ledger.rows(connection, home.office.acting(SYSTEM), registrant_id=1)
        whole = ledger.rows(connection, home.office.acting(SYSTEM), alert_id=1)
    assert [row["group"] for row in rows] == [None]
    assert [row["registrant_id"] for row in whole] == [1, None, None, None]


def test_a_post_is_told_as_posted_whatever_its_platform_says(home: House) -> None:
    """ "Posted to", in doubt or refused: never delivered or read, not even if a platform should say so."""
    with writing(home.office.engine) as connection:
        taken = DELIVERIES.c.channel == "wecom_bot"
        connection.execute(update(DELIVERIES).where(taken).values(provider_status="delivered"))
    found = {one.group: one for one in posts_of(home, About(1))}
    assert state_of_post(found["联络员群"]).render("zh") == "发布到群 联络员群"
    assert state_of_post(found["联络员群"]).render("en") == "posted to group 联络员群"
    assert ledger.post_row(found["联络员群"])["state"] == "posted-to-group"
    assert [ledger.post_row(found[name])["state"] for name in ("驻外群", "飞书群")] == ["failed", "unknown"]
    text = printed(home, list(found.values()))
    for words in ("发布到群 联络员群", "群发布", "310000", "哈希与原文一致", found["驻外群"].notice.ref):
        assert words in text
    assert "已送达" not in text.replace("不等于“已送达”", "")
    assert "接收人、渠道与结果" not in text  # no table of people where there are none
    with pytest.raises(BadInput):
        chapters([], list(found.values()) * (MOST_LINES // 3 + 1))


def test_verify_holds_the_attempts_of_posts_against_their_text(home: House) -> None:
    """All four attempts are hashed; a text for groups that was changed is found by the three that carried it, and shown so."""
    engine, archive = home.office.engine, home.office.archive
    with reading(engine) as connection:
        before = check(connection, archive)
    assert (before.holds, before.texts, before.unsealed) == (True, 4, 0)
    with writing(engine) as connection:
        connection.execute(update(TEXTS).where(TEXTS.c.variant == "group").values(body=TEXTS.c.body + "。"))
    with reading(engine) as connection:
        after = check(connection, archive)
    found = posts_of(home, About(1))
    assert {one.delivery_id for one in after.wrong_texts} == {one.notice.delivery_id for one in found}
    assert {one.notice.holds for one in found} == {False}
    assert printed(home, found).count("哈希与原文不一致") == 3


def test_export_has_the_posts_in_every_form(own: World, tmp_path: Path) -> None:
    """After the people and before what was told by hand: a row for the group in jsonl, csv, xlsx (with its attempt) and on the page."""
    settings = load(home=own.home, channels=("sms", "wecom_bot"), groups=GROUPS[:1])
    robot = Recorder("wecom_bot", "wecom_bot")
    own.office = replace(own.office, settings=settings, channels={"sms": own.phones, "wecom_bot": robot})
    own.release(draft(channels=("sms",), origin_key="change/2"))
    own.send()
    [sent] = robot.sent
    own.office.engine.dispose()
    desk = Desk(own)
    desk.told("hand", "add", "--alert", "2", "--person", "4", "--way", "phone")
    lines = [json.loads(line) for line in desk.told("ledger", "export", "--alert", "2").splitlines()]
    assert [line["channel"] for line in lines[-2:]] == ["wecom_bot", "by-hand"]
    post = lines[-2]
    assert (post["state"], post["group"], post["address"]) == ("posted-to-group", "联络员群", "group:联络员群")
    assert (post["registrant_id"], post["name"], post["people"], post["text"]) == (None, None, 0, sent.body)
    assert (post["text_holds"], post["tried"][0]["outcomes"][0]["outcome"]) == (True, "accepted")
    assert post["tried"][0]["seal"]
    whole = list(csv.DictReader(io.StringIO(desk.told("ledger", "export", "--format", "csv"))))
    assert [row["group"] for row in whole if row["state"] == "posted-to-group"] == ["联络员群"]
    desk.told("ledger", "export", "--alert", "2", "--format", "xlsx", "--out", str(tmp_path / "proof.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "proof.xlsx")
    assert post["tried"][0]["sha256"] in [row[4] for row in book["attempts"].iter_rows(values_only=True)]
    assert "发布到群 联络员群" in desk.told("ledger", "export", "--alert", "2", "--format", "html")
    for about in (("--employer", "A-1"), ("--person", "1")):
        assert "联络员群" not in desk.told("ledger", "export", *about)
    assert desk.json("ledger", "verify")["holds"] is True
