"""The board equals a plain model of what was said, in whatever order and by whichever way it came."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, update

from core.clock import FixedClock
from core.database import open_engine, reading, writing
from core.errors import NotFound
from core.keys import MasterKeys
from notify.safety.board import Board, board
from notify.safety.model import PERSON, Answer, Means, Said, Word, standing
from notify.safety.take import take_answer
from notify.safety.tally import State, Tally
from notify.store.alerts import ALERTS
from notify.store.safety import unanswered
from registry.actors import SYSTEM
from registry.people import NewPosting
from tests.notify.alerts.scene import Scene, person
from tests.notify.made import draft
from tests.notify.safety.call import Call, contact

CREWS = 20
"""Of the people in the model the last ones share telephones by threes, this many telephones."""
OWN_WAYS = (Means.SMS, Means.WHATSAPP, Means.VOICE, Means.MAIL, Means.LINK)
LENGTH = 7200
CLOSED = 5400
"""Seconds: how long answers come in, and when the alert is closed."""


@dataclass(frozen=True)
class Event:
    """One answer in the model: to whom it refers, as a number into the people, or into the crews."""

    target: int
    crew: bool
    answer: Answer
    means: Means
    second: int
    repeated: int = 0


@dataclass
class Big:
    """A roll call of many people; nothing stays of what a test says in it."""

    call: Call
    crews: list[list[int]]
    home: dict[int, tuple[int, str]]


def model(big: Big, events: Sequence[Event]) -> dict[int, tuple[str, bool]]:
    """Work out by hand where everybody stands: state, and whether that word was late.

    Written without the program's own rules: a walk through time with one slot a person.
    """
    slots: dict[int, tuple[str, bool]] = dict.fromkeys(big.call.people, ("silent", False))
    weight = {Answer.SAFE: 0, Answer.UNCLEAR: 1, Answer.HELP: 2}
    told: list[tuple[int, int, bool, str, int, str]] = []
    for event in events:
        people = big.crews[event.target] if event.crew else [big.call.people[event.target]]
        shared = event.crew and event.means in OWN_WAYS
        answer = Answer.UNCLEAR if shared and event.answer is Answer.SAFE else event.answer
        told += [(event.second, weight[answer], shared, answer.value, one, event.means.value) for one in people]
    for second, _, _, said, one, _ in sorted(told):
        now = slots[one][0]
        if said == "unclear" and now in ("help", "safe"):
            continue
        slots[one] = (said, second >= CLOSED)
    return slots


def say(connection: Connection, big: Big, events: Sequence[Event]) -> None:
    """Let answers come in, in the order given; some of them more than once."""
    call = big.call
    for number, event in events_with_numbers(events):
        people = big.crews[event.target] if event.crew else [call.people[event.target]]
        by = PERSON if event.means in OWN_WAYS else "li"
        said = Said(event.answer, event.means, by, "话", call.now + timedelta(seconds=event.second), f"SM{number}")
        for _ in range(1 + event.repeated):
            take_answer(connection, call.alert_id, people, said, call.scene.keys)


def events_with_numbers(events: Sequence[Event]) -> list[tuple[int, Event]]:
    """Return the answers with the number of the provider's message: the same one for the same answer."""
    numbers = {one: number for number, one in enumerate(dict.fromkeys(events))}
    return [(numbers[one], one) for one in events]


def expected(big: Big, slots: dict[int, tuple[str, bool]], people: Sequence[int]) -> Tally:
    """Count the model."""
    states = Counter(slots[one][0] for one in people)
    late = sum(slots[one][1] for one in people)
    return Tally(len(people), 0, states["safe"], states["help"], states["unclear"], states["silent"], late)


def check(big: Big, found: Board, events: Sequence[Event]) -> None:
    """Hold the board against the model: each person, the total, each country and each company."""
    slots = model(big, events)
    assert {
        one.place.registrant_id: (one.state.value, bool(one.stands and one.stands.late)) for one in found.entries
    } == slots
    assert found.total == expected(big, slots, big.call.people)
    for index, groups in ((0, found.by_employer), (1, found.by_country)):
        homes = {home[index] for home in big.home.values()}
        assert groups == {
            home: expected(big, slots, [one for one in big.home if big.home[one][index] == home]) for home in homes
        }


