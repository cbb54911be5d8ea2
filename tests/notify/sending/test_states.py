"""The states of a delivery: every arrow of the design and no other, and receipts that commute."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select
from sqlmodel import SQLModel

from core.clock import FixedClock
from core.database import open_engine, reading, writing
from core.keys import MasterKeys
from core.tables import table
from notify import receipts, worker
from notify.channels.base import RANKS, Accepted, InDoubt, NotSent, Outgoing, Rejected, Result
from notify.receipts import Word
from notify.store import deliveries as store
from notify.store import outbox
from notify.tables import Delivery, DeliveryState, Receipt
from tests.notify.sending.house import House, Scripted, enrol_people, house, numbers

S = DeliveryState
SENT: list[Result] = [Accepted("SM1", "accepted")]
# DESIGN section 5. Beside it: the provider's own word (a receipt, or a worker's late acceptance) ends any doubt, also one
# that was given up or about to be sent again; and a paused worker's certainty settles a doubt it left behind.
ARROWS = {
    (S.PLANNED, S.READY), (S.READY, S.SENDING), (S.SENDING, S.ACCEPTED), (S.SENDING, S.READY), (S.SENDING, S.FAILED),
    (S.SENDING, S.UNKNOWN), (S.UNKNOWN, S.ACCEPTED), (S.UNKNOWN, S.READY), (S.UNKNOWN, S.UNRESOLVED),
    (S.UNRESOLVED, S.CANCELED), (S.PLANNED, S.EXPIRED), (S.READY, S.EXPIRED), (S.PLANNED, S.CANCELED),
    (S.READY, S.CANCELED), (S.READY, S.ACCEPTED), (S.UNRESOLVED, S.ACCEPTED), (S.UNKNOWN, S.FAILED),
}  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """One delivery that was claimed once, and what may happen to it."""

    home: House
    keys: MasterKeys

    @property
    def now(self) -> datetime:
        """Return the hour."""
        return self.home.office.clock.now()

    def job(self, token: int = 1) -> worker.Job:
        """Return the job of the first claim."""
        row = self.home.rows()[0]
        assert row.id is not None
        claimed = store.Claimed(row.id, row.version_id, row.text_id, row.channel, row.address_id, token, 1)
        return worker.Job(claimed, Outgoing(row.id, 1, "7K2QFX", "+1", "zh", "", "", "", 1), 1, self.now)

    def result(self, connection: Connection, result: Result) -> None:
        """Write what the worker heard."""
        if isinstance(result, Accepted):
            store.accept(
                connection, [worker.accepted_row(self.job(), result, Scripted(provider="twilio_sms"), self.now)]
            )
        else:
            store.settle(connection, [worker.settled_row(self.job(), result, self.now)])
            store.adopt_spoken_for(connection, self.now)

    def receipt(self, connection: Connection, status: str, code: str = "", sid: str = "SM1") -> None:
        """Take a receipt."""
        number = self.job().claimed.id
        word = Word(number, "twilio_sms", sid, status, code, {"MessageStatus": status, "ErrorCode": code}, "callback")
        assert receipts.accept(connection, word, self.keys, self.now)

    def verdict(self, connection: Connection, state: DeliveryState) -> None:
        """Write the verdict of the reconciler."""
        one = self.job().claimed
        row = {"b_id": one.id, "b_token": one.lease_token, "state": state, "reason": "", "due": None, "error_code": "",
               "updated_at": self.now}  # fmt: skip
        store.settle(connection, [row])


Act = Callable[[Bench, Connection], object]
ACTS: dict[str, Act] = {
    "claim": lambda b, c: store.claim(c, store.Lease("w", b.now, b.now + timedelta(seconds=90), 9), "sms"),
    "promote": lambda b, c: outbox.promote(c, b.now, b.now),
    "expire": lambda b, c: outbox.expire(c, b.now + timedelta(days=9)),
    "cancel": lambda b, c: outbox.cancel_unsent(c, b.home.rows()[0].version_id, b.now),
    "accepted": lambda b, c: b.result(c, Accepted("SM1", "accepted")),
    "not sent": lambda b, c: b.result(c, NotSent("429")),
    "in doubt": lambda b, c: b.result(c, InDoubt("500")),
    "rejected": lambda b, c: b.result(c, Rejected("21211")),
    "lease over": lambda b, c: store.lose_leases(c, b.now + timedelta(days=1)),
    "receipt": lambda b, c: b.receipt(c, "sent"),
    "call off": lambda b, c: store.call_off(c, b.now),
}


def make(engine: Engine, home: Path, clock: FixedClock, keys: MasterKeys) -> Bench:
    """Return an office with one delivery."""
    made = house(engine, home, clock, keys)
    enrol_people(made, numbers(1))
    made.release()
    return Bench(made, keys)


@pytest.fixture
def bench(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> Bench:
    """One delivery, on both databases."""
    return make(engine, tmp_path, clock, keys)


def reset(bench: Bench, state: str = S.SENDING) -> None:
    """Put the delivery back to where a worker has just claimed it, or into another state."""
    bench.home.put(
        state=state, reason="", lease_token=1, lease_until=bench.now, attempts=0 if state == S.PLANNED else 1, due=None,
        provider="", provider_id=None, provider_status="", provider_rank=0, error_code="", accepted_at=None, not_before=None,
    )  # fmt: skip


def test_every_arrow_and_no_other(bench: Bench) -> None:
    """Whatever happens to a delivery in whatever state, it moves along an arrow of the design; and every arrow is gone."""
    seen = set()
    for before, (name, act) in itertools.product(S, ACTS.items()):
        reset(bench, before)
        with writing(bench.home.office.engine) as connection:
            act(bench, connection)
        after = S(bench.home.states()[0])
        if after != before:
            assert (before, after) in ARROWS, f"{name}: {before} → {after}"
            seen.add((before, after))
    for state in (S.READY, S.UNRESOLVED):
        reset(bench, S.UNKNOWN)
        with writing(bench.home.office.engine) as connection:
            bench.verdict(connection, state)
        assert bench.home.states() == [state]
        seen.add((S.UNKNOWN, state))
    assert seen == ARROWS


WORDS = [("queued", ""), ("sending", ""), ("sent", ""), ("delivered", ""), ("undelivered", "30003"), ("undelivered", ""),
         ("failed", "30008"), ("read", ""), ("partially_delivered", ""), ("accepted", "")]  # fmt: skip
Event = tuple[str, str] | Result | str


def play(bench: Bench, events: Sequence[Event]) -> tuple[object, ...]:
    """Let events happen to a claimed delivery, each in a transaction of its own; return how it ends."""
    reset(bench)
    for event in events:
        with writing(bench.home.office.engine) as connection:
            if isinstance(event, tuple):
                bench.receipt(connection, *event)
            elif isinstance(event, str):
                store.lose_leases(connection, bench.now + timedelta(days=1))
            else:
                bench.result(connection, event)
    return end(bench)


def end(bench: Bench) -> tuple[object, ...]:
    """Return everything of the delivery that must not depend on the order."""
    row: Delivery = bench.home.rows()[0]
    return (
        row.state,
        row.reason,
        row.provider,
        row.provider_id,
        row.provider_status,
        row.provider_rank,
        row.error_code,
        row.due,
    )


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One delivery on SQLite, for many examples."""
    home = tmp_path_factory.mktemp("states")
    engine = open_engine(f"sqlite:///{home / 'test.db'}")
    SQLModel.metadata.create_all(engine)
    keys = MasterKeys({"test": bytes(range(32))}, "test")
    yield make(engine, home, FixedClock(datetime(2026, 11, 22, tzinfo=UTC)), keys)
    engine.dispose()


