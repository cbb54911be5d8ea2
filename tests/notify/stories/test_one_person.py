"""One person whom everything concerns: exactly the expected notices, and `why` says of each word what became of it and why."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from core.database import reading, writing
from core.errors import NotFound
from notify import night
from notify.rules.silences import NewSilence, add
from notify.why import Asked, Because, Fate, Step, why_alert, why_night
from registry.actors import Actor
from registry.people import NewPosting
from registry.tables import Role
from sources.change import Comparison, Entry
from sources.model import Advisory, AdvisoryChange, ChangeKind, Hazard
from sources.store import save_comparison
from tests.notify.alerts.nights import Nights
from tests.notify.alerts.scene import OFFICER, person
from tests.notify.made import advisory
from tests.notify.made import change as made_change
from tests.notify.stories.office import morning, told

EVENING = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)
"""23:30 in Lusaka."""
MORNING = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
DAY = date(2026, 11, 22)


def found(nights: Nights, at: datetime, *changes: AdvisoryChange) -> None:
    """Let a source have said something new, and the night decide and send."""
    nights.scene.clock.moment = at
    for one in changes:
        compared = Comparison(changes=[one], entries={one.native_id: Entry(one.advisory, at)})
        with writing(nights.office.engine) as connection:
            save_comparison(connection, {}, compared, None, at)
    night.act_on_changes(nights.office)
    night.send_due(nights.office, at, timedelta(seconds=20))


def said(number: str, title: str, **values: object) -> AdvisoryChange:
    """Make a new notice of the ministry about Zambia."""
    one: Advisory = advisory(native_id=number, title=title, **values)
    return made_change(ChangeKind.NEW, one)


def ask(nights: Nights, registrant_id: int, alert_id: int = 0, actor: Actor = OFFICER) -> Because:
    """Ask why, of an alert or of the night."""
    asked = Asked(nights.office, nights.office.acting(actor), registrant_id)
    with writing(nights.office.engine) as connection:
        asked.begin(connection, "test")
    with reading(nights.office.engine) as connection:
        return why_alert(connection, asked, alert_id) if alert_id else why_night(connection, asked, DAY)


@pytest.fixture
def engine(bare_engine: Engine) -> Engine:
    """Give an empty database with all tables, on SQLite and on PostgreSQL: every query of `why` is asked here."""
    return bare_engine


@pytest.fixture
def whom(nights: Nights) -> dict[str, int]:
    """Enrol a person with stays in Zambia and Zimbabwe, and others beside them."""
    company = nights.scene.employer("A1")
    ids = nights.scene.enrol(
        person(NewPosting("ZM"), NewPosting("ZW"), sms=("+260977000001",), language="en", employer=company),
        person(NewPosting("KE"), sms=("+254712345678",)),
        person(NewPosting("ZM")),
        person(NewPosting("ZM", date_from=date(2027, 3, 1)), sms=("+260977000004",)),
        person(NewPosting("ZM"), sms=("+260977000005",), language="zh"),
    )
    return dict(zip(("lusaka", "nairobi", "mute", "spring", "kitwe"), ids, strict=True)) | {"company": company}


def test_three_routes_two_languages_quiet_hours_a_silence_and_an_inhibition(
    nights: Nights, whom: dict[str, int]
) -> None:
    """Level 4 at once, level 3 kept for the morning and then muted by the 4, a silenced notice, and a peer's word: one message.

    By hand, at 23:30 in Lusaka: unrest at level 3 waits for 07:00 (route home-3, quiet). Fraud at level 3 is silenced by the
    section. Then unrest at level 4, the same situation as the first (same hazard, same country), goes at once (home-4, quiet
    broken) and mutes the 3 that waits. General advice is for the digest (home-advice).
    """
    with writing(nights.office.engine) as connection:
        wanted = NewSilence("lin.daiyu", "known to everybody there", EVENING - timedelta(days=1), EVENING + timedelta(days=2),
                            hazards=(Hazard.FRAUD,))  # fmt: skip
        add(connection, wanted, OFFICER, EVENING - timedelta(days=1))
    three = {"level_national": 3, "level_words": "谨慎前往", "acute": False}
    advice = {"level_national": 2, "level_words": "注意", "acute": False}
    found(
        nights,
        EVENING,
        said("n/1", "提醒中国公民谨慎前往赞比亚", hazards=(Hazard.UNREST,), summary="铜带省有集会。", **three),
        said("n/2", "提醒在赞比亚中国公民防范诈骗", hazards=(Hazard.FRAUD,), summary="近期诈骗多发。", **three),
        said("n/3", "注意防暑", hazards=(Hazard.OUTDOOR,), summary="天气炎热。", **advice),
    )
    assert told(nights) == []
    found(nights, EVENING + timedelta(minutes=30),
          said("n/4", "提醒中国公民暂勿前往赞比亚", hazards=(Hazard.UNREST,)))  # fmt: skip
    morning(nights, MORNING)
    got = [(one.address[-1], "do not travel" in one.body, "暂勿前往" in one.body) for one in nights.phones.sent]
    assert sorted(got) == [("1", True, True), ("5", False, True)]
    assert ask(nights, whom["kitwe"]).fate is Fate.TOLD
    because = ask(nights, whom["lusaka"])
    fates = {one.title: one.fate for one in because.chains}
    assert fates == {
        "提醒中国公民谨慎前往赞比亚": Fate.NOT_TOLD, "提醒在赞比亚中国公民防范诈骗": Fate.NOT_TOLD,
        "注意防暑": Fate.NOT_TOLD, "提醒中国公民暂勿前往赞比亚": Fate.TOLD,
    }  # fmt: skip
    stopped = {one.title: [x.step for x in one.links if not x.passes] for one in because.chains}
    assert stopped == {
        "提醒中国公民谨慎前往赞比亚": [Step.MUTING], "提醒在赞比亚中国公民防范诈骗": [Step.SILENCE],
        "注意防暑": [Step.ROUTE], "提醒中国公民暂勿前往赞比亚": [],
    }  # fmt: skip
    words = {x.step: x.words.render("zh") for one in because.chains for x in one.links if not x.passes}
    assert "known to everybody there" in words[Step.SILENCE]
    assert because.fate is Fate.TOLD


def test_why_not(nights: Nights, whom: dict[str, int]) -> None:
    """Another country, a departure in spring, and no number: each is named, in Chinese and in English."""
    found(nights, EVENING, said("n/4", "提醒中国公民暂勿前往赞比亚"))
    last = {name: ask(nights, whom[name], 1).chains[0].links[-1] for name in ("nairobi", "spring", "mute", "lusaka")}
    assert [last[name].step for name in last] == [Step.POSTING, Step.POSTING, Step.ADDRESS, Step.RECEIPT]
    assert last["nairobi"].words.render("zh") == "此人有一处记录在肯尼亚，不是所涉国家或地区。"
    assert last["nairobi"].words.render("en") == "A stay of theirs is in Kenya: another country."
    assert "2027-03-01" in last["spring"].words.render("en")
    assert last["mute"].words.render("en") == "No address in the register that sms, email can take."
    assert last["lusaka"].passes
    assert ask(nights, whom["nairobi"]).remarks[-1].text == "No night was worked that day: nothing was looked for."


def test_a_company_asks_about_its_own_only(nights: Nights, whom: dict[str, int]) -> None:
    """Its own person is explained without the names of officers; another's person, and a draft of the office, do not exist."""
    boss = Actor("co.a1", Role.COMPANY, 9, whom["company"])
    found(nights, EVENING, said("n/4", "提醒中国公民暂勿前往赞比亚"), said("n/5", "提醒", countries=()))
    assert ask(nights, whom["lusaka"], 1, boss).fate is Fate.TOLD
    with pytest.raises(NotFound):
        ask(nights, whom["nairobi"], 1, boss)
    with pytest.raises(NotFound):
        ask(nights, whom["lusaka"], 2, boss)
    assert ask(nights, whom["lusaka"], 2).fate is Fate.NOT_TOLD
