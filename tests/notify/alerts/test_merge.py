"""The morning: what waited for one address is told in one notice, and nobody's is lost when one of its parts ends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update

from core.database import reading, writing
from core.settings import load
from core.tables import table
from notify import account, alerts, morning, pausing, proof
from notify.channels.base import NotSent, Outgoing, Rejected, Result
from notify.channels.recorder import Recorder
from notify.dispatch import Dispatcher
from notify.ledger.check import check
from notify.ledger.words import exact, sha256_of
from notify.model import AlertDraft
from notify.office import Office
from notify.store import deliveries, ladder, outbox, undone
from notify.store.ladder import Patience
from notify.store.outbox import DELIVERIES, TEXTS
from notify.tables import Attempt, VersionKind
from registry import scope
from registry.actors import SYSTEM
from registry.people import NewPerson, NewPosting
from registry.roster.notices import TakenBack
from sources.archive import Archive
from tests.notify.alerts import scene as people
from tests.notify.alerts.scene import OFFICER, Scene
from tests.notify.made import draft
from tests.registry.people import CONSENT

EVENING = datetime(2026, 11, 21, 21, tzinfo=UTC)
"""23:00 in Lusaka, so that 07:00 there, 05:00 UTC of the next day, is six hours after the clock of the tests."""

MORNING = datetime(2026, 11, 22, 5, tzinfo=UTC)
ONE, TWO, THREE = "+260970000001", "+260970000002", "+260970000003"
READY, CANCELED, ACCEPTED = "ready", "canceled", "accepted"


def person(*stays: NewPosting, **more: Any) -> NewPerson:
    """Return somebody who agreed to providers abroad; in Zambia if nothing else is said."""
    return replace(people.person(*stays, **more), consent=replace(CONSENT, foreign=True))


def quiet(title: str, **values: object) -> AlertDraft:
    """Make a draft of level 2 that waits for the morning."""
    plain = draft(level=2, level_words="", title_zh=title, title_en=f"Notice: {title}", body_zh=title, body_en=title,
                  every_channel=False, quiet=True, ask_safe=False, channels=("sms",), as_of=EVENING, rule="test",
                  url="https://one.example/a", native_id=title, contacts=())  # fmt: skip
    return replace(plain, **values)  # type: ignore[arg-type]


@dataclass
class House:
    """The office of a scene at work, with a telephone that keeps what it is given."""

    scene: Scene
    home: Path
    phone: Recorder
    mail: Recorder

    @property
    def office(self) -> Office:
        """Return the office with its channels."""
        settings = load(home=self.home, office_phone="0518-5550100")
        channels = {"sms": self.phone, "email": self.mail}
        return Office(settings, self.scene.engine, self.scene.clock, self.scene.keys, channels)

    def merge(self, moment: datetime = MORNING) -> int:
        """Merge and make ready, as the sweep does; return how many were carried by others."""
        with writing(self.scene.engine) as connection:
            done = morning.merge(connection, self.office.settings, moment, self.scene.clock.now())
            outbox.promote(connection, moment, self.scene.clock.now())
        return done

    def send(self, moment: datetime = MORNING) -> list[str]:
        """Send what is ready; return what came over the air now."""
        before = len(self.phone.sent)
        asyncio.run(Dispatcher(self.office.tools()).drain(moment))
        return [one.body for one in self.phone.sent[before:]]

    def states(self, version_id: int) -> list[tuple[str, str]]:
        """Return state and reason of the notices of a version; the number of a carrier is left out."""
        found = sorted(self.scene.notices(version_id), key=lambda one: one.id)
        return [(one.state, one.reason.partition(":")[0]) for one in found]

    def told(self, version_id: int, **more: bool) -> set[int]:
        """Return who counts as told by a version."""
        with reading(self.scene.engine) as connection:
            rows = connection.execute(outbox.told_before([version_id], **more)).all()
        return {row.registrant_id for row in rows}

    def people(self, version_id: int) -> dict[str, int]:
        """Return the account of a version; it must hold."""
        with reading(self.scene.engine) as connection:
            [one] = account.accounts(connection, [version_id])
        assert one.holds
        return {reached.value: count for reached, count in one.people.items()}

    def gaps(self, version_id: int) -> list[str]:
        """Return the kinds of gaps of an alert's notices."""
        with reading(self.scene.engine) as connection:
            return [one.kind for one in proof.gaps(connection, alert_id=self.scene.alert_of(version_id))]

    def books_hold(self) -> bool:
        """Tell whether every seal and every hash holds."""
        with writing(self.scene.engine) as connection:
            proof.seal(connection, self.scene.clock.now())
        with reading(self.scene.engine) as connection:
            return check(connection, Archive(self.home)).holds


