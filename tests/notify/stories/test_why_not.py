"""One person for each reason why nobody is told: `why` names the reason that is true, and no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import update

from core.database import writing
from notify import alerts, night
from notify.own.model import Audience
from notify.rules.model import Caps, Rules
from notify.why import Fate
from registry.actors import SYSTEM
from registry.people import NewPosting
from registry.tables import PostingStatus
from tests.notify.alerts.nights import Nights
from tests.notify.alerts.scene import POSTINGS, person
from tests.notify.made import draft
from tests.notify.stories.test_one_person import ask

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
"""07:00 in Lusaka."""


def number(last: int) -> tuple[str]:
    """Return a mobile number in Zambia."""
    return (f"+2609770001{last:02}",)


STAYS = {
    "here": NewPosting("ZM"),
    "elsewhere": NewPosting("KE"),
    "returned": NewPosting("ZM", PostingStatus.RETURNED),
    "doubtful": NewPosting("ZM", PostingStatus.DOUBTFUL),
    "overdue": NewPosting("ZM", date_to=date(2026, 11, 1)),
    "stale": NewPosting("ZM"),
    "spring": NewPosting("ZM", PostingStatus.PLANNED, date_from=date(2027, 3, 1)),
    "no date": NewPosting("ZM", PostingStatus.PLANNED),
}
UNSURE = "此人在赞比亚的记录存疑、逾期或没有日期；此类记录三级以上才计入。"
WHY = {
    "here": "未发：未同意使用境外服务商，且不属紧急情况。",
    "elsewhere": "此人有一处记录在肯尼亚，不是所涉国家或地区。",
    "returned": "此人已从赞比亚回国。",
    "doubtful": UNSURE,
    "overdue": UNSURE,
    "stale": "此人在赞比亚的记录自 2025-10-18 起无人核实（早于 2026-08-24）；此类记录三级以上才计入。",
    "spring": "此人定于 2027-03-01 前往赞比亚，距 2026-11-22 超过 14 天。",
    "no date": UNSURE,
    "other company": "此人在赞比亚，本应计入，但该预警限定了其他对象。",
    "mute": "登记册中没有 sms, email 可用的联系方式。",
    "late": "此人在赞比亚的记录是发出之后才登记的。",
}


def test_each_reason_is_the_true_one(nights: Nights) -> None:
    """A word of level 2 to one company: nobody gets it, each for a reason of their own."""
    scene = nights.scene
    scene.clock.moment = NOW
    ours, other = scene.employer("A1"), scene.employer("B1")
    people = [person(one, sms=number(place), employer=ours) for place, one in enumerate(STAYS.values())]
    people += [person(sms=number(40), employer=other), person(employer=ours)]
    ids = dict(zip([*STAYS, "other company", "mute"], scene.enrol(*people), strict=True))
    with writing(scene.engine) as connection:
        long_ago = update(POSTINGS).where(POSTINGS.c.registrant_id == ids["stale"])
        connection.execute(long_ago.values(confirmed_at=NOW - timedelta(days=400)))
    word = draft(level=2, quiet=False, include_doubtful=False, audience=Audience(employers=(ours,)))
    alert = scene.alert_of(scene.by_officers(word))
    scene.clock.advance(timedelta(minutes=1))
    night.send_due(nights.office, NOW, timedelta(seconds=20))
    [ids["late"]] = scene.enrol(person(sms=number(41), employer=ours))
    found = {name: ask(nights, one, alert) for name, one in ids.items()}
    assert {name: one.chains[0].links[-1].words.render("zh") for name, one in found.items()} == WHY
    assert {one.fate for one in found.values()} == {Fate.NOT_TOLD}


def test_the_cap_of_the_day_says_that_nothing_follows(nights: Nights) -> None:
    """Whom the cap of a day left out: the reason names the cap, and that nothing is made up for on the next day."""
    scene = nights.scene
    [one] = scene.enrol(person(sms=number(50)))
    alert = 0
    for hazard in ("crime", "traffic"):
        plain = draft(
            level=3, quiet=False, ask_safe=False, channels=("sms",), source_id=None, native_id=None, hazard=hazard
        )
        version = scene.open(plain, SYSTEM)
        with writing(scene.engine) as connection:
            capped = replace(scene.acting(SYSTEM), rules=Rules(caps=Caps(per_day=1)))
            alerts.release_by_rule(connection, version, capped)
        alert = scene.alert_of(version)
    said = [link.words.render("zh") for link in ask(nights, one, alert).chains[0].links]
    assert any("次日也不再补发" in words for words in said)