@st.composite
def two_orders(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """Draw some receipts and what the worker and the sweeper do, in two orders, the second with repeats of receipts."""
    told = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5, unique=True))
    ours: list[Event] = list(draw(st.sampled_from([
        SENT, [InDoubt("20500")], ["lease over"], [], ["lease over", *SENT], [NotSent("429")], [InDoubt("20500"), *SENT],
    ])))  # fmt: skip
    first = _mixed(draw, told, ours)
    again = told + draw(st.lists(st.sampled_from(told), max_size=3))
    return first, _mixed(draw, again, ours)


def _mixed(draw: st.DrawFn, told: Sequence[Event], ours: Sequence[Event]) -> list[Event]:
    """Mix receipts in any order among our own acts, which keep theirs."""
    mixed: list[Event] = list(draw(st.permutations(list(told))))
    at = 0
    for event in ours:
        at = draw(st.integers(at, len(mixed)))
        mixed.insert(at, event)
        at += 1
    return mixed


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=two_orders())
def test_receipts_commute(fast: Bench, orders: tuple[list[Event], list[Event]]) -> None:
    """In any order, repeated, before or after our own commit or a lost lease, receipts lead to the same end."""
    assert play(fast, orders[0]) == play(fast, orders[1])


def test_receipts_commute_on_both_databases(bench: Bench) -> None:
    """All orders of three receipts and our own commit, and of a doubt, end the same on SQLite and PostgreSQL."""
    for result in (Accepted("SM1", "accepted"), InDoubt("20500")):
        told: list[Event] = [("sent", ""), ("delivered", ""), ("undelivered", "30003"), result]
        ends = {play(bench, order) for order in itertools.permutations(told)}
        assert ends == {("accepted", "", "twilio_sms", "SM1", "delivered", RANKS["delivered"], "", None)}


def test_early_and_repeated_receipts_are_kept_once(bench: Bench) -> None:
    """Receipts before our own commit count; the same one again is not kept a second time, another one is."""
    with writing(bench.home.office.engine) as connection:
        for status in ("sent", "sent", "delivered"):
            bench.receipt(connection, status)
    with reading(bench.home.office.engine) as connection:
        kept = connection.execute(select(table(Receipt).c.status)).scalars().all()
    assert sorted(kept) == ["delivered", "sent"]


def test_a_receipt_stops_a_second_sending(bench: Bench) -> None:
    """A notice that was put back because the provider seemed not to have it is not sent again once a receipt came."""
    reset(bench, S.READY)
    with writing(bench.home.office.engine) as connection:
        bench.receipt(connection, "sent")
    sms = Scripted()
    bench.home.with_channels(sms).drain()
    assert (bench.home.states(), sms.calls) == ([S.ACCEPTED], [])