@pytest.fixture
def house(scene: Scene, tmp_path: Path) -> House:
    """Give an office at night with nobody in it."""
    return House(scene, tmp_path, Recorder(), Recorder(name="email"))


def two(house: House, **values: object) -> tuple[int, int]:
    """Release two alerts of the night; return their versions."""
    return house.scene.by_rule(quiet("甲地停电", **values)), house.scene.by_rule(quiet("乙地停水", **values))


def test_one_person_gets_one_notice_that_says_both(house: House) -> None:
    """Two quiet alerts leave at 07:00 as one message, counted for both, and the books hold."""
    [one] = house.scene.enrol(person(sms=(ONE,)))
    a, b = two(house)
    assert house.send(MORNING - timedelta(minutes=1)) == []
    [said] = house.send()
    assert said.count("【") == 1
    for words in ("您有2条安全提醒：1）赞比亚：", "甲地停电", "2）赞比亚：", "乙地停水", "12308", "编号"):
        assert words in said
    assert said.count("12308热线") == 1
    assert house.send() == []
    assert (house.states(a), house.states(b)) == ([(ACCEPTED, "")], [(CANCELED, "merged")])
    assert (house.told(a), house.told(b)) == ({one}, {one})
    assert house.people(a) == house.people(b) == {"delivered": 1}
    assert house.gaps(a) == house.gaps(b) == []
    assert house.books_hold()


def test_its_text_is_stored_and_hashed_before_the_call(house: House) -> None:
    """While the call is being made, the text is in the database, says merged, and the attempt carries its hash."""
    house.scene.enrol(person(sms=(ONE,)))
    a, _ = two(house)
    seen: list[bool] = []

    def look(notice: Outgoing) -> Result:
        with reading(house.scene.engine) as connection:
            row = connection.execute(select(TEXTS).where(TEXTS.c.variant.startswith("merged-"))).one()
            hashes = list(connection.execute(select(table(Attempt).c.body_sha256)).scalars())
            uid = house.office.tools().gate.uid
        right = sha256_of(exact(row, uid, notice.delivery_id))
        seen.append(hashes == [right] and row.wording.startswith("merged/") and row.version_id == a)
        return Rejected("30003", "not there")

    house.phone.answer = look
    house.send()
    assert seen == [True]


def test_people_with_different_sets(house: House) -> None:
    """Of three people each hears exactly their alerts: two are merged for one, the others get theirs."""
    ids = house.scene.enrol(
        person(sms=(ONE,)),
        person(NewPosting("TJ"), sms=(TWO,)),
        person(NewPosting("ZM"), NewPosting("TJ"), sms=(THREE,)),
    )
    a = house.scene.by_rule(quiet("甲地停电"))
    b = house.scene.by_rule(quiet("乙地停水", countries=("TJ",)))
    house.send()
    said = {one.address: one.body for one in house.phone.sent}
    assert set(said) == {ONE, TWO, THREE}
    assert ["甲地" in said[one] and "乙地" in said[one] for one in (ONE, TWO, THREE)] == [False, False, True]
    assert (house.told(a), house.told(b)) == ({ids[0], ids[2]}, {ids[1], ids[2]})


def test_a_shared_number(house: House) -> None:
    """Two people behind one number, each with an alert of their own, get one notice that asks to pass it on."""
    first, second = house.scene.enrol(person(sms=(ONE,)), person(NewPosting("MW"), sms=(ONE,)))
    a = house.scene.by_rule(quiet("甲地停电"))
    b = house.scene.by_rule(quiet("乙地停水", countries=("MW",)))
    [said] = house.send()
    assert "多人登记共用" in said
    assert (house.told(a), house.told(b)) == ({first}, {second})


def unmergeable() -> list[dict[str, object]]:
    """Return what keeps a notice apart: no room, words that are nowhere else, a question, not the same language."""
    return [
        {"title_zh": "很长的提醒" * 40},
        {"source_id": None, "url": "", "level": 3, "hazard": "epidemic"},
        {"ask_safe": True},
        {"quiet": False},
    ]


@pytest.mark.parametrize("values", unmergeable(), ids=["too long", "own words", "asks", "breaks through"])
def test_what_goes_out_by_itself(house: House, values: dict[str, object]) -> None:
    """What does not fit, or would lose something, is a notice of its own; what breaks through the night is not waited for."""
    house.scene.enrol(person(sms=(ONE,)))
    house.scene.by_rule(quiet("甲地停电"))
    house.scene.by_rule(quiet("乙地停水", **values))
    assert house.merge() == 0
    assert len(house.send()) == 2