def events_in(people: int, crews: int) -> st.SearchStrategy[Event]:
    """Return a strategy for answers by every way, in time and late."""
    alone = st.builds(
        Event, st.integers(0, people - 1), st.just(False), st.sampled_from(Answer), st.sampled_from(Means),
        st.integers(0, 30).map(lambda one: one * LENGTH // 30), st.integers(0, 1),
    )  # fmt: skip
    several = st.builds(
        Event, st.integers(0, crews - 1), st.just(True), st.sampled_from(Answer), st.sampled_from(Means),
        st.integers(0, 30).map(lambda one: one * LENGTH // 30), st.integers(0, 1),
    )  # fmt: skip
    return st.one_of(alone, alone, several)


class Undone(Exception):
    """Ends a trial: nothing of it stays."""


@pytest.fixture(scope="module")
def big(sqlite_tables: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Big]:
    """Give a roll call of 200 people, made once; those of the last 60 share telephones by threes."""
    path = tmp_path_factory.mktemp("big") / "roll.db"
    path.write_bytes(sqlite_tables)
    made = roll_call(open_engine(f"sqlite:///{path}"), 200)
    yield made
    made.call.scene.engine.dispose()


def roll_call(engine: Engine, count: int) -> Big:
    """Enrol people of three companies in two countries, ask them, and close the alert in time for late answers."""
    clock = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
    scene = Scene(engine, MasterKeys({"test": bytes(range(32))}, "test"), bytes(range(32, 64)), clock)
    scene.open_for_business()
    companies = [scene.employer(code) for code in ("A-1", "B-1", "C-1")]
    alone = count - 3 * CREWS
    homes = [(companies[number % 3], ("ZM", "KE")[number % 2]) for number in range(count)]
    numbers = [number if number < alone else alone + (number - alone) // 3 for number in range(count)]
    people = scene.enrol(*[
        person(NewPosting(country), sms=(f"+2609{number:08d}",), employer=company, name=f"示例{turn}")
        for turn, ((company, country), number) in enumerate(zip(homes, numbers, strict=True))
    ])  # fmt: skip
    version = scene.by_rule(draft(countries=("KE", "ZM"), channels=("sms",)))
    with writing(engine) as connection:
        connection.execute(update(ALERTS).values(closed_at=clock.now() + timedelta(seconds=CLOSED)))
    crews = [people[alone + 3 * turn : alone + 3 * turn + 3] for turn in range(CREWS)]
    call = Call(scene, scene.alert_of(version), version, people, companies[0], companies[1])
    return Big(call, crews, dict(zip(people, homes, strict=True)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_board_equals_the_model(big: Big, data: st.DataObject) -> None:
    """Two hundred people, up to eighty answers by all ways, in any order, repeated and late: the board is the model's."""
    events = data.draw(st.lists(events_in(200 - 3 * CREWS, CREWS), max_size=80))
    with suppress(Undone), writing(big.call.scene.engine) as connection:
        say(connection, big, data.draw(st.permutations(events)))
        check(big, board(connection, big.call.alert_id, SYSTEM), events)
        raise Undone


def test_ten_thousand(engine: Engine) -> None:
    """Ten thousand people and as many answers from a seed, shuffled, and two thousand on PostgreSQL: the board is the model's."""
    count, chance = 10_000 if engine.dialect.name == "sqlite" else 2_000, random.Random(20261122)
    big, alone = roll_call(engine, count), count - 3 * CREWS
    events = [
        Event(chance.randrange(alone), False, chance.choice(list(Answer)), chance.choice(list(Means)), chance.randrange(LENGTH),
              int(chance.random() < 0.1))
        for _ in range(count - 100)
    ] + [
        Event(chance.randrange(CREWS), True, chance.choice(list(Answer)), chance.choice(OWN_WAYS), chance.randrange(LENGTH))
        for _ in range(100)
    ]  # fmt: skip
    chance.shuffle(events)
    with writing(engine) as connection:
        say(connection, big, events)
    with reading(engine) as connection:
        found = board(connection, big.call.alert_id, SYSTEM)
        silent = set(connection.execute(unanswered(big.call.alert_id)).scalars())
    check(big, found, events)
    assert silent == {one.place.registrant_id for one in found.entries if one.state is State.SILENT}


def test_the_order_of_words_does_not_matter() -> None:
    """What stands of a person depends on when it was said, and not on when it was read."""
    chance, start = random.Random(7), datetime(2026, 11, 22, tzinfo=UTC)
    for _ in range(200):
        words = [
            Word(chance.choice(list(Answer)), chance.choice(list(Means)), "li", start + timedelta(seconds=chance.randrange(4)),
                 shared=chance.random() < 0.3)
            for _ in range(6)
        ]  # fmt: skip
        first = standing(words)
        chance.shuffle(words)
        assert standing(words) == first


def test_thanks_after_an_answer_moves_nothing(call: Call) -> None:
    """谢谢 after 1 leaves the person safe, and is shown as said since; after 2 they still need help; 2 after 1 counts at once."""
    one, two = call.people[0], call.people[1]
    call.say(Answer.SAFE, one, words="1")
    call.say(Answer.UNCLEAR, one, words="谢谢", after=60)
    call.say(Answer.HELP, two, words="2")
    call.say(Answer.UNCLEAR, two, words="收到", after=60)
    assert call.states([one, two]) == [State.SAFE, State.HELP]
    since = call.of(one).said_since
    assert since is not None
    assert since.answer is Answer.UNCLEAR
    call.say(Answer.HELP, one, words="2", after=120)
    assert call.states([one]) == [State.HELP]
    assert call.of(one).said_since is None


def test_asking_again_makes_old_words_count_no_more() -> None:
    """Safe and unclear words from before an update asked again leave nothing known; a call for help stands until a word says safe,
    and one that was taken back before stays taken back."""
    start = datetime(2026, 11, 22, tzinfo=UTC)
    again = start + timedelta(hours=2)

    def said(*told: tuple[Answer, int]) -> Answer | None:
        words = [Word(answer, Means.SMS, PERSON, start + timedelta(hours=hour)) for answer, hour in told]
        stands = standing(words, again)
        return None if stands is None else stands.answer

    assert said((Answer.SAFE, 0)) is None
    assert said((Answer.UNCLEAR, 0)) is None
    assert said((Answer.HELP, 0)) is Answer.HELP
    assert said((Answer.HELP, 0), (Answer.SAFE, 1)) is None
    assert said((Answer.SAFE, 0), (Answer.UNCLEAR, 3)) is Answer.UNCLEAR
    assert said((Answer.HELP, 0), (Answer.UNCLEAR, 3)) is Answer.HELP
    assert said((Answer.HELP, 0), (Answer.SAFE, 3)) is Answer.SAFE


def test_a_company_sees_its_own_part(call: Call) -> None:
    """Its own people with their states, and nothing of the others; an alert for nobody of its own is not there."""
    call.say(Answer.SAFE, call.people[0])
    call.say(Answer.HELP, call.people[6])
    mine = call.board(contact(call.a))
    assert {one.place.registrant_id for one in mine.entries} == set(call.people[:5])
    assert mine.total == Tally(asked=5, safe=1, silent=4)
    assert list(mine.by_employer) == [call.a]
    theirs = call.scene.employer("C-1")
    with pytest.raises(NotFound):
        call.board(contact(theirs))


def test_the_board_is_in_the_order_of_work(call: Call) -> None:
    """Who needs help comes first, then the silent, the unclear, and the safe; groups with most need come first."""
    for answer, number in ((Answer.SAFE, 0), (Answer.HELP, 8), (Answer.UNCLEAR, 1)):
        call.say(answer, call.people[number])
    found = call.board()
    states = [one.state for one in found.entries]
    assert states == [State.HELP, *[State.SILENT] * 9, State.UNCLEAR, State.SAFE]
    assert list(found.by_country) == ["KE", "ZM"]
    assert found.by_country["KE"] == Tally(asked=6, help=1, silent=5)
    assert {one.place.country for one in call.board(country="ZM").entries} == {"ZM"}
    assert replace(found.total, late=0) == Tally(asked=12, safe=1, help=1, unclear=1, silent=9)