def test_an_approved_template_is_never_merged(house: House) -> None:
    """A provider at home sends what its carrier approved, one notice at a time."""
    house.scene.enrol(person(sms=(ONE,)))
    versions = two(house)
    with writing(house.scene.engine) as connection:
        connection.execute(update(DELIVERIES).values(channel="sms_cn"))
        connection.execute(update(TEXTS).values(template="first"))
    assert house.merge() == 0
    assert [house.states(one) for one in versions] == [[(READY, "")], [(READY, "")]]


def test_mails_are_put_one_after_the_other(house: House) -> None:
    """A merged mail has one subject, both texts whole, as words and as a page."""
    house.scene.enrol(person(email=("a@example.com",)))
    two(house, channels=("email",))
    house.send()
    [mail] = house.mail.sent
    assert mail.subject.endswith("】2条安全提醒：赞比亚")
    for words in ("甲地停电", "乙地停水"):
        assert words in mail.body
        assert words in mail.html
    assert mail.html.count("<html") == mail.html.count("</body>") == 1


def test_english_is_the_same(house: House) -> None:
    """Whoever reads English gets both in English."""
    house.scene.enrol(person(sms=(ONE,), language="en"))
    two(house)
    [said] = house.send()
    assert "You have 2 safety notices: 1) Zambia: " in said
    assert " Ref " in said


def end(house: House, how: str, version_id: int) -> None:
    """End or hold a version in one of the ways there are."""
    scene, now = house.scene, house.scene.clock.now()
    with writing(scene.engine) as connection:
        if how == "cancel":
            alerts.cancel(connection, version_id, scene.acting(OFFICER))
        elif how == "pause":
            pausing.pause(connection, scene.alert_of(version_id), scene.acting(OFFICER))
        elif how == "expire":
            versions = deliveries.VERSIONS
            connection.execute(update(versions).where(versions.c.id == version_id).values(send_by=now))
    if how == "correct":
        scene.by_rule(quiet("更正的话", kind=VersionKind.CORRECTION, follows=scene.alert_of(version_id), quiet=False))


@pytest.mark.parametrize("part", [0, 1], ids=["carrier", "carried"])
@pytest.mark.parametrize("how", ["cancel", "pause", "expire", "correct"])
def test_one_part_ends_before_it_leaves(house: House, how: str, part: int) -> None:
    """Whichever part is taken back while the merged notice waits, the other goes out with its own words, and only that."""
    house.scene.enrol(person(sms=(ONE,)))
    versions = two(house)
    assert house.merge() == 1
    end(house, how, versions[part])
    said = house.send()
    gone, stays = ("甲地停电", "乙地停水") if part == 0 else ("乙地停水", "甲地停电")
    old = [one for one in said if "更正的话" not in one]
    assert len(old) == 1
    assert stays in old[0]
    assert gone not in old[0]
    assert "2条" not in old[0]
    assert len(said) - len(old) == (how == "correct")
    assert house.people(versions[1 - part]) == {"delivered": 1}
    assert house.scene.status(versions[1 - part]) in ("sending", "done")
    assert house.books_hold()


def test_taken_apart_after_a_call_that_sent_nothing(house: House) -> None:
    """The hash of the first call still holds when the notice later leaves with its own words."""
    house.scene.enrol(person(sms=(ONE,)))
    a, b = two(house)
    house.phone.answer = lambda notice: NotSent("429", "slow down", retry_after=0.0)
    house.send()
    house.phone.answer = Recorder().answer
    end(house, "cancel", b)
    [said] = house.send()
    assert "甲地停电" in said
    assert "乙地停水" not in said
    assert len(house.scene.notices(a)) == 1
    assert house.books_hold()


def test_a_correction_of_the_second_alert_reaches_exactly_its_people(house: House) -> None:
    """After a merged notice left, the second alert's correction goes to those it was for, and to nobody else."""
    both, other = house.scene.enrol(person(NewPosting("ZM"), NewPosting("TJ"), sms=(ONE,)), person(sms=(TWO,)))
    a = house.scene.by_rule(quiet("甲地停电"))
    b = house.scene.by_rule(quiet("乙地停水", countries=("TJ",)))
    house.send()
    follows = house.scene.alert_of(b)
    values: dict[str, object] = {"kind": VersionKind.CORRECTION, "follows": follows, "quiet": False, "told_only": True}
    corrected = house.scene.by_rule(quiet("乙地更正", countries=("TJ",), **values))
    assert house.scene.people(corrected) == [both]
    assert house.told(a) == {both, other}
    [said] = house.send()
    assert "乙地更正" in said


def test_a_bad_number_moves_both_ladders(house: House) -> None:
    """When the carrier is refused, both alerts name it as not reached and both take the next way of the same person."""
    house.scene.enrol(person(sms=(ONE,), email=("a@example.com",)), person(sms=(TWO,)))
    versions = two(house, channels=("sms", "email"))
    house.phone.answer = lambda notice: Rejected("21211", "no such number")
    house.send()
    for version in versions:
        assert house.people(version) == {"not-reached": 2}
        assert house.gaps(version) == ["delivery-failed"]
        assert climb(house, version) == 1
        assert len([one for one in house.scene.notices(version) if one.channel == "email"]) == 1


def climb(house: House, version_id: int) -> int:
    """Climb as the engine does."""
    now = house.scene.clock.now()
    with writing(house.scene.engine) as connection:
        plan = alerts.plan_of(connection, house.scene.version(version_id), now, house.scene.acting(SYSTEM).transfer)
        return ladder.climb(connection, plan, scope.usable_addresses(SYSTEM), Patience(None, ("sms", "email")))


def test_run_twice_and_another_day(house: House) -> None:
    """A second look merges nothing anew, and three alerts are three parts of one."""
    house.scene.enrol(person(sms=(ONE,)))
    two(house)
    house.scene.by_rule(quiet("丙地罢工"))
    assert (house.merge(), house.merge()) == (2, 0)
    assert len(house.send()) == 1
    with reading(house.scene.engine) as connection:
        assert len(connection.execute(select(TEXTS).where(TEXTS.c.variant.startswith("merged-"))).all()) == 1


def test_the_most_urgent_carries(house: House) -> None:
    """The notice of level 3 comes first and carries that of level 2 of another situation, though it was made later."""
    house.scene.enrol(person(sms=(ONE,)))
    a = house.scene.by_rule(quiet("甲地停电"))
    b = house.scene.by_rule(quiet("乙地停水", level=3, hazard="epidemic"))
    [said] = house.send()
    assert said.index("乙地停水") < said.index("甲地停电")
    assert (house.states(a), house.states(b)) == ([(CANCELED, "merged")], [(ACCEPTED, "")])


def test_one_alert_sent_alone_is_not_merged(house: House) -> None:
    """Whoever sends one alert now gets it out now: it does not wait in another one's notice."""
    house.scene.enrol(person(sms=(ONE,)))
    _, b = two(house)
    asyncio.run(Dispatcher(house.office.tools(), alert_id=house.scene.alert_of(b)).drain(MORNING))
    assert [("乙地" in one.body, "甲地" in one.body) for one in house.phone.sent] == [(True, False)]


def test_two_senders_at_once(house: House) -> None:
    """Two dispatchers that wake at 07:00 together tell each person once, of both alerts."""
    numbers = [f"+2609700001{place:02d}" for place in range(12)]
    house.scene.enrol(*[person(sms=(one,)) for one in numbers])
    versions = two(house)

    async def both() -> None:
        await asyncio.gather(*(Dispatcher(house.office.tools()).drain(MORNING) for _ in range(2)))

    asyncio.run(both())
    assert sorted(one.address for one in house.phone.sent) == numbers
    assert all("您有2条" in one.body for one in house.phone.sent)
    assert all(house.people(version) == {"delivered": 12} for version in versions)


@pytest.mark.parametrize("left", [False, True], ids=["waiting", "left"])
def test_a_number_that_is_taken_back(house: House, left: bool) -> None:
    """When the number goes with a roster, the person who stays is told of both alerts at another number, each in its words."""
    [one] = house.scene.enrol(person(sms=(ONE, TWO)))
    versions = two(house)
    assert house.send() if left else house.merge() == 1
    with writing(house.scene.engine) as connection:
        rows = connection.execute(select(DELIVERIES.c.address_id).where(DELIVERIES.c.version_id == versions[0]))
        taken = TakenBack(people=(), addresses=(rows.scalars().one(),))
        done = undone.settle(connection, taken, house.scene.clock.now())
    assert (done.redirected, done.lost) == (1, ())
    house.send()
    said = [one.body for one in house.phone.sent if one.address == TWO]
    assert sorted(("甲地" in one, "乙地" in one) for one in said) == [(False, True), (True, False)]
    assert all(house.told(version) == {one} for version in versions)


def test_nothing_to_merge_costs_two_looks(house: House) -> None:
    """With one alert waiting, a sweep asks the database two questions more: in which mode it is, and what waits."""
    house.scene.enrol(person(sms=(ONE,)))
    house.scene.by_rule(quiet("甲地停电"))
    asked: list[str] = []
    with writing(house.scene.engine) as connection:
        listen(connection, asked)
        assert morning.merge(connection, house.office.settings, MORNING, house.scene.clock.now()) == 0
    assert len(asked) == 2


def listen(connection: Any, asked: list[str]) -> None:
    """Keep what a connection is asked."""

    def keep(_c: object, _cursor: object, statement: str, _p: object, _x: object, _many: object) -> None:
        asked.append(statement)

    event.listen(connection, "before_cursor_execute", keep)
